"""The quick reading that lets whole events past the steps lets through none that a step would change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from muster.collector import steps

LONG = "x" * 513
IDS = st.sampled_from(["ann", "", LONG, "x" * 512, 7, 0, None, True, "é", [], "茶"])
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "alias", "Track", "", None, 1]),
        "messageId": st.sampled_from(["m1", "", None, 5, LONG]),
        "event": st.sampled_from(["Order Completed", "", None, LONG, 3]),
        "userId": IDS,
        "anonymousId": IDS,
        "previousId": IDS,
        "groupId": st.sampled_from(["g", 3, None, {}]),
        "name": st.sampled_from(["Home", None, 3]),
        "timestamp": st.sampled_from(["2026-11-22T08:30:00Z", "2026-11-22", "soon", None, 5]),
        "traits": st.sampled_from([{}, {"email": "a@b.cn"}, {"email": 5}, {"phone": 5}, None, []]),
        "context": st.sampled_from([{}, None, "here", {"page": 1}, {"userAgent": "curl/8"}]),
        "properties": st.sampled_from([{}, None, [], {"a": [1]}]),
        "anything": st.sampled_from([1, None, {"type": 5}]),
    },
)
WHOLE: dict[str, Any] = {"type": "track", "event": "Cup Sold", "messageId": "m", "userId": "ann"}


def delivery(events: list[dict[str, Any]], **more: Any) -> steps.Delivery:
    raws = [json.dumps(one, ensure_ascii=False).encode() for one in events]
    return steps.Delivery(raws, b'{"batch":[' + b",".join(raws) + b"]}", **more)


def outcome(given: steps.Delivery) -> tuple[list[Any], list[str], list[Any]]:
    """What is kept, but for new message ids, of whom, and what is dropped and why."""
    dropped = steps.follow(steps.STEPS, given)
    kept = [json.loads(bytes(raw)) for raw in given.events]
    for event in kept:
        if len(str(event["messageId"])) == 32:
            event["messageId"] = "new"
    return kept, list(given.actor), [(one.number, one.reason, one.at) for one in dropped]


@settings(max_examples=1500, deadline=None)
@example([WHOLE])
@example([{**WHOLE, "userId": LONG}])
@example([WHOLE, {**WHOLE, "messageId": ""}])
@given(st.lists(EVENTS | st.just(WHOLE), min_size=1, max_size=3))
def test_events_meet_the_same_fate_with_and_without_the_quick_reading(
    events: list[dict[str, Any]],
) -> None:
    # What a batch says for all its events is read by the steps alone.
    assert outcome(delivery(events)) == outcome(delivery(events, integrations=b"null"))


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize(
    ("request_says", "event_says", "actors"),
    [
        (FIREFOX, FIREFOX, []),
        (FIREFOX, None, []),
        (GOOGLE, FIREFOX, ["machine"]),
        (GOOGLE, None, ["machine"]),
        (FIREFOX, GOOGLE, ["machine"]),
        (None, FIREFOX, []),
        (None, GOOGLE, ["machine"]),
    ],
)
def test_an_event_is_of_a_machine_if_its_request_or_itself_says_so(
    request_says: str | None, event_says: str | None, actors: list[str]
) -> None:
    context = {"context": {"userAgent": event_says}} if event_says else {}
    kept = outcome(delivery([{**WHOLE, **context}], browser_agent=request_says))
    assert kept[1] == actors
