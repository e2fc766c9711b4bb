"""Ids, tokens, spans and money keep their word."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.kit import ids
from muster.kit.clock import Span, calendar_window
from muster.kit.money import Money
from muster.kit.tokens import Signer


class TestPublicIds:
    @given(st.integers(0, 2**40 - 1), st.sampled_from(sorted(ids.KINDS)))
    def test_lead_back_to_their_number(self, number, kind):
        assert ids.number(kind, ids.public(kind, number)) == number

    def test_of_another_kind_or_damaged_are_none(self):
        campaign = ids.public("campaign", 7)
        assert ids.number("person", campaign) is None
        assert ids.number("campaign", campaign[:-1]) is None
        assert ids.number("campaign", campaign[:-1] + "U") is None
        assert ids.number("campaign", "") is None


class TestTokens:
    signer = Signer(b"a secret of thirty-two characters")

    @given(st.text(max_size=60))
    def test_carry_their_payload(self, payload):
        assert self.signer.read("click", self.signer.sign("click", payload)) == payload

    def test_serve_one_purpose(self):
        assert self.signer.read("unsubscribe", self.signer.sign("click", "12")) is None

    def test_altered_anywhere_are_refused(self):
        token = self.signer.sign("click", "recipient 12, link 3")
        altered = [
            token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
            for at, letter in enumerate(token)
        ]
        assert [self.signer.read("click", other) for other in altered] == [None] * len(token)

    @given(st.text(max_size=80))
    def test_invented_are_refused(self, token):
        assert self.signer.read("click", token) is None


class TestSpans:
    @pytest.mark.parametrize(
        ("span", "before"),
        [
            ("15m", "2026-03-31 11:45"),
            ("12h", "2026-03-31 00:00"),
            ("30d", "2026-03-01 12:00"),
            ("8w", "2026-02-03 12:00"),
            ("1mo", "2026-02-28 12:00"),
            ("6mo", "2025-09-30 12:00"),
            ("1y", "2025-03-31 12:00"),
        ],
    )
    def test_count_back_by_the_calendar(self, span, before):
        moment = datetime(2026, 3, 31, 12, tzinfo=UTC)
        parsed = Span.parse(span)
        assert parsed is not None
        assert parsed.before(moment).strftime("%Y-%m-%d %H:%M") == before

    @pytest.mark.parametrize("text", ["", "30", "d", "30 d", "-3d", "3x", "1.5d", "9999999d"])
    def test_that_are_none_are_none(self, text):
        assert Span.parse(text) is None

    def test_a_month_begins_at_midnight_of_the_zone(self):
        moment = datetime(2026, 10, 31, 17, tzinfo=UTC)  # already 1 November in Shanghai
        start, end = calendar_window("this_month", moment, ZoneInfo("Asia/Shanghai"))
        assert start == datetime(2026, 10, 31, 16, tzinfo=UTC)
        assert end == datetime(2026, 11, 30, 16, tzinfo=UTC)

    def test_a_day_of_the_clock_change_has_its_own_length(self):
        moment = datetime(2026, 3, 29, 12, tzinfo=UTC)
        start, end = calendar_window("today", moment, ZoneInfo("Europe/Berlin"))
        assert (end - start).total_seconds() == 23 * 3600


class TestMoney:
    def test_is_rounded_to_its_smallest_coin(self):
        assert Money(Decimal("12.345"), "CNY").as_json() == {"amount": "12.35", "currency": "CNY"}
        assert Money(Decimal("12.5"), "JPY").as_json() == {"amount": "13", "currency": "JPY"}

    def test_of_two_currencies_is_never_added(self):
        with pytest.raises(ValueError, match="cannot be added"):
            Money(Decimal(1), "CNY") + Money(Decimal(1), "TWD")
