"""An order counts once, however often, in whatever order and by whomever it is reported."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.warehouse.metrics import Scope, evaluate
from muster.warehouse.timeline import orders_of
from tests.warehouse.test_loader import NOON, World


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def bought(order, money=None, *, hour=0, who="u1", **more):
    properties = {"order_id": order, "currency": "CNY"}
    if money is not None:
        properties["revenue"] = money
    said = {"user_id": who} if who else {}
    return event(
        names.ORDER_COMPLETED,
        at=NOON + timedelta(hours=hour),
        properties=properties,
        message_id=f"{order}-{money}-{hour}-{more.get('anonymous_id', who)}",
        **said,
        **more,
    )


def counted(world):
    """Orders and revenue as the metrics say."""
    with world.warehouse.read() as db:
        found = evaluate(db, ["orders", "revenue"], Scope())
    return found["orders"].value, found["revenue"].value


def tables(world):
    """What stands of orders in both tables."""
    return (
        world.rows("SELECT event_id, name, revenue, currency, discount, person_id FROM events"
                   " WHERE name LIKE 'Order%' ORDER BY event_id"),
        world.rows("SELECT event_id, person_id, orders, amount, currency FROM orders"
                   " ORDER BY event_id"),
    )  # fmt: skip


class TestAnOrderThatIsReportedAgain:
    def test_counts_once_when_it_happened_with_the_money_of_the_latest_report(self, world):
        world.happens(bought("o1", 100), bought("o2", 7, hour=1))
        assert counted(world) == (2, 107)
        world.happens(bought("o1", 80, hour=2))
        assert counted(world) == (2, 87)
        world.happens(bought("o1", hour=3))  # says no money
        assert counted(world) == (2, 87)
        assert world.rows(
            "SELECT \"at\", revenue FROM events WHERE name = 'Order Completed' AND order_id = 'o1'"
        ) == [(NOON.replace(tzinfo=None), Decimal(80))]
        assert world.one("SELECT count(*) FROM events WHERE name = 'Order Repeated'") == 2

    def test_may_be_reported_by_an_earlier_event_that_comes_late(self, world):
        world.happens(bought("o1", 100, hour=5))
        world.happens(bought("o1", 90, hour=2))
        assert counted(world) == (1, 100)
        early = (NOON + timedelta(hours=2)).replace(tzinfo=None)
        assert world.rows("SELECT \"at\", revenue FROM events WHERE name = 'Order Completed'") == [
            (early, Decimal(100))
        ]

    def test_takes_the_currency_with_the_money(self, world):
        world.happens(bought("o1", 100))
        again = event(names.ORDER_COMPLETED, user_id="u1", at=NOON + timedelta(hours=1),
                      properties={"order_id": "o1", "total": 9, "currency": "usd"})  # fmt: skip
        world.happens(again)
        assert counted(world) == (1, 0)
        with world.warehouse.read() as db:
            assert [(o.currency, o.orders, o.revenue) for o in orders_of(db, 1, "CNY")] == [
                ("USD", 1, 9)
            ]

    def test_is_another_of_another_buyer_or_without_an_id(self, world):
        world.happens(bought("o1", 1), bought("o1", 2, who="u2"))
        world.happens(bought("", 4), bought("", 8, hour=1), bought(None, 16))
        assert counted(world) == (5, 31)

    def test_does_not_count_for_more_because_a_machine_said_it(self, world):
        machine = event(names.ORDER_COMPLETED, user_id="u1", at=NOON, message_id="m",
                        properties={"order_id": "o1", "revenue": 500, "actor": "machine"})  # fmt: skip
        world.happens(bought("o1", 3), machine)
        assert counted(world) == (1, 3)

    def test_stays_countable_when_the_buyer_is_erased(self, world):
        world.happens(bought("o1", 3), bought("o1", 5, hour=1))
        world.happens(event(names.PERSON_ERASED, person_id=1, at=NOON))
        world.happens(bought("o1", 9, who="u2"))
        assert world.rows(
            "SELECT name, person_id, revenue FROM events WHERE name LIKE 'Order%' ORDER BY revenue, name"
        ) == [("Order Completed", None, 5), ("Order Repeated", None, 5), ("Order Completed", 2, 9)]


class TestBuyersWhoAreOne:
    def test_a_visitor_who_says_who_it_is_bought_what_the_shop_reported(self, world):
        world.happens(bought("o1", 40, who=None, anonymous_id="a1"))
        world.happens(bought("o1", 50, hour=1))
        assert counted(world) == (2, 90)
        world.happens(identify({"level": 1}, user_id="u1", anonymous_id="a1", at=NOON))
        assert counted(world) == (1, 50)

    def test_are_told_apart_again(self, world):
        world.happens(
            bought("o1", 40), bought("o1", 50, who="u2", hour=1), bought("o2", 1, who="u2")
        )
        assert counted(world) == (3, 91)
        merged = {"moves": [[2, 1]], "facts": []}
        world.happens(event(names.PERSON_MERGED, person_id=1, properties=merged, at=NOON))
        assert counted(world) == (2, 51)
        world.happens(bought("o1", 60, who="u2", hour=2))
        assert counted(world) == (2, 61)
        parted = {"moves": [[2, 2]], "facts": []}
        world.happens(event(names.PERSON_UNMERGED, person_id=1, properties=parted, at=NOON))
        assert counted(world) == (3, 101)  # 40 of the one, 60 and 1 of the other


class TestManyReports:
    def test_in_any_pieces_give_the_same_tables(self, tmp_path):
        """Against a plain reckoning in Python, and a rebuild in one piece."""
        for turn in range(3):
            chance = random.Random(turn)
            reports, expected = [], {}
            for _n in range(120):
                who, order = f"u{chance.randrange(3)}", f"o{chance.randrange(12)}"
                money = chance.choice([None, *range(1, 40)])
                hour = chance.randrange(48)
                reports.append(bought(order, money, hour=hour, who=who))
                expected.setdefault((who, order), []).append((hour, money))
            world = World(tmp_path / str(turn))
            while reports:
                world.happens(
                    *(reports.pop() for _ in range(min(len(reports), chance.randrange(1, 40))))
                )
            orders, revenue = counted(world)
            assert orders == len(expected)
            # Reports of one hour have ids for an order of their own: only others are reckoned.
            clear = {
                key: told for key, told in expected.items()
                if len({hour for hour, _m in told}) == len(set(told))
            }  # fmt: skip
            latest = {
                key: max(((h, m) for h, m in told if m is not None), default=(0, 0))[1]
                for key, told in clear.items()
            }
            people = {one["external_id"]: number for number, one in world.records.people.items()}
            found = {
                (person, order): money
                for person, order, money in world.rows(
                    "SELECT person_id, order_id, coalesce(revenue, 0) FROM events"
                    " WHERE name = 'Order Completed'"
                )
            }
            assert {k: found[people[k[0]], k[1]] for k in latest} == latest
            before = tables(world)
            world.loader.rebuild()
            assert tables(world) == before
            assert sum(r[3] or 0 for r in before[1]) == revenue
