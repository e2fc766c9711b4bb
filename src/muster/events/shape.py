"""What an event looks like: the calls of the Segment tracking API, and ours alike (TR1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec

Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
TYPES: tuple[str, ...] = get_args(Kind)
"""The kinds of call."""

OURS = "muster"
"""The source of events that Muster itself vouches for."""


NO_IDS = (
    *("", "-", "-1", "0", "[object object]", "anonymous", "false", "guest", "id", "n/a", "nan"),
    *("nil", "none", "not_authenticated", "null", "true", "undefined", "unknown", "user_id"),
    "userid",
)
"""What programs write, in capitals or not, where they know no id. Taken for one, it would make one
person of all whom they do not know."""


class Traits(msgspec.Struct, gc=False):
    """The two traits by which a person can be recognised; all others are only passed on."""

    email: str | None = None
    phone: str | int | None = None


class Anything(msgspec.Struct, gc=False):
    """An object whose content the door does not look at."""


class Call(msgspec.Struct, gc=False):
    """One call of the tracking API; what is not named here travels along unread."""

    type: str | None = None
    event: str | None = None
    name: str | None = None
    userId: str | int | None = None  # noqa: N815
    anonymousId: str | int | None = None  # noqa: N815
    previousId: str | int | None = None  # noqa: N815
    groupId: str | int | None = None  # noqa: N815
    messageId: str | int | None = None  # noqa: N815
    timestamp: datetime | None = None
    traits: Traits | None = None
    context: Anything | None = None
    properties: Anything | None = None


class Calls(msgspec.Struct, gc=False):
    """A batch, read as calls."""

    batch: list[Call]


class Batch(msgspec.Struct, gc=False):
    """A batch, read as bytes; `context` and `integrations` hold for each of its calls."""

    batch: list[msgspec.Raw]
    writeKey: str | None = None  # noqa: N815
    sentAt: msgspec.Raw = msgspec.Raw()  # noqa: N815
    context: msgspec.Raw = msgspec.Raw()
    integrations: msgspec.Raw = msgspec.Raw()


class Envelope(msgspec.Struct, gc=False):
    """What a request with one call says beside the call."""

    writeKey: str | None = None  # noqa: N815


def event(
    name: str,
    *,
    user_id: str | None = None,
    person_id: int | None = None,
    anonymous_id: str | None = None,
    properties: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    at: datetime | str | None = None,
    message_id: str | None = None,
) -> bytes:
    """A `track` call as JSON.

    `person_id` names the person by number and is believed only of source `muster`. Without `at`
    it happened when it is received; for many events of one moment it may be what `iso` says of it.
    Without `message_id` it gets a new one; give one wherever the same event could be written
    twice, and one that a stranger cannot guess.
    """
    return _call(
        {"type": "track", "event": name, "properties": dict(properties or {})},
        user_id=user_id,
        person_id=person_id,
        anonymous_id=anonymous_id,
        context=context,
        at=at,
        message_id=message_id,
    )


def identify(
    traits: Mapping[str, Any],
    *,
    user_id: str | None = None,
    person_id: int | None = None,
    anonymous_id: str | None = None,
    context: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    message_id: str | None = None,
) -> bytes:
    """An `identify` call as JSON: what is now known of a person; null clears a trait.

    Without any id the person is recognised by `email`, else by `phone`.
    """
    return _call(
        {"type": "identify", "traits": dict(traits)},
        user_id=user_id,
        person_id=person_id,
        anonymous_id=anonymous_id,
        context=context,
        at=at,
        message_id=message_id,
    )


def iso(moment: datetime) -> str:
    """The moment as events write it: UTC, microseconds, `Z`."""
    # Every request at the door asks for this: strftime takes seven times as long.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


_encode = msgspec.json.Encoder(decimal_format="string").encode


def _call(
    call: dict[str, Any],
    *,
    user_id: str | None,
    person_id: int | None,
    anonymous_id: str | None,
    context: Mapping[str, Any] | None,
    at: datetime | str | None,
    message_id: str | None,
) -> bytes:
    surroundings = dict(context or {})
    if person_id is not None:
        surroundings["muster"] = {**surroundings.get("muster", {}), "person_id": person_id}
    call["messageId"] = message_id or uuid.uuid4().hex
    if user_id is not None:
        call["userId"] = user_id
    if anonymous_id is not None:
        call["anonymousId"] = anonymous_id
    if at is not None:
        call["timestamp"] = at if isinstance(at, str) else iso(at)
    if surroundings:
        call["context"] = surroundings
    return _encode(call)
