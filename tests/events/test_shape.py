"""Our own events have the shape of the tracking API."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from muster.events import names, shape


class TestMakingAnEvent:
    def test_it_is_a_track_call(self):
        call = json.loads(shape.event(names.ORDER_COMPLETED, user_id="u1", properties={"total": 5}))
        assert call.pop("messageId")
        assert call == {
            "type": "track",
            "event": "Order Completed",
            "userId": "u1",
            "properties": {"total": 5},
        }

    def test_times_are_written_in_utc(self):
        at = datetime(2026, 11, 22, 8, 30, tzinfo=timezone(timedelta(hours=8)))
        assert json.loads(shape.event("X", at=at))["timestamp"] == "2026-11-22T00:30:00.000000Z"

    def test_the_number_of_a_person_stands_beside_the_campaign(self):
        call = json.loads(shape.event("X", person_id=7, context={"campaign": {"name": "c"}}))
        assert call["context"] == {"campaign": {"name": "c"}, "muster": {"person_id": 7}}

    def test_money_keeps_its_digits(self):
        assert b'"revenue":"12.50"' in shape.event("X", properties={"revenue": Decimal("12.50")})

    def test_two_events_have_two_ids(self):
        ids = {json.loads(shape.event("X"))["messageId"] for _ in range(2)}
        assert len(ids) == 2


def test_identify_says_what_is_known():
    call = json.loads(shape.identify({"email": "a@x.cn", "age": None}, message_id="m"))
    assert call == {
        "type": "identify",
        "traits": {"email": "a@x.cn", "age": None},
        "messageId": "m",
    }
