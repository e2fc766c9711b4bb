"""Words about a person, each with the counts it was drawn from (S17)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.events.shape import event
from muster.people.portrait.rules import words
from muster.team import stores as team_stores
from muster.warehouse.habit import Habits


def said(habits: Habits) -> set[str]:
    return {word.text % word.params for word in words(habits)}


class TestTheWords:
    @pytest.mark.parametrize(
        ("habits", "expected"),
        [
            (Habits(), set()),
            (Habits(orders=2, at={("weekend", "evening"): 2}, reduced=2), set()),
            (
                Habits(orders=4, at={("weekend", "evening"): 3, ("weekday", "day"): 1}, reduced=1),
                {"Buys on weekend evenings"},
            ),
            (
                Habits(orders=4, at={("weekend", "day"): 2, ("weekend", "morning"): 2}, reduced=1),
                {"Buys at weekends"},
            ),
            (Habits(items=5, categories={"乌龙": 3, "白茶": 2}), {"Loves 乌龙"}),
            (Habits(items=9, categories={"乌龙": 3, "白茶": 2}), set()),
            (
                Habits(orders=3, at={("weekday", "day"): 1}, reduced=2),
                {"Looks at the price"},
            ),
            (Habits(orders=10, at={("weekday", "day"): 1}, reduced=1), {"Pays the full price"}),
            (Habits(gaps=(30, 28, 0, 35)), {"Comes back about every 30 days"}),
            (Habits(lately=3, before=6), {"Quieter lately"}),
            (Habits(clicks={"email": 2, "sms": 1}), {"Clicks in e-mails"}),
        ],
    )
    def test_fit_only_what_the_counts_show(self, habits: Habits, expected: set[str]) -> None:
        assert said(habits) == expected


class TestOnThePage:
    def test_each_word_shows_its_evidence(
        self, stores: Any, api: Any, owner: Any, client_for: Any
    ) -> None:
        person = api("POST", "/people", {"external_id": "c1", "first_name": "Li"}).json()["id"]
        # The last four Saturdays that are over, at eight in the evening in Shanghai.
        today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
        saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
        lines = [
            event(
                "Order Completed",
                user_id="c1",
                at=saturday - timedelta(weeks=week),
                properties={
                    "order_id": f"o{week}",
                    "total": 50,
                    "currency": "CNY",
                    "coupon": "TEA" if week else None,
                    "products": [{"category": "乌龙", "price": 50}],
                },
            )
            for week in range(4)
        ]
        team_stores.emit(lines)
        stores.settle()
        page = client_for(owner).get(f"/people/{person}").content.decode()
        for text in (
            "Buys on weekend evenings",
            "4 of 4 orders",
            "Loves 乌龙",
            "4 of 4 items",
            "Looks at the price",
            "3 of 4 orders came with a coupon",
            "Comes back about every 7 days",
        ):
            assert text in page, text

    def test_says_nothing_of_somebody_who_did_nothing(
        self, stores: Any, api: Any, owner: Any, client_for: Any
    ) -> None:
        person = api("POST", "/people", {"external_id": "c1"}).json()["id"]
        assert 'id="portrait"' not in client_for(owner).get(f"/people/{person}").content.decode()
