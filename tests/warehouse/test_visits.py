"""Visits and where they came from, against worked-out numbers and a real web log."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from muster.collector import actor
from muster.warehouse import sources
from muster.warehouse.metrics import Scope, evaluate
from muster.warehouse.visits import on_pages
from tests.warehouse.world import World

SHOP = "https://shop.example"
LOG_LINE = re.compile(
    r'^(?P<ip>\S+) \S+ \S+ \[(?P<at>[^\]]+)\] "\S+ (?P<path>\S+)[^"]*" \d+ \S+ '
    r'"(?P<referrer>[^"]*)" "(?P<agent>.*)"$'
)


def numbers(world: World, *keys: str, **scope) -> list[float | None]:
    found = evaluate(world.db, keys, Scope(**scope))
    return [float(found[key].value) if found[key].value is not None else None for key in keys]


class TestVisits:
    def look(self, world, who, at, url="/", **more):
        world.event(who, "Page Viewed", f"2026-06-{at}", url=SHOP + url, **more)

    def test_end_after_thirty_minutes_of_rest(self):
        world = World()
        self.look(world, 1, "01 10:00:00")
        self.look(world, 1, "01 10:30:00")
        self.look(world, 1, "01 11:00:01")
        assert numbers(world, "visits", "page_views", "visitors") == [2, 3, 1]

    def test_go_on_while_the_page_is_read(self):
        world = World()
        self.look(world, 1, "01 10:00:00")
        world.event(1, "Page Left", "2026-06-01 10:25:00", url=SHOP, seconds=1500, depth=80)
        self.look(world, 1, "01 10:50:00")
        assert numbers(world, "visits", "seconds_per_visit") == [1, 1500]

    def test_may_bring_bytes_that_are_no_text(self):
        world = World()
        self.look(world, 1, "01 10:00:00", "/?utm_source=%ff&utm_medium=%E9%82%AE")
        self.look(world, 2, "01 10:00:00", "/?utm_source=%E4%B8&utm_medium=email")
        assert numbers(world, "visits") == [2]
        rows = on_pages(world.db.table("events")).to_pyarrow().to_pylist()
        assert {(row["landing_utm_source"], row["landing_utm_medium"]) for row in rows} == {
            ("%ff", "邮"),
            ("%E4%B8", "email"),
        }

    def test_go_on_over_midnight(self):
        world = World()
        self.look(world, 1, "01 23:50:00")
        self.look(world, 1, "02 00:10:00")
        second = datetime(2026, 6, 2, tzinfo=UTC)
        assert numbers(world, "visits") == [1]
        assert numbers(world, "visits", "page_views", start=second) == [0, 1]

    def test_begin_anew_with_another_campaign_but_not_with_the_same(self):
        world = World()
        self.look(world, 1, "01 10:00:00", "/?utm_source=edm&utm_campaign=a")
        self.look(world, 1, "01 10:05:00", "/cart?utm_source=edm&utm_campaign=a")
        self.look(world, 1, "01 10:06:00", "/pay")
        self.look(world, 1, "01 10:07:00", "/?utm_source=xhs&utm_campaign=a")
        assert numbers(world, "visits") == [2]

    def test_of_one_page_and_of_machines(self):
        world = World()
        self.look(world, 1, "01 10:00:00")
        self.look(world, 2, "01 10:00:00")
        self.look(world, 2, "01 10:01:00")
        self.look(world, 3, "01 10:00:00")
        self.look(world, 9, "01 10:00:00", actor="machine")
        assert numbers(world, "visits", "one_page_rate", "pages_per_visit") == [
            3,
            pytest.approx(2 / 3),
            pytest.approx(4 / 3),
        ]

    def test_of_people_who_had_come_before_the_period(self):
        world = World()
        self.look(world, 1, "01 10:00:00")
        self.look(world, 1, "05 10:00:00")
        self.look(world, 2, "05 10:00:00")
        start = datetime(2026, 6, 3, tzinfo=UTC)
        keys = ("visitors", "new_visitors", "returning_visitors")
        assert numbers(world, *keys, start=start) == [2, 1, 1]

    def test_a_page_left_open_counts_half_an_hour_at_most(self):
        world = World()
        self.look(world, 1, "01 10:00:00")
        world.event(1, "Page Left", "2026-06-01 10:20:00", url=SHOP, seconds=80_000)
        assert numbers(world, "seconds_per_visit") == [1800]


@pytest.fixture(scope="module")
def log(shared_data):
    """Every line of a real web log."""
    lines = gzip.decompress((shared_data / "web_log" / "access.log.gz").read_bytes()).decode()
    found = [LOG_LINE.match(line) for line in lines.splitlines()]
    assert all(found)
    return [one.groupdict() for one in found if one]


@pytest.fixture(scope="module")
def reference(shared_data):
    """What was counted in it elsewhere."""
    return json.loads((shared_data / "web_log" / "reference.json").read_text())


class TestARealWebLog:
    def visits(self, log, machine) -> tuple[float, float]:
        world = World()
        people: dict[tuple[str, str], int] = {}
        rows = [
            {
                "event_id": number,
                "person_id": people.setdefault((hit["ip"], hit["agent"]), len(people) + 1),
                "at": datetime.strptime(hit["at"], "%d/%b/%Y:%H:%M:%S %z").replace(tzinfo=None),
                "actor": "machine" if machine(hit["agent"]) else "human",
                # Without its query: the reference knows no rule of campaigns.
                "url": "http://semicomplete.com" + hit["path"].partition("?")[0],
            }
            for number, hit in enumerate(log)
        ]
        world.con.register("log", pa.Table.from_pylist(rows))
        world.con.execute(
            "INSERT INTO events BY NAME SELECT *, 'Page Viewed' AS name, 'key:web' AS source FROM log"
        )
        visits, views = numbers(world, "visits", "page_views")
        return visits, views

    def test_has_as_many_visits_as_counted_elsewhere(self, log, reference):
        visits, views = self.visits(log, lambda agent: False)
        assert (visits, views) == (reference["sessions_30min_by_ip_and_ua"], reference["lines"])

    def test_has_as_many_visits_of_people_when_machines_are_named_alike(
        self, log, reference, shared_data
    ):
        file = shared_data / "user_agents" / "crawler-user-agents.json.gz"
        patterns = [entry["pattern"] for entry in json.loads(gzip.decompress(file.read_bytes()))]
        known = re.compile("|".join(patterns))
        machines = {hit["agent"] for hit in log if known.search(hit["agent"])}
        assert len(machines) == reference["bot_user_agents"]
        visits, views = self.visits(log, machines.__contains__)
        assert (visits, views) == (reference["human_sessions"], reference["human_hits"])
        ours = {hit["agent"] for hit in log if actor.machine_family(hit["agent"])}
        # A picture that Gmail fetches may be fetched for somebody: that is not known.
        assert all("GoogleImageProxy" in agent for agent in machines - ours)

    def test_comes_from_where_it_was_said_elsewhere(self, log, reference):
        site = "http://www.semicomplete.com/"
        origins = [
            sources.origin(sources.landing(site, hit["referrer"]))
            for hit in log
            if hit["referrer"] != "-"
        ]
        kinds = Counter(one.kind for one in origins)
        assert kinds["none"] == reference["own_referrer"]
        wanted = reference["external_by_medium"]
        assert (kinds["search"], kinds["social"], kinds["site"]) == (
            wanted["search"],
            wanted["social"],
            wanted["unknown"],
        )
        terms = sum(bool(sources.search_term(hit["referrer"])) for hit in log)
        assert terms == reference["search_terms_found"]

    def test_has_as_many_tagged_hits(self, log, reference):
        tagged = Counter(
            found.utm_source
            for hit in log
            if "utm_" in hit["path"] and (found := sources.landing("http://x" + hit["path"]))
        )
        assert tagged == reference["utm_sources"]
