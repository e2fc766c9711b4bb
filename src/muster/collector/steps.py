"""What happens to an event between the door and the log, in this order (TR1, TR3)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from muster.collector import actor
from muster.events.shape import TYPES, Call
from muster.kit.words import _

EVENT_BYTES = 32 * 1024

_ID_LENGTH = 512


class Drop(StrEnum):
    """Why an event was not kept. The collector counts each reason, so no loss is silent."""

    TOO_LARGE = "too_large"
    WRONG_SHAPE = "wrong_shape"
    BAD_TIME = "bad_time"
    UNKNOWN_TYPE = "unknown_type"
    NO_NAME = "no_name"
    NO_IDENTITY = "no_identity"
    LONG_ID = "long_id"


HOW_TO_MEND = {
    Drop.TOO_LARGE: _("The event is larger than 32 KB. Send less in it, or split it."),
    Drop.WRONG_SHAPE: _("The event must be a JSON object in the shape of the tracking API."),
    Drop.BAD_TIME: _('Write timestamp in ISO 8601 with its zone, such as "2026-11-22T08:30:00Z".'),
    Drop.UNKNOWN_TYPE: _("Set type to one of track, identify, page, screen, group and alias."),
    Drop.NO_NAME: _('Give the event a name: "event": "Order Completed".'),
    Drop.NO_IDENTITY: _("Say who did it: give userId or anonymousId."),
    Drop.LONG_ID: _("Ids must not be longer than 512 characters."),
}
"""One sentence for each reason, for the one who sent the event."""


@dataclass(slots=True)
class Arrival:
    """One event on its way in."""

    raw: bytes
    """The event as it was sent; steps may add to it, but never write it anew without need."""
    path_type: str | None = None
    """The type that the address says, if the event came alone."""
    batch_context: bytes = b""
    batch_integrations: bytes = b""
    browser_agent: str | None = None
    """The user agent, when a browser sent the event itself."""
    call: Call = field(default_factory=Call)
    actor: str = ""
    """Set only where it is not a human."""
    at: str = ""
    """Where in the event the reason for dropping it is, as a JSON pointer."""
    detail: str = ""
    """What is wrong there, where the reason alone does not say it."""


Step = Callable[[Arrival], Drop | None]


def follow(steps: Sequence[Step], arrival: Arrival) -> Drop | None:
    """Take the event through the steps; the reason if one of them drops it."""
    for step in steps:
        reason = step(arrival)
        if reason is not None:
            return reason
    return None


def drop_too_large(arrival: Arrival) -> Drop | None:
    return Drop.TOO_LARGE if len(arrival.raw) > EVENT_BYTES else None


def drop_unreadable(arrival: Arrival) -> Drop | None:
    try:
        arrival.call = _read_call(arrival.raw)
    except msgspec.ValidationError as error:
        what, _where, path = str(error).partition(" - at `$")
        arrival.at = path.rstrip("`").replace(".", "/")
        if "RFC3339" in what:
            return Drop.BAD_TIME
        arrival.detail = what
        return Drop.WRONG_SHAPE
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        arrival.detail = str(error)
        return Drop.WRONG_SHAPE
    return None


def put_type(arrival: Arrival) -> Drop | None:
    if arrival.call.type is None and arrival.path_type is not None:
        arrival.call.type = arrival.path_type
        _add(arrival, "type", msgspec.json.encode(arrival.path_type))
    return None


def drop_unknown_type(arrival: Arrival) -> Drop | None:
    if arrival.call.type in TYPES:
        return None
    arrival.at = "/type"
    return Drop.UNKNOWN_TYPE


def drop_without_name(arrival: Arrival) -> Drop | None:
    if arrival.call.type != "track" or arrival.call.event:
        return None
    arrival.at = "/event"
    return Drop.NO_NAME


def drop_without_identity(arrival: Arrival) -> Drop | None:
    call = arrival.call
    if _is_there(call.userId) or _is_there(call.anonymousId):
        return None
    traits = call.traits
    if call.type == "identify" and traits and (traits.email or traits.phone):
        return None
    arrival.at = "/userId"
    return Drop.NO_IDENTITY


def drop_long_ids(arrival: Arrival) -> Drop | None:
    call = arrival.call
    # A short event cannot hold a long id, and most are short.
    if len(arrival.raw) <= _ID_LENGTH:
        return None
    for name in ("userId", "anonymousId", "previousId", "messageId", "event"):
        if len(str(getattr(call, name) or "")) > _ID_LENGTH:
            arrival.at = f"/{name}"
            return Drop.LONG_ID
    return None


def put_message_id(arrival: Arrival) -> Drop | None:
    if not arrival.call.messageId:
        arrival.call.messageId = uuid.uuid4().hex
        if b'"messageId"' in arrival.raw:
            _write_anew(arrival, {"messageId": msgspec.json.encode(arrival.call.messageId)})
        else:
            _add(arrival, "messageId", msgspec.json.encode(arrival.call.messageId))
    return None


def put_batch_context(arrival: Arrival) -> Drop | None:
    """Give the event what its batch says for all; what it says itself wins."""
    for name, value in (
        ("context", arrival.batch_context),
        ("integrations", arrival.batch_integrations),
    ):
        if not value.startswith(b"{"):
            continue
        if f'"{name}"'.encode() in arrival.raw:
            fields = _read_fields(arrival.raw)
            own = fields.get(name, msgspec.Raw(b"null"))
            own_fields = _read_fields(own) if bytes(own).startswith(b"{") else {}
            merged = msgspec.json.encode(_read_fields(value) | own_fields)
            _write_anew(arrival, {name: merged})
        else:
            _add(arrival, name, value)
    return None


def put_actor(arrival: Arrival) -> Drop | None:
    if arrival.browser_agent is not None and actor.machine_family(arrival.browser_agent):
        arrival.actor = actor.MACHINE
    return None


STEPS: Sequence[Step] = [
    drop_too_large,
    drop_unreadable,
    put_type,
    drop_unknown_type,
    drop_without_name,
    drop_without_identity,
    drop_long_ids,
    put_message_id,
    put_batch_context,
    put_actor,
]

_read_call = msgspec.json.Decoder(Call).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_BEGIN = re.compile(rb"\s*\{\s*")


def _is_there(identity: str | int | None) -> bool:
    return identity is not None and identity != ""


def _add(arrival: Arrival, name: str, value: bytes) -> None:
    begin = _BEGIN.match(arrival.raw)
    rest = arrival.raw[begin.end() :] if begin else b"}"
    comma = b"" if rest.startswith(b"}") else b","
    arrival.raw = b'{"%b":%b%b%b' % (name.encode(), value, comma, rest)


def _write_anew(arrival: Arrival, changed: dict[str, bytes]) -> None:
    fields = _read_fields(arrival.raw)
    for name, value in changed.items():
        fields[name] = msgspec.Raw(value)
    arrival.raw = msgspec.json.encode(fields)
