"""The door takes anything that comes: no request breaks it, and no good event is lost beside bad ones."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.events.shape import TYPES
from tests.collector.asking import Asking

TEXT = st.text(max_size=40)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    *("type", "event", "userId", "anonymousId", "messageId", "timestamp", "context"),
    *("properties", "traits", "previousId", "groupId", "name", "integrations", "sentAt"),
)
WRONG = st.dictionaries(st.sampled_from(FIELDS) | TEXT, VALUE, max_size=6)
GOOD = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES), "event": st.text(min_size=1, max_size=20), "userId": st.text(min_size=1, max_size=20)},
    optional={"properties": st.dictionaries(TEXT, VALUE, max_size=4), "timestamp": st.just("2026-11-01T08:00:00+08:00")},
)  # fmt: skip
PATHS = st.sampled_from(["batch", "import", "track", "identify", "page", "", "nonsense"])
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "origin": st.just("https://shop.example"),
        "content-type": st.sampled_from(["text/plain", "application/json", "x"]),
        "user-agent": st.sampled_from(["", "curl/8", "Mozilla/5.0"]),
        "content-encoding": st.sampled_from(["gzip", "br", "identity"]),
    },
)


def is_plain(value: object) -> bool:
    """Whether JSON has such a value: it knows no infinite numbers."""
    try:
        json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return False
    return True


def as_text(body: object) -> bytes:
    # Half a letter can stand in a text of Python and JSON, but not on the wire.
    return json.dumps(body).encode("utf-8", "replace")


@pytest.fixture
def asking(tmp_path):
    return Asking(tmp_path)


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=pytest.mark.slow)])
class TestAnythingThatComes:
    def test_breaks_nothing(self, asking, count):
        @settings(
            max_examples=count // 2,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(PATHS, st.binary(max_size=200) | VALUE.map(as_text), HEADERS)
        def ask(path, body, headers):
            if headers.get("content-encoding") == "gzip" and len(body) % 2:
                body = gzip.compress(body)
            answer = asking.post(path, body, headers=headers)
            assert answer.status_code < 500
            assert answer.json()["success"] in (True, False)

        ask()

    def test_loses_no_good_event_beside_bad_ones(self, asking, count):
        sent: dict[str, dict[str, object]] = {}

        @settings(
            max_examples=count // 2,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(st.lists(GOOD.filter(is_plain) | WRONG.filter(is_plain), max_size=6), st.data())
        def ask(events, data):
            batch = []
            for event in events:
                # Only those that carry what every event needs are marked, so that they are known again.
                if (
                    event.get("type") in TYPES
                    and event.keys() <= GOOD_FIELDS
                    and event.get("userId")
                ):
                    event = {**event, "messageId": f"good-{len(sent)}"}
                    sent[event["messageId"]] = event
                batch.append(event)
            answer = asking.post("batch", as_text({"batch": batch}))
            assert answer.status_code in (200, 400)

        ask()
        kept = {one.get("messageId"): one for one in asking.events()}
        lost = [one for key, one in sent.items() if key not in kept and is_good(one)]
        assert len(sent) > count // 4
        assert lost == []


GOOD_FIELDS = {"type", "event", "userId", "properties", "timestamp"}


def is_good(event: dict[str, object]) -> bool:
    """What the API asks for, in other words than the collector's."""
    return (
        isinstance(event.get("event"), str)
        and bool(event["event"])
        and isinstance(event["userId"], str | int)
        and not isinstance(event["userId"], bool)
        and isinstance(event.get("properties", {}), dict)
        and event.get("timestamp", "2026-11-01T08:00:00+08:00") == "2026-11-01T08:00:00+08:00"
    )
