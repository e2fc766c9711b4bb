"""RFM against a year of real orders: the reference was worked out apart from this code."""

from __future__ import annotations

import json
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from muster.people.segments.presets import preset
from muster.warehouse import segments
from muster.warehouse.compile import Context
from muster.warehouse.rfm import rfm
from muster.warehouse.rules import parse
from muster.warehouse.timeline import orders_of
from tests.warehouse.world import World, take_orders

DATA = Path(
    os.environ.get("MUSTER_TEST_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
RETAIL = DATA / "online_retail"
UTC = ZoneInfo("UTC")


class TestAFewBuyers:
    @pytest.fixture
    def world(self):
        world = World()
        for person, day, amount in [(1, "01", 10), (2, "05", 20), (3, "08", 30), (4, "09", 40)]:
            world.event(
                person,
                "Order Completed",
                f"2026-03-{day} 10:00",
                order_id=f"a{person}",
                revenue=amount,
                currency="CNY",
            )
        world.event(5, "Order Completed", "2026-03-10 10:00", order_id="a5", revenue=50)
        world.event(5, "Order Completed", "2026-03-10 11:00", order_id="b5", revenue=5)
        world.event(5, "Order Refunded", "2026-03-10 12:00", order_id="b5", revenue=5)
        world.event(6, "Page Viewed", "2026-03-10 12:00")
        return world

    def test_are_parted_into_fifths(self, world):
        found = rfm(world.db, date(2026, 3, 10), UTC, "CNY")
        assert found.people == 5
        assert found.value == 150
        assert [(c.recency, c.frequency, c.monetary) for c in found.cells] == [
            (5, 5, 5), (4, 1, 4), (3, 1, 3), (2, 1, 2), (1, 1, 1),
        ]  # fmt: skip

    def test_of_a_day_before_the_first_order_are_none(self, world):
        assert rfm(world.db, date(2026, 2, 1), UTC, "CNY").people == 0

    def test_order_once_however_often_it_was_reported(self, world):
        again = {"order_id": "a1", "currency": "CNY"}
        world.event(1, "Order Completed", "2026-03-02 10:00", **again)
        world.event(1, "Order Completed", "2026-03-03 10:00", **again)
        # Another's order of the same number is another, and two without a number are two.
        world.event(2, "Order Completed", "2026-03-06 10:00", **again)
        world.event(3, "Order Completed", "2026-03-08 11:00", revenue=0)
        world.event(3, "Order Completed", "2026-03-08 12:00", revenue=0)
        found = rfm(world.db, date(2026, 3, 10), UTC, "CNY")
        # Orders of the five: 1, 2, 3, 1, 2.
        assert found.edges["frequency"] == pytest.approx([1, 1.6, 2, 2.2])
        # Days since the last order of the five: 9, as it happened when it was told first, 4, 2, 1, 0.
        assert found.edges["recency"] == pytest.approx([0.8, 1.6, 2.8, 5])
        assert found.value == 150

    def test_count_in_one_currency(self, world):
        world.event(
            1, "Order Completed", "2026-03-02 10:00", order_id="x", revenue=9, currency="USD"
        )
        assert rfm(world.db, date(2026, 3, 10), UTC, "CNY").value == Decimal(150)


class TestAnOrderThatWasReportedTwice:
    @pytest.fixture
    def world(self):
        """Ann's order o1 of 100, then of 80; two without an id; one that ends in dollars."""
        world = World()
        told = [
            {"order_id": "o1", "revenue": 100, "currency": "CNY"},
            {"order_id": "o1", "revenue": 80},
            {"order_id": "o1"},
            {"revenue": 7},
            {"revenue": 7},
            {"order_id": "o2", "revenue": 50, "currency": "CNY"},
            {"order_id": "o2", "revenue": 8, "currency": "USD"},
        ]
        for hour, more in enumerate(told):
            world.event(1, "Order Completed", f"2026-03-10 {hour:02}:00", **more)
        world.event(1, "Order Refunded", "2026-03-10 20:00", order_id="o1", revenue=3)
        world.event(1, "Order Refunded", "2026-03-10 21:00", order_id="o1", revenue=-2)
        return world

    def test_is_one_buy_with_the_money_of_its_latest_report(self, world):
        found = rfm(world.db, date(2026, 3, 10), UTC, "CNY")
        assert found.value == 80 + 7 + 7 - 3 - 2
        assert found.edges["frequency"] == [4] * 4

    def test_is_one_on_the_page_of_the_person(self, world):
        assert [(o.currency, o.orders, o.revenue) for o in orders_of(world.db, 1, "CNY")] == [
            ("CNY", 3, 80 + 7 + 7 - 3 - 2),
            ("USD", 1, 8),
        ]


BUY = {"event": "Order Completed"}
LATELY = {**BUY, "within": "30d"}
OFTEN = {**BUY, "count": {"gte": 5}}
MUCH = {**BUY, "sum": {"property": "revenue", "gte": 1000}}


@pytest.fixture(scope="module")
def retail():
    world = World()
    world.con.execute(
        f"""
        INSERT INTO events BY NAME
        SELECT row_number() OVER () AS event_id, CustomerID::BIGINT AS person_id,
               min(InvoiceDate::TIMESTAMP) AS at, 'Order Completed' AS name,
               InvoiceNo AS order_id, 'GBP' AS currency, 'human' AS actor,
               sum(Quantity::DECIMAL(18,4) * UnitPrice::DECIMAL(9,4)) AS revenue
        FROM read_csv('{RETAIL / "online_retail.csv.gz"}', all_varchar = true)
        WHERE CustomerID != '' AND InvoiceNo NOT LIKE 'C%'
          AND Quantity::INT > 0 AND UnitPrice::DOUBLE > 0
        GROUP BY InvoiceNo, CustomerID
        """
    )
    take_orders(world.con)
    world.con.execute(
        "INSERT INTO profiles (person_id, known) SELECT DISTINCT person_id, true FROM events"
    )
    return world


@pytest.mark.skipif(
    not RETAIL.exists(), reason="the online retail orders are not here: 11 cases skipped"
)
class TestAYearOfRealOrders:
    @pytest.mark.parametrize(
        ("conditions", "wanted"),
        [
            ([LATELY], 1628),
            ([{"not": {**BUY, "within": "180d"}}], 861),
            ([OFTEN], 1114),
            ([{**BUY, "count": {"eq": 1}}], 1493),
            ([MUCH], 1668),
            ([{**BUY, "sum": {"property": "revenue", "gte": 5000}}], 275),
            ([LATELY, OFTEN, MUCH], 739),
            ([{"not": {**BUY, "within": "180d"}}, {**BUY, "count": {"gte": 2}}], 242),
            ([BUY], 4338),
        ],
    )
    def test_has_the_published_counts(self, retail, conditions, wanted):
        snapshot = Context(datetime(2011, 12, 10, tzinfo=UTC))
        assert segments.count(retail.db, parse({"all": conditions}), snapshot) == wanted

    def test_has_the_best_customers_of_the_ready_made_segment(self, retail):
        snapshot = Context(datetime(2011, 12, 10, tzinfo=UTC))
        assert segments.count(retail.db, parse(preset("best").rule()), snapshot) == 739

    def test_has_the_published_quintiles(self, retail):
        wanted = json.loads((RETAIL / "reference.json").read_text())["valid"]["rfm"]
        found = rfm(retail.db, date.fromisoformat(wanted["snapshot_date"]), UTC, "GBP")
        assert found.people == wanted["customers"]
        assert float(found.value) == pytest.approx(wanted["total_monetary"])
        for measure in ("recency", "frequency", "monetary"):
            key = "recency_quantiles(20,40,60,80, linear)"
            published = wanted[key if measure == "recency" else f"{measure}_quantiles"]
            assert found.edges[measure] == pytest.approx(published)
        assert sum(cell.people for cell in found.cells) == found.people


class TestAnEdge:
    def test_is_not_passed_by_those_who_are_right_at_it(self):
        """Between two times 1334.1678 DuckDB finds 1334.1677999999997."""
        world = World()
        for person in range(1, 6):
            world.event(
                person, "Order Completed", "2026-03-01 10:00", order_id=f"a{person}",
                revenue=Decimal("1334.1678"), currency="CNY",
            )  # fmt: skip
        found = rfm(world.db, date(2026, 3, 10), UTC, "CNY")
        assert [(cell.monetary, cell.people) for cell in found.cells] == [(1, 5)]
        assert set(found.edges["monetary"]) == {1334.1678}
