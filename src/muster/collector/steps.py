"""What happens to events between the door and the log, in this order (TR1, TR3).

Nearly every request brings events that need nothing done, and one strict reading tells that: these
go past all steps. Of the others each step looks at all events of one request at once.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from muster.collector import actor, depth
from muster.events.shape import TYPES, Call, Calls, Kind, iso
from muster.kit import clock
from muster.kit.words import _

EVENT_BYTES = 32 * 1024

_ID_LENGTH = 512
BELIEVED = timedelta(minutes=1)
"""A browser's clock may be wrong by so much before its times are moved: the way here takes time."""


class Drop(StrEnum):
    """Why an event was not kept. The collector counts each reason, so no loss is silent."""

    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    WRONG_SHAPE = "wrong_shape"
    BAD_TIME = "bad_time"
    UNKNOWN_TYPE = "unknown_type"
    NO_NAME = "no_name"
    NO_IDENTITY = "no_identity"
    LONG_ID = "long_id"


HOW_TO_MEND = {
    Drop.TOO_LARGE: _("The event is larger than 32 KB. Send less in it, or split it."),
    Drop.TOO_DEEP: _("The event is nested too deeply. Objects and lists may have 100 levels."),
    Drop.WRONG_SHAPE: _("The event must be a JSON object in the shape of the tracking API."),
    Drop.BAD_TIME: _('Write timestamp in ISO 8601 with its zone, such as "2026-11-22T08:30:00Z".'),
    Drop.UNKNOWN_TYPE: _("Set type to one of track, identify, page, screen, group and alias."),
    Drop.NO_NAME: _('Give the event a name: "event": "Order Completed".'),
    Drop.NO_IDENTITY: _("Say who did it: give userId or anonymousId."),
    Drop.LONG_ID: _("Ids must not be longer than 512 characters."),
}
"""One sentence for each reason, for the one who sent the event."""


class Arrival(msgspec.Struct, gc=False):
    """One event on its way in."""

    number: int
    """Its place in the request, from 0."""
    raw: bytes | msgspec.Raw
    """The event as it was sent; steps may add to it, but never write it anew without need."""
    call: Call
    reason: Drop | None = None
    """Why it is dropped; None if it is kept."""
    at: str = ""
    """Where in the event the reason is, as a JSON pointer."""
    detail: str = ""
    """What is wrong there, where the reason alone does not say it."""
    actor: str = ""
    """Set only where it is not a human."""


class Delivery(msgspec.Struct):
    """The events of one request, and what the request says of all of them."""

    events: Sequence[bytes | msgspec.Raw]
    """As they were sent; after the steps, as they are kept."""
    body: bytes
    path_type: str | None = None
    """The type that the address says, if the event came alone."""
    context: bytes | msgspec.Raw = b""
    integrations: bytes | msgspec.Raw = b""
    browser_agent: str | None = None
    """The user agent, when a browser sent the events itself."""
    sent_at: bytes | msgspec.Raw = b""
    """When it was sent by the clock of the sender."""
    actor: Sequence[str] = ()
    """Beside each event as it is kept, "" for a human; empty where all are of humans."""
    arrivals: list[Arrival] = []
    """On the way through the steps: those not dropped so far."""


Step = Callable[[Delivery], Sequence[Arrival]]
"""Changes what it has to, and gives back the events it drops, each with its reason."""


def follow(steps: Iterable[Step], delivery: Delivery) -> list[Arrival]:
    """Take the events through the steps; those that were dropped, in the order of the request."""
    if _needs_nothing(delivery):
        return []
    nothing = Call()
    delivery.arrivals = [
        Arrival(number, raw, nothing) for number, raw in enumerate(delivery.events)
    ]
    dropped: list[Arrival] = []
    for step in steps:
        found = step(delivery)
        if found:
            dropped.extend(found)
            delivery.arrivals = [a for a in delivery.arrivals if a.reason is None]
    delivery.events = [arrival.raw for arrival in delivery.arrivals]
    actors = [arrival.actor for arrival in delivery.arrivals]
    delivery.actor = actors if any(actors) else ()
    dropped.sort(key=lambda arrival: arrival.number)
    return dropped


_USER_AGENT = b'"userAgent"'


class _Context(msgspec.Struct, gc=False):
    userAgent: Any = None  # noqa: N815


class _WithContext(msgspec.Struct, gc=False):
    context: _Context | None = None


_Text = Annotated[str, msgspec.Meta(max_length=_ID_LENGTH)]
_Said = Annotated[str, msgspec.Meta(min_length=1, max_length=_ID_LENGTH)]


class _NoAgent(msgspec.Struct, gc=False):
    """A context that names no program."""

    userAgent: None = None  # noqa: N815


class _Whole(Call, gc=False, kw_only=True):
    """A call to which no step has anything to add: the reading itself refuses all others."""

    type: Kind
    messageId: _Said  # noqa: N815
    event: _Said | None = None
    userId: _Text | None = None  # noqa: N815
    anonymousId: _Text | None = None  # noqa: N815
    previousId: _Text | None = None  # noqa: N815
    context: _NoAgent | None = None  # type: ignore[assignment]


class _WholeBatch(msgspec.Struct, gc=False):
    batch: list[_Whole]


_ROOM_FOR_LEVELS = 2 * depth.MOST_LEVELS + 50
"""A shorter event that says its type, its id and whose it is cannot be nested too deeply."""


def _needs_nothing(delivery: Delivery) -> bool:
    """Whether all steps would leave everything as it is: no may be wrong, yes never is."""
    if (
        delivery.path_type is not None
        or delivery.browser_agent is not None
        or delivery.context
        or delivery.integrations
        or len(delivery.body) > EVENT_BYTES
    ):
        return False
    if max(map(len, delivery.events), default=0) > _ROOM_FOR_LEVELS:
        for event in delivery.events:
            if len(event) > _ROOM_FOR_LEVELS and depth.is_too_deep(bytes(event)):
                return False
    try:
        calls = _read_whole(delivery.body).batch
    except msgspec.ValidationError:
        return False
    for call in calls:
        if not (call.userId or call.anonymousId) or not (call.event or call.type != "track"):
            return False
    return True


def drop_too_large(delivery: Delivery) -> Sequence[Arrival]:
    if len(delivery.body) <= EVENT_BYTES:
        return ()
    return _drop(Drop.TOO_LARGE, "", [a for a in delivery.arrivals if len(a.raw) > EVENT_BYTES])


def drop_too_deep(delivery: Delivery) -> Sequence[Arrival]:
    if not depth.may_be_too_deep(delivery.body):
        return ()
    deep = [a for a in delivery.arrivals if depth.is_too_deep(bytes(a.raw))]
    return _drop(Drop.TOO_DEEP, "", deep)


def drop_unreadable(delivery: Delivery) -> Sequence[Arrival]:
    if delivery.path_type is None:
        try:
            calls = _read_calls(delivery.body).batch
        except (msgspec.ValidationError, RecursionError):
            # One of them is wrong, or was too deep: now each by itself, to see which.
            pass
        else:
            for arrival in delivery.arrivals:
                arrival.call = calls[arrival.number]
            return ()
    return [arrival for arrival in delivery.arrivals if not _read(arrival)]


def put_type(delivery: Delivery) -> Sequence[Arrival]:
    if delivery.path_type is not None:
        for arrival in delivery.arrivals:
            if arrival.call.type is None:
                arrival.call.type = delivery.path_type
                _put(arrival, "type", msgspec.json.encode(delivery.path_type))
    return ()


def drop_unknown_types(delivery: Delivery) -> Sequence[Arrival]:
    wrong = [a for a in delivery.arrivals if a.call.type not in _TYPES]
    return _drop(Drop.UNKNOWN_TYPE, "/type", wrong)


def drop_without_name(delivery: Delivery) -> Sequence[Arrival]:
    wrong = [a for a in delivery.arrivals if not a.call.event and a.call.type == "track"]
    return _drop(Drop.NO_NAME, "/event", wrong)


def drop_without_identity(delivery: Delivery) -> Sequence[Arrival]:
    wrong = [
        a
        for a in delivery.arrivals
        if not a.call.userId and not a.call.anonymousId and not _names_someone(a.call)
    ]
    return _drop(Drop.NO_IDENTITY, "/userId", wrong)


def drop_long_ids(delivery: Delivery) -> Sequence[Arrival]:
    # A short event cannot hold a long id, and most are short.
    long = [a for a in delivery.arrivals if len(a.raw) > _ID_LENGTH and _long_id(a)]
    return _drop(Drop.LONG_ID, "", long)


def put_message_ids(delivery: Delivery) -> Sequence[Arrival]:
    for arrival in delivery.arrivals:
        if not arrival.call.messageId:
            arrival.call.messageId = uuid.uuid4().hex
            _put(arrival, "messageId", msgspec.json.encode(arrival.call.messageId))
    return ()


def put_batch_context(delivery: Delivery) -> Sequence[Arrival]:
    """Give each event what its batch says for all; what it says itself wins."""
    if not delivery.context and not delivery.integrations:
        return ()
    for name, value in (
        ("context", bytes(delivery.context)),
        ("integrations", bytes(delivery.integrations)),
    ):
        if value.startswith(b"{"):
            for arrival in delivery.arrivals:
                _put(arrival, name, value)
    return ()


def put_right_times(delivery: Delivery) -> Sequence[Arrival]:
    """Browsers run on clocks that nobody sets: what they say is moved by as much as they are wrong.

    How wrong is what the request says of its sending against when it came. Servers are believed:
    they may send late what they say was sent earlier.
    """
    if delivery.browser_agent is None or not delivery.sent_at:
        return ()
    try:
        sent_at = _read_time(delivery.sent_at)
    except msgspec.ValidationError:
        return ()
    wrong = clock.now() - sent_at if sent_at.tzinfo else timedelta(0)
    if abs(wrong) <= BELIEVED:
        return ()
    for arrival in delivery.arrivals:
        said = arrival.call.timestamp
        if said is not None and said.tzinfo:
            with suppress(OverflowError):
                right = iso(said + wrong)
                _put(arrival, "timestamp", msgspec.json.encode(right))
                _put(arrival, "originalTimestamp", msgspec.json.encode(iso(said)))
    return ()


def put_actor(delivery: Delivery) -> Sequence[Arrival]:
    """Mark the events of programs: a server says in each whose they are, a browser in its request.

    What a server calls itself says nothing: it speaks for others. Of a browser's events either is
    enough, for the page that made them may have been told to call itself something else.
    """
    is_program = bool(delivery.browser_agent and actor.machine_family(delivery.browser_agent))
    for arrival in delivery.arrivals:
        agent = "" if is_program else _agent_of(arrival)
        if is_program or (agent and actor.machine_family(agent)):
            arrival.actor = actor.MACHINE
    return ()


STEPS: Sequence[Step] = [
    drop_too_large,
    drop_too_deep,
    drop_unreadable,
    put_type,
    drop_unknown_types,
    drop_without_name,
    drop_without_identity,
    drop_long_ids,
    put_message_ids,
    put_batch_context,
    put_right_times,
    put_actor,
]

_TYPES = frozenset(TYPES)
_read_call = msgspec.json.Decoder(Call).decode
_read_calls = msgspec.json.Decoder(Calls).decode
_read_whole = msgspec.json.Decoder(_WholeBatch).decode
_read_time = msgspec.json.Decoder(datetime).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_context = msgspec.json.Decoder(_WithContext).decode
_BEGIN = re.compile(rb"\s*\{\s*")


def _drop(reason: Drop, at: str, arrivals: list[Arrival]) -> list[Arrival]:
    for arrival in arrivals:
        arrival.reason = reason
        arrival.at = arrival.at or at
    return arrivals


def _read(arrival: Arrival) -> bool:
    try:
        arrival.call = _read_call(arrival.raw)
    except msgspec.ValidationError as error:
        what, _where, path = str(error).partition(" - at `$")
        arrival.at = path.rstrip("`").replace(".", "/")
        is_time = "RFC3339" in what
        arrival.reason = Drop.BAD_TIME if is_time else Drop.WRONG_SHAPE
        arrival.detail = "" if is_time else f"{what}."
        return False
    return True


def _names_someone(call: Call) -> bool:
    """Whether a call without the usual ids says who it is about all the same."""
    if call.userId == 0 or call.anonymousId == 0:
        return True
    by_traits = call.type == "identify" and call.traits is not None
    return by_traits and bool(call.traits and (call.traits.email or call.traits.phone))


def _long_id(arrival: Arrival) -> bool:
    for name in ("userId", "anonymousId", "previousId", "messageId", "event"):
        if len(str(getattr(arrival.call, name) or "")) > _ID_LENGTH:
            arrival.at = f"/{name}"
            return True
    return False


def _agent_of(arrival: Arrival) -> str:
    """The user agent that the event itself names; "" if it names none."""
    raw = bytes(arrival.raw)
    if _USER_AGENT not in raw:
        return ""
    context = _read_context(raw).context
    agent = context.userAgent if context is not None else None
    return agent if isinstance(agent, str) else ""


def _put(arrival: Arrival, name: str, value: bytes) -> None:
    """Give the event a field; of two objects the fields of its own stay."""
    raw = bytes(arrival.raw)
    if f'"{name}"'.encode() in raw:
        fields = _read_fields(raw)
        own = bytes(fields.get(name, b""))
        if own.startswith(b"{") and value.startswith(b"{"):
            value = msgspec.json.encode(_read_fields(value) | _read_fields(own))
        fields[name] = msgspec.Raw(value)
        arrival.raw = msgspec.json.encode(fields)
        return
    begin = _BEGIN.match(raw)
    rest = raw[begin.end() :] if begin else b"}"
    comma = b"" if rest.startswith(b"}") else b","
    arrival.raw = b'{"%b":%b%b%b' % (name.encode(), value, comma, rest)
