from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.kit.errors import Invalid, NotFound
from muster.warehouse import segments
from muster.warehouse.compile import Context, check
from muster.warehouse.explain import explain
from muster.warehouse.following import Place, place
from muster.warehouse.lint import Known, lint
from muster.warehouse.plain import Plain, Someone
from muster.warehouse.rules import parse
from tests.warehouse.world import NOW, World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def people(world: World, rule: object, **context: object) -> list[int]:
    found = segments.people(world.db, parse(rule), Context(NOW, **context)).to_pylist()
    assert segments.count(world.db, parse(rule), Context(NOW, **context)) == len(found)
    return found


@pytest.fixture
def world():
    world = World()
    world.trait("city", "text")
    world.trait("age", "number")
    world.trait("plan", "text")
    world.trait("vip", "boolean")
    world.trait("joined", "time")
    world.person(1, city="Shanghai", age=30, plan="007", vip=True, joined="2026-06-01 00:00")
    world.person(2, city="shanghai pudong", age=17.5, plan="7", vip=False)
    world.person(3, plan="many", joined="2020-02-29 20:00")
    world.person(4, known=False, city="Shanghai", age=30)
    return world


class TestConditionsOnTraits:
    @pytest.mark.parametrize(
        ("name", "op", "value", "wanted"),
        [
            ("city", "eq", "Shanghai", [1]),
            ("city", "ne", "Shanghai", [2, 3]),
            ("city", "in", ["Shanghai", "Beijing"], [1]),
            ("city", "not_in", ["Shanghai", "Beijing"], [2, 3]),
            ("city", "contains", "SHANG", [1, 2]),
            ("city", "not_contains", "pudong", [1, 3]),
            ("city", "starts_with", "Shang", [1]),
            ("city", "ends_with", "pudong", [2]),
            ("city", "exists", None, [1, 2]),
            ("city", "missing", None, [3]),
            ("age", "gt", 17.5, [1]),
            ("age", "between", [17.5, 30], [1, 2]),
            ("age", "eq", "30", [1]),
            ("age", "eq", "thirty", []),
            ("age", "contains", "17", [2]),
            ("plan", "eq", 7, [1, 2]),
            ("plan", "eq", "7", [2]),
            ("plan", "gt", 3, [1, 2]),
            ("plan", "ne", 7, [3]),
            ("plan", "gt", "6", [2, 3]),
            ("plan", "in", [7, "many"], [1, 2, 3]),
            ("vip", "eq", True, [1]),
            ("vip", "eq", "false", [2]),
            ("vip", "ne", True, [2, 3]),
            ("joined", "within_last", "30d", [1]),
            ("joined", "not_within_last", "30d", [3]),
            ("joined", "before", "2026-01-01", [3]),
            ("joined", "after", "2026-01-01", [1]),
            ("joined", "eq", "2026-06-01T08:00:00+08:00", [1]),
            ("unheard_of", "eq", 5, []),
            ("unheard_of", "ne", 5, [1, 2, 3]),
            ("unheard_of", "missing", None, [1, 2, 3]),
        ],
    )
    def test_mean_these_people(self, world, name, op, value, wanted):
        rule = {"trait": name, "op": op} | ({} if value is None else {"value": value})
        assert people(world, rule) == wanted

    def test_know_no_one_but_known_people(self, world):
        assert people(world, {"trait": "city", "op": "eq", "value": "Shanghai"}) == [1]

    def test_begin_days_where_the_team_is(self):
        world = World()
        world.trait("when", "text")
        world.person(1, when="2026-06-14T16:30:00Z")
        world.person(2, when="2026-06-15")
        world.person(3, when="2026-06-14")
        rule = {"trait": "when", "op": "within_last", "value": "today"}
        assert people(world, rule, time_zone=SHANGHAI) == [1, 2]
        assert people(world, rule) == [2]

    def test_keep_a_leap_day_on_the_28th_in_other_years(self):
        world = World()
        world.trait("birthday", "text")
        world.person(1, birthday="2000-02-29")
        world.person(2, birthday="1990-12-31")
        rule = parse({"trait": "birthday", "op": "anniversary_within", "value": "3d"})
        for now, wanted in [
            (datetime(2026, 2, 25, tzinfo=UTC), [1]),
            (datetime(2024, 2, 25, tzinfo=UTC), []),
            (datetime(2026, 12, 30, tzinfo=UTC), [2]),
            (datetime(2026, 12, 28, tzinfo=UTC), [2]),
        ]:
            assert segments.people(world.db, rule, Context(now)).to_pylist() == wanted


class TestConditionsOnWhoSomebodyIs:
    def test_are_answered_by_the_record_store(self, world):
        asked = []

        def matches(trait):
            asked.append((trait.name, trait.op, trait.value))
            return pa.array([2, 3, 3, 99])

        rule = {"trait": "email", "op": "contains", "value": "@qq.com"}
        assert people(world, rule, identity_matches=matches) == [2, 3]
        assert set(asked) == {("email", "contains", "@qq.com")}

    def test_ask_for_the_opposite_of_a_negative(self, world):
        asked = set()

        def matches(trait):
            asked.add(trait.op)
            return [2]

        for op in ("ne", "not_contains"):
            rule = {"trait": "name", "op": op, "value": "Li"}
            assert people(world, rule, identity_matches=matches) == [1, 3]
        assert people(world, {"trait": "phone", "op": "missing"}, identity_matches=matches) == [
            1,
            3,
        ]
        assert asked == {"eq", "contains", "exists"}


class TestConditionsOnOtherSegments:
    def test_take_their_rule_or_their_list(self, world):
        meant = {
            "seg_rule": parse({"trait": "city", "op": "exists"}),
            "seg_list": [2, 3],
            "seg_both": parse({"all": [{"segment": "seg_rule"}, {"segment": "seg_list"}]}),
        }
        rule = {"any": [{"segment": "seg_both"}, {"not": {"segment": "seg_rule"}}]}
        assert people(world, rule, segment_rule=meant.__getitem__) == [2, 3]

    def test_refuse_a_circle_and_name_it(self, world):
        meant = {"a": parse({"segment": "b"}), "b": parse({"not": {"segment": "a"}})}
        context = Context(NOW, segment_rule=meant.__getitem__)
        with pytest.raises(Invalid, match="a → b → a"):
            segments.count(world.db, parse({"segment": "a"}), context)
        with pytest.raises(Invalid, match="a → b → a"):
            check(meant["a"], context, within=["a"])


class TestConditionsOnMessages:
    @pytest.fixture
    def world(self):
        world = World()
        for person in (1, 2, 3, 4):
            world.person(person)
        for person, hour in [(1, 1), (1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4), (3, 4)]:
            more = {"message_id": f"m{person}-{hour}", "send_id": f"snd_{hour}"}
            world.event(person, "Message Sent", f"2026-06-01 0{hour}:00", **more)
            if (person == 1 and hour > 1) or (person, hour) == (3, 4):
                world.event(person, "Message Opened", f"2026-06-01 0{hour}:30", **more)
            if person == 2:
                world.event(
                    person, "Message Opened", f"2026-06-01 0{hour}:00", **more, actor="machine"
                )
        return world

    @pytest.mark.parametrize(
        ("message", "wanted"),
        [
            ({"send": "snd_4", "state": "sent"}, [1, 2, 3]),
            ({"send": "snd_4", "state": "opened"}, [1, 3]),
            ({"send": "snd_4", "state": "not_opened"}, [2]),
            ({"send": "snd_4", "state": "bounced"}, []),
            ({"last": 3, "state": "opened"}, [1]),
            ({"last": 4, "state": "opened"}, []),
            ({"last": 3, "state": "not_opened"}, [2]),
            ({"last": 1, "state": "opened"}, [1, 3]),
        ],
    )
    def test_mean_these_people(self, world, message, wanted):
        assert people(world, {"message": message}) == wanted


class TestChance:
    def test_draws_the_same_people_for_the_same_salt(self):
        world = World()
        world.con.execute(
            "INSERT INTO profiles (person_id, known) SELECT range, true FROM range(20000)"
        )
        drawn = people(world, {"random": {"percent": 10, "salt": "a"}})
        assert drawn == people(world, {"random": {"percent": 10, "salt": "a"}})
        assert 1_850 < len(drawn) < 2_150
        both = set(drawn) & set(people(world, {"random": {"percent": 10, "salt": "b"}}))
        assert 130 < len(both) < 270
        assert set(drawn) < set(people(world, {"random": {"percent": 20, "salt": "a"}}))


@pytest.fixture(scope="module")
def market():
    world = World()
    world.trait("city", "text")
    world.con.execute(
        """
        SELECT setseed(0.5);
        INSERT INTO profiles (person_id, known, t0, email_hash, phone_region)
        SELECT range, range % 50 <> 0, ['Shanghai', 'Beijing', 'Hangzhou', NULL][1 + range % 4],
               CASE WHEN range % 3 = 0 THEN 'h' END, CASE WHEN range % 5 = 0 THEN 'CN' END
        FROM range(2000);
        INSERT INTO events (event_id, "at", received_at, person_id, name, actor, currency,
                            revenue, props)
        SELECT range, TIMESTAMP '2026-06-15 12:00' - to_minutes(CAST(random() * 200000 AS INT)),
               TIMESTAMP '2026-06-15', CAST(random() * 2000 AS INT),
               ['Order Completed', 'Product Viewed', 'Page Viewed'][1 + range % 3],
               CASE WHEN range % 17 = 0 THEN 'machine' ELSE 'human' END,
               CASE WHEN range % 2 = 0 THEN 'CNY' ELSE 'USD' END, range % 400,
               json_object('category', ['shoes', 'hats'][1 + range % 2], 'price', range % 90)
        FROM range(20000);
        INSERT INTO tags SELECT range, 'vip', now() FROM range(0, 2000, 7);
        INSERT INTO consents SELECT range, 'email', 'marketing',
               CASE WHEN range % 4 = 0 THEN 'withdrawn' ELSE 'granted' END, now(), '', NULL, false
        FROM range(0, 2000, 3);
        """
    )
    return world


class TestARuleAgainstHandWrittenSql:
    ORDERS = "name = 'Order Completed' AND actor <> 'machine'"

    @pytest.mark.parametrize(
        ("rule", "condition"),
        [
            (
                {"event": "Order Completed", "within": "90d", "count": {"gte": 3}},
                f"(SELECT count(*) FROM events e WHERE e.person_id = p.person_id AND {ORDERS}"
                " AND e.at >= TIMESTAMP '2026-06-15 12:00' - INTERVAL 90 DAY) >= 3",
            ),
            (
                {"event": "Order Completed", "within": "30d", "count": {"eq": 0}},
                f"NOT EXISTS (FROM events e WHERE e.person_id = p.person_id AND {ORDERS}"
                " AND e.at >= TIMESTAMP '2026-06-15 12:00' - INTERVAL 30 DAY)",
            ),
            (
                {"event": "Order Completed", "count": {"lte": 2}},
                f"(SELECT count(*) FROM events e WHERE e.person_id = p.person_id AND {ORDERS}) <= 2",
            ),
            (
                {"event": "Order Completed", "sum": {"property": "revenue", "gte": 900}},
                "(SELECT sum(revenue) FROM events e WHERE e.person_id = p.person_id"
                f" AND {ORDERS}) >= 900",
            ),
            (
                {"event": "Order Completed", "avg": {"property": "price", "between": [40, 50]}},
                "(SELECT avg((props->>'$.price')::INT) FROM events e"
                f" WHERE e.person_id = p.person_id AND {ORDERS}) BETWEEN 40 AND 50",
            ),
            (
                {
                    "event": "Product Viewed",
                    "where": [
                        {"property": "category", "op": "eq", "value": "shoes"},
                        {"property": "price", "op": "gte", "value": 60},
                    ],
                    "count": {"gte": 2},
                },
                "(SELECT count(*) FROM events e WHERE e.person_id = p.person_id"
                " AND name = 'Product Viewed' AND actor <> 'machine'"
                " AND (props->>'$.category') = 'shoes' AND (props->>'$.price')::INT >= 60) >= 2",
            ),
            (
                {"event": "Order Completed", "first": {"after": "2026-05-01"}},
                "(SELECT min(e.at) FROM events e WHERE e.person_id = p.person_id"
                f" AND {ORDERS}) > TIMESTAMP '2026-05-01'",
            ),
            (
                {"event": "Page Viewed", "last": {"before": "2026-05-01"}},
                "(SELECT max(e.at) FROM events e WHERE e.person_id = p.person_id"
                " AND name = 'Page Viewed' AND actor <> 'machine') < TIMESTAMP '2026-05-01'",
            ),
            (
                {"all": [{"tag": "vip"}, {"trait": "city", "op": "in", "value": ["Shanghai"]}]},
                "EXISTS (FROM tags t WHERE t.person_id = p.person_id AND tag = 'vip')"
                " AND t0 = 'Shanghai'",
            ),
            (
                {
                    "any": [
                        {"trait": "city", "op": "ne", "value": "Beijing"},
                        {"consent": {"channel": "email", "purpose": "marketing"}},
                    ]
                },
                "t0 IS DISTINCT FROM 'Beijing' OR EXISTS (FROM consents c"
                " WHERE c.person_id = p.person_id AND state = 'granted')",
            ),
            (
                {"not": {"any": [{"tag": "vip"}, {"event": "Order Completed", "within": "60d"}]}},
                "NOT EXISTS (FROM tags t WHERE t.person_id = p.person_id)"
                f" AND NOT EXISTS (FROM events e WHERE e.person_id = p.person_id AND {ORDERS}"
                " AND e.at >= TIMESTAMP '2026-06-15 12:00' - INTERVAL 60 DAY)",
            ),
            (
                {
                    "all": [
                        {"event": "Page Viewed", "within": "30d"},
                        {"event": "Order Completed", "within": "this_month", "count": {"eq": 0}},
                        {"trait": "city", "op": "missing"},
                    ]
                },
                "EXISTS (FROM events e WHERE e.person_id = p.person_id AND name = 'Page Viewed'"
                " AND actor <> 'machine' AND e.at >= TIMESTAMP '2026-06-15 12:00' - INTERVAL 30 DAY)"
                f" AND NOT EXISTS (FROM events e WHERE e.person_id = p.person_id AND {ORDERS}"
                " AND e.at >= TIMESTAMP '2026-06-01' AND e.at < TIMESTAMP '2026-07-01')"
                " AND t0 IS NULL",
            ),
        ],
    )
    def test_means_the_same_people(self, market, rule, condition):
        sql = f"SELECT person_id FROM profiles p WHERE known AND ({condition}) ORDER BY person_id"
        wanted = [row[0] for row in market.con.execute(sql).fetchall()]
        assert 0 < len(wanted) < 1960
        assert people(market, rule) == wanted

    def test_reaches_those_who_agreed_and_have_an_address(self, market):
        market.con.execute(
            "INSERT INTO consents VALUES (5, 'sms', 'marketing', 'granted', now(), '', NULL, false)"
        )
        everyone = parse({"random": {"percent": 100}})
        wanted = market.con.execute(
            "SELECT count(*) FROM profiles JOIN consents USING (person_id)"
            " WHERE known AND channel = 'email' AND state = 'granted' AND email_hash IS NOT NULL"
        ).fetchone()[0]
        reached = segments.reachable(market.db, everyone, Context(NOW))
        assert reached == {"email": wanted, "sms": 1}

    def test_falls_step_by_step_to_its_count(self, market):
        rule = parse(
            {
                "all": [
                    {"trait": "city", "op": "exists"},
                    {"event": "Order Completed", "within": "60d"},
                    {"not": {"tag": "vip"}},
                ]
            }
        )
        fall = segments.waterfall(market.db, rule, Context(NOW))
        assert fall.everyone == 1960
        lefts = [step.left for step in fall.steps]
        for i, left in enumerate(lefts):
            part = type(rule)(rule.rules[: i + 1])
            assert left == segments.count(market.db, part, Context(NOW))
        assert fall.everyone - sum(step.removed for step in fall.steps) == lefts[-1]

    def test_shows_a_sample_that_stays_and_can_be_changed(self, market):
        rule = parse({"tag": "vip"})
        first = segments.sample(market.db, rule, Context(NOW), 7).to_pylist()
        assert first == segments.sample(market.db, rule, Context(NOW), 7).to_pylist()
        assert first != segments.sample(market.db, rule, Context(NOW), 7, seed="again").to_pylist()
        assert len(set(first)) == 7
        assert set(first) <= set(people(market, {"tag": "vip"}))


class TestSomePeople:
    """What a few people did is copied aside: of old events without what only new ones are asked."""

    def test_are_asked_about_old_and_new_events_alike(self):
        world = World()
        for person in (1, 2, 3, 4):
            world.person(person)
        world.event(1, "Order Completed", "2025-06-01 10:00", revenue=70)
        world.event(1, "View", "2026-06-10 10:00", category="shoes")
        world.event(2, "Order Completed", "2026-06-14 10:00", revenue=20)
        world.event(2, "View", "2026-01-10 10:00", category="shoes")
        world.event(2, "View", "2026-06-10 10:00", category="hats")
        world.event(3, "Order Completed", "2025-06-01 10:00", revenue=70)
        world.event(3, "View", "2026-06-10 10:00", category="shoes")
        world.event(4, "Search", "2026-06-01 12:00", text="boots")
        world.event(4, "Search", "2025-12-17 12:00", text="boots")
        bought = {"event": "Order Completed"}
        viewed = {
            "event": "View",
            "where": [{"property": "category", "op": "eq", "value": "shoes"}],
        }
        sought = {"event": "Search", "where": [{"property": "text", "op": "eq", "value": "boots"}]}
        rules = [
            bought,
            {**bought, "sum": {"property": "revenue", "gte": 50}},
            {**viewed, "within": "14d"},
            {**sought, "within": "180d", "count": {"gte": 2}},
            {**bought, "within": "30d"},
        ]
        found = segments.memberships(
            world.db, [parse(rule) for rule in rules], Context(NOW), among=pa.array([1, 2, 4])
        )
        assert [sorted(one.to_pylist()) for one in found] == [[1, 2], [1], [1], [4], [2]]

    def test_are_asked_about_a_property_ever(self):
        world = World()
        for person in (1, 2):
            world.person(person)
        world.event(1, "View", "2024-06-10 10:00", category="shoes")
        world.event(2, "View", "2026-06-10 10:00", category="hats")
        viewed = {
            "event": "View",
            "where": [{"property": "category", "op": "eq", "value": "shoes"}],
        }
        rules = [viewed, {"event": "View", "within": "30d"}]
        found = segments.memberships(
            world.db, [parse(rule) for rule in rules], Context(NOW), among=pa.array([1, 2])
        )
        assert [sorted(one.to_pylist()) for one in found] == [[1], [2]]

    def test_are_asked_about_properties_whatever_they_are_called(self):
        world = World()
        for person in (1, 2, 3):
            world.person(person)
        said = {
            1: {"size": "41", "Size": "42", 'it\'s "so"': "yes", "a/b~c": "1"},
            2: {"size": "42", "Size": "41", "box": {"size": "9"}},
            3: {"Size": "42", "box.size": "9"},
        }
        for person, props in said.items():
            world.event(person, "View", "2026-06-10 10:00", **props)
            world.event(person, "View", "2026-06-11 10:00", total="2.5")
        # Of another name: it has the property, but is not asked for it.
        world.event(2, "Search", "2026-06-10 10:00", size="41")

        def where(name, value):
            return {"event": "View", "where": [{"property": name, "op": "eq", "value": value}]}

        rules = [
            where("size", "41"),
            where("Size", "42"),
            where('it\'s "so"', "yes"),
            where("a/b~c", "1"),
            where("box.size", "9"),
            {"event": "View", "sum": {"property": "total", "gte": 2.5}},
            {"event": "Search"},
        ]
        found = segments.memberships(
            world.db, [parse(rule) for rule in rules], Context(NOW), among=pa.array([1, 2, 3])
        )
        people = [sorted(one.to_pylist()) for one in found]
        assert people == [[1], [1, 3], [1], [1], [2, 3], [1, 2, 3], [2]]


class TestTheEndOfTheEvents:
    def test_is_found_from_wherever_one_looked_before(self):
        world = World()
        world.person(1)
        empty = place(world.db)
        world.event(1, "View", "2026-06-10 10:00")
        world.event(1, "View", "2026-06-11 10:00")
        two = place(world.db)
        assert (empty.rows, two.rows) == (0, 2)
        # From there, from before it, and from rows that tables of another name had.
        for before in ([two], [empty], [empty, two], [Place("other", 7)], [Place("other", 1), two]):
            assert place(world.db, before) == two
        world.event(1, "View", "2026-06-12 10:00")
        assert place(world.db, [empty, two]) == Place(two.built, 3)


class TestTheCatalogues:
    def test_name_what_can_be_asked(self, world):
        world.event(1, "Order Completed", "2026-06-01", total=5, coupon="X")
        world.event(2, "Order Completed", "2026-06-02", total=5)
        world.event(None, "Page Viewed", "2026-06-02")
        orders = segments.event_catalogue(world.db)
        assert [(e.name, e.events, e.properties) for e in orders] == [
            ("Order Completed", 2, ("total",))
        ]
        assert segments.event_names(world.db) == ["Order Completed", "Page Viewed"]
        traits = {t.name: (t.kind, t.people) for t in segments.trait_catalogue(world.db)}
        assert traits["age"] == ("number", 2)
        assert traits["first_seen"] == ("time", 0)
        assert segments.trait_values(world.db, "vip", 5) == [(False, 1), (True, 1)]
        assert segments.trait_values(world.db, "unheard_of", 5) == []

    def test_say_how_fresh_the_answer_is(self, world):
        assert segments.as_of(world.db) is None
        world.event(1, "Visit", "2020-01-01", received_at="2026-06-03 10:00")
        assert segments.as_of(world.db) == datetime(2026, 6, 3, 10, tzinfo=UTC)


class TestWhySomebodyIsIn:
    def test_shows_each_condition_with_what_is_known(self, world):
        world.event(1, "Order Completed", "2026-06-01 10:00", revenue=30)
        world.event(1, "Order Completed", "2026-06-02 10:00", revenue=12.5)
        world.event(2, "Order Completed", "2026-06-03 10:00", revenue=99)
        world.consent(1, "email", "granted")
        rule = parse(
            {
                "all": [
                    {
                        "event": "Order Completed",
                        "count": {"gte": 3},
                        "sum": {"property": "revenue", "gte": 40},
                    },
                    {"not": {"trait": "city", "op": "eq", "value": "Shanghai"}},
                    {"consent": {"channel": "email"}},
                ]
            }
        )
        why = explain(world.db, rule, Context(NOW), 1)
        assert (why.key, why.ok) == ("all", False)
        orders, city, consent = why.parts
        assert (orders.ok, orders.since) == (False, datetime(2026, 6, 2, 10, tzinfo=UTC))
        assert orders.facts["count"] == 2
        assert orders.facts["sum:revenue"] == Decimal("42.5")
        assert (city.key, city.ok, city.parts[0].ok) == ("not", False, True)
        assert city.parts[0].facts == {"value": "Shanghai"}
        assert (consent.ok, consent.facts["state"]) == (True, "granted")

    def test_refuses_somebody_unknown(self, world):
        with pytest.raises(NotFound):
            explain(world.db, parse({"tag": "vip"}), Context(NOW), 99)


# --- the twin -------------------------------------------------------------------------------------

_KINDS = {"level": "text", "points": "number", "joined": "text", "happy": "boolean"}
_TEXTS = ["gold", "Gold", "silver", "7", "007", "2.5", "2026-05-20", "2026-06-15T01:00:00Z"]
_DATES = [
    "2026-06-15",
    "2026-06-14T20:00:00Z",
    "2026-06-01T00:00:00+08:00",
    "1990-02-28",
    "2025-12-31 23:30",
    "never",
]
_NUMBERS = [0, 1, 2, 2.5, 7, 100]
_SPANS = [
    "12h",
    "3d",
    "30d",
    "2w",
    "6mo",
    "1y",
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_year",
    "last_year",
]
_EVENTS = ["Buy", "View", "Message Opened"]
_TOLD = [
    "Message Sent", "Message Sent", "Message Delivered", "Message Opened", "Message Clicked",
    "Message Bounced", "Message Complained", "Message Failed", "Unsubscribed",
]  # fmt: skip
_MOMENTS = ["2026-06-10", "2026-06-01T00:00:00Z", "2026-01-01T12:00:00+08:00"]

_scalar = st.one_of(st.sampled_from(_TEXTS), st.sampled_from(_NUMBERS), st.booleans())


@st.composite
def _comparison(draw):
    op = draw(st.sampled_from([
        "eq", "ne", "gt", "gte", "lt", "lte", "between", "in", "not_in", "contains",
        "not_contains", "starts_with", "ends_with", "exists", "missing", "before", "after",
        "within_last", "not_within_last", "anniversary_within"]))  # fmt: skip
    if op in ("exists", "missing"):
        return {"op": op}
    if op in ("in", "not_in"):
        value = draw(st.lists(_scalar, min_size=1, max_size=3))
    elif op == "between":
        value = sorted(
            draw(
                st.one_of(
                    st.lists(st.sampled_from(_NUMBERS), min_size=2, max_size=2),
                    st.lists(st.sampled_from(_TEXTS), min_size=2, max_size=2),
                )
            )
        )
    elif op in ("contains", "not_contains", "starts_with", "ends_with"):
        value = draw(st.sampled_from(["G", "old", "7", "2026", "tru"]))
    elif op in ("before", "after"):
        value = draw(st.sampled_from(_MOMENTS))
    elif op in ("within_last", "not_within_last", "anniversary_within"):
        value = draw(st.sampled_from(_SPANS))
    elif op in ("eq", "ne"):
        value = draw(_scalar)
    else:
        value = draw(st.one_of(st.sampled_from(_TEXTS), st.sampled_from(_NUMBERS)))
    return {"op": op, "value": value}


_bounds = st.one_of(
    st.builds(
        lambda op, n: {op: n},
        st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]),
        st.integers(0, 3),
    ),
    st.just({"between": [1, 2]}),
    st.just({"gte": 1, "lt": 3}),
)


@st.composite
def _event_rule(draw):
    rule = {"event": draw(st.sampled_from(_EVENTS))}
    window = draw(st.sampled_from(["", "", "within", "from", "both"]))
    if window == "within":
        rule["within"] = draw(st.sampled_from(_SPANS))
    if window in ("from", "both"):
        rule["from"] = draw(st.sampled_from(_MOMENTS))
    if window == "both":
        rule["to"] = "2026-06-14"
    if draw(st.booleans()):
        rule["where"] = [
            {"property": draw(st.sampled_from(["p", "q"])), **draw(_comparison())}
            for _ in range(draw(st.integers(1, 2)))
        ]
    if draw(st.booleans()):
        rule["count"] = draw(_bounds)
    if draw(st.integers(0, 3)) == 0:
        kind = draw(st.sampled_from(["sum", "avg", "min", "max"]))
        rule[kind] = {"property": "p", **draw(_bounds)}
    if draw(st.integers(0, 3)) == 0:
        rule[draw(st.sampled_from(["first", "last"]))] = draw(
            st.sampled_from(
                [
                    {"within": "30d"},
                    {"within": "this_month"},
                    {"before": _MOMENTS[0]},
                    {"after": _MOMENTS[1]},
                ]
            )
        )
    return rule


_steps = st.lists(
    _event_rule().map(
        lambda r: {k: r[k] for k in ("event", "where", "within", "from", "to") if k in r}
    ),
    min_size=2,
    max_size=3,
)
_STATES = [
    "sent", "delivered", "not_delivered", "opened", "not_opened", "clicked", "not_clicked",
    "bounced", "complained", "unsubscribed", "failed",
]  # fmt: skip
_SEGMENTS = {
    "seg_list": [1, 3, 99],
    "seg_rule": {"any": [{"tag": "a"}, {"event": "Buy", "within": "30d"}]},
    "seg_both": {"all": [{"segment": "seg_rule"}, {"not": {"segment": "seg_list"}}]},
}

_leaf = st.one_of(
    st.builds(
        lambda steps, within: {"sequence": steps, **({"within": within} if within else {})},
        _steps,
        st.sampled_from(["", "3d", "2w", "1mo", "1y"]),
    ),
    st.builds(
        lambda which, state: {"message": {**which, "state": state}},
        st.sampled_from([{"last": 1}, {"last": 2}, {"last": 3}, {"send": "s1"}, {"send": "s2"}]),
        st.sampled_from(_STATES),
    ),
    st.builds(lambda id_: {"segment": id_}, st.sampled_from(list(_SEGMENTS))),
    st.builds(lambda n, c: {"trait": n, **c}, st.sampled_from([*_KINDS, "nowhere"]), _comparison()),
    _event_rule(),
    st.builds(lambda t: {"tag": t}, st.sampled_from(["a", "b"])),
    st.builds(
        lambda s: {"consent": {"channel": "email", "purpose": "marketing", "state": s}},
        st.sampled_from(["granted", "withdrawn", "unknown"]),
    ),
    st.builds(
        lambda p, s: {"random": {"percent": p, "salt": s}},
        st.sampled_from([0, 12.5, 50, 100]),
        st.sampled_from(["", "x"]),
    ),
)
_rule = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.builds(lambda r: {"all": r}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda r: {"any": r}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda r: {"not": r}, inner),
    ),
    max_leaves=6,
)


@st.composite
def _someone(draw, number=0):
    traits = {
        "level": draw(st.none() | st.sampled_from(_TEXTS)),
        "points": draw(st.none() | st.sampled_from([float(n) for n in _NUMBERS])),
        "joined": draw(st.none() | st.sampled_from(_DATES)),
        "happy": draw(st.none() | st.booleans()),
    }
    events = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(_EVENTS),
                    "at": st.sampled_from(
                        [
                            timedelta(0),
                            timedelta(hours=5),
                            timedelta(days=2),
                            timedelta(days=14),
                            timedelta(days=30),
                            timedelta(days=400),
                        ]
                    ),
                    "human": st.sampled_from([True, True, True, False]),
                    "props": st.dictionaries(
                        st.sampled_from(["p", "q"]),
                        st.none() | _scalar | st.sampled_from(_DATES),
                        max_size=2,
                    ),
                }
            ),
            max_size=5,
        )
    )
    told = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(_TOLD),
                    "at": st.sampled_from([timedelta(hours=n) for n in range(4)]),
                    "message": st.sampled_from(["m1", "m2", "m3"]),
                    "actor": st.sampled_from(["human", "human", "machine", "unknown"]),
                    "vouched": st.sampled_from([True, True, True, False]),
                    "props": st.just({}),
                }
            ),
            max_size=6,
        )
    )
    for event in told:
        event["human"] = event["actor"] != "machine"
        event["send"] = "s1" if event["message"] == "m1" else "s2"
    events += told
    return Someone(
        0,
        traits,
        [{**e, "at": NOW - e["at"]} for e in events],
        draw(st.sets(st.sampled_from(["a", "b"]))),
        draw(
            st.dictionaries(
                st.just(("email", "marketing", "")), st.sampled_from(["granted", "withdrawn"])
            )
        ),
    )


def settled(crowd):
    """A warehouse with these people."""
    world = World()
    for name, kind in _KINDS.items():
        world.trait(name, kind)
    for number, who in enumerate(crowd, 1):
        who.id = number
        world.person(number, **{k: v for k, v in who.traits.items() if v is not None})
        for event in who.events:
            told(world, number, event)
        for tag in who.tags:
            world.tag(number, tag)
        for (channel, purpose, _topic), state in who.consents.items():
            world.consent(number, channel, state, purpose)
    return world


def told(world, number, event):
    more = {"actor": event.get("actor", "human" if event["human"] else "machine")}
    if "message" in event:
        more |= {"message_id": f"{event['message']}-{number}", "send_id": event["send"]}
        more |= {"source": "muster" if event["vouched"] else "key:test"}
    at = event["at"].replace(tzinfo=None).isoformat()
    world.event(number, event["name"], at, **more, **event["props"])


def meant(id_):
    part = _SEGMENTS[id_]
    return part if isinstance(part, list) else parse(part)


def agree(rules, crowd):
    """All rules in one pass, some alone, and the reasons: the same as person by person."""
    world, twin = settled(crowd), Plain(NOW, SHANGHAI, _SEGMENTS)
    context = Context(NOW, time_zone=SHANGHAI, segment_rule=meant)
    read = [parse(rule) for rule in rules]
    together = segments.memberships(world.db, read, context)
    wanted = [[who.id for who in crowd if twin.holds(rule, who)] for rule in rules]
    for rule, ids, found in zip(rules, wanted, together, strict=True):
        assert sorted(found.to_pylist()) == ids, rule
    for rule, ids, one in list(zip(rules, wanted, read, strict=True))[:2]:
        assert segments.people(world.db, one, context).to_pylist() == ids, rule
    some = [who.id for who in crowd[::2]]
    among = segments.memberships(world.db, read[2:8], context, among=pa.array(some * 2, pa.int64()))
    for rule, ids, found in zip(rules[2:8], wanted[2:8], among, strict=True):
        assert sorted(found.to_pylist()) == [id_ for id_ in ids if id_ in some], rule
    for who in crowd[:1]:
        why = explain(world.db, read[0], context, who.id)
        assert why.ok == twin.holds(rules[0], who)


_rules = st.lists(_rule, min_size=20, max_size=20)
_crowd = st.lists(_someone(), min_size=1, max_size=8)
_checks = {"deadline": None, "suppress_health_check": list(HealthCheck)}


class TestAThousandRandomRulesAgainstTheirTwin:
    @settings(max_examples=20, derandomize=True, **_checks)
    @given(rules=_rules, crowd=_crowd)
    def test_mean_the_same_people(self, rules, crowd):
        agree(rules, crowd)

    @pytest.mark.slow
    @settings(max_examples=1000, **_checks)
    @given(rules=_rules, crowd=_crowd)
    def test_mean_the_same_people_however_many_are_tried(self, rules, crowd):
        agree(rules, crowd)

    def test_mean_the_same_where_several_rules_ask_one_thing(self):
        def where(property_, op, value):
            return [{"property": property_, "op": op, "value": value}]

        silver = {"event": "View", "from": "2026-06-10", "where": where("p", "eq", "silver")}
        opened = {"event": "Message Opened"}
        rules = [
            {"sequence": [silver, {"event": "View"}]},
            {"sequence": [opened, {**opened, "where": where("p", "gte", 100)}]},
            {"sequence": [{"event": "View"}, silver]},
        ]
        seen = [["silver", "gold"], ["gold", "silver"], ["7"], []]
        crowd = [
            Someone(
                0,
                {},
                [
                    {
                        "name": "View",
                        "human": True,
                        "at": NOW - timedelta(hours=n),
                        "props": {"p": p},
                    }
                    for n, p in enumerate(values, 1)
                ],
                set(),
                {},
            )
            for values in seen
        ]
        agree(rules, crowd)


NEEDLESS = {"twice", "implied", "excluded_already", "adds_nobody", "always", "excludes_nobody"}


class TestTheLintOfRules:
    """What it says is right in every world that we can think of."""

    @settings(max_examples=120, derandomize=True, **_checks)
    @given(parts=st.lists(_rule, min_size=1, max_size=4), crowd=_crowd)
    def test_is_right_about_what_holds_for_nobody_and_what_is_needless(self, parts, crowd):
        rule = {"all": parts}
        hints = lint(parse(rule), Known(NOW, SHANGHAI, traits=_KINDS))
        twin = Plain(NOW, SHANGHAI, _SEGMENTS)
        for number, who in enumerate(crowd, 1):
            who.id = number
        meant = [twin.holds(rule, who) for who in crowd]
        assert not any(meant) or not any(hint.code == "always_empty" for hint in hints)
        for hint in hints:
            shorter = without(rule, hint.at) if hint.code in NEEDLESS else None
            if shorter is not None:
                assert [twin.holds(shorter, who) for who in crowd] == meant, hint


def without(rule, at):
    """The rule without a part of a group; None where it is the last of its group."""
    rule, steps = deepcopy(rule), at.split("/")[1:]
    group = rule
    for step in steps[:-1]:
        group = group[int(step) if step.isdigit() else step]
    if not isinstance(group, list) or len(group) < 2:
        return None
    group.pop(int(steps[-1]))
    return rule
