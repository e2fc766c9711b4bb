"""How a row of a file becomes an event (TR1): which column is what, and when it happened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from muster.events.shape import TYPES
from muster.kit.words import _

FIELDS = ("userId", "anonymousId", "event", "timestamp", "messageId", "channel", "campaign")
PROPERTY = "properties."
LEAVE_OUT = ""
_ALIASES = {
    "userid": "userId",
    "customerid": "userId",
    "memberid": "userId",
    "anonymousid": "anonymousId",
    "visitorid": "anonymousId",
    "event": "event",
    "eventname": "event",
    "timestamp": "timestamp",
    "time": "timestamp",
    "datetime": "timestamp",
    "eventtime": "timestamp",
    "messageid": "messageId",
    "eventid": "messageId",
    "channel": "channel",
    "campaign": "campaign",
    "客户编号": "userId",
    "会员号": "userId",
    "事件": "event",
    "时间": "timestamp",
    "渠道": "channel",
    "活动": "campaign",
}
"""What a column is called (small letters, no signs) → field; used when nothing is mapped."""
_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M:%S", "%Y年%m月%d日")
_EPOCH = re.compile(r"\d{10}(\.\d+)?|\d{13}|\d{16}")

REASONS = {
    "no_person": (
        _("Nothing says whose event this is."),
        _("Give userId or anonymousId."),
    ),
    "no_event": (
        _("The event has no name."),
        _("Map a column to event, or name one event for all rows."),
    ),
    "bad_time": (
        _("The time cannot be read."),
        _("Write it like 2026-05-04T13:30:00Z or 2026-05-04 13:30."),
    ),
    "bad_type": (
        _("There is no such type of event."),
        _("Set type to one of track, identify, page, screen, group and alias."),
    ),
    "bad_line": (_("The line is no JSON object."), _("Write one object a line.")),
    "ragged": (
        _("The row has more cells than the header."),
        _("Put quotation marks around cells that contain the separator."),
    ),
}
"""Reason → what is wrong, and how to mend it."""


@dataclass(frozen=True)
class Unusable(Exception):
    """Why a row becomes no event."""

    reason: str
    """A key of `REASONS`."""
    column: str = ""


def targets(
    columns: Sequence[str], mapping: Mapping[str, str], *, event: str = ""
) -> dict[str, str]:
    """Column → target: as mapped; else the field of the same name; else a property of its name.

    Without any mapping, columns with usual names are taken for fields too.
    """
    found: dict[str, str] = {}
    for column in columns:
        if column in mapping:
            found[column] = mapping[column]
        elif column in FIELDS or column.startswith(PROPERTY):
            found[column] = column
        else:
            alias = "" if mapping else _ALIASES.get(re.sub(r"[\s_.-]+", "", column).casefold(), "")
            found[column] = alias if alias not in found.values() and alias else PROPERTY + column
    if event:
        found = {c: PROPERTY + c if t == "event" else t for c, t in found.items()}
    return found


def unknown_target(target: str) -> bool:
    """Whether a column cannot become this."""
    return target not in (*FIELDS, LEAVE_OUT) and not (
        target.startswith(PROPERTY) and len(target) > len(PROPERTY)
    )


def call_of(said: Mapping[str, Any], *, event: str, zone: ZoneInfo) -> dict[str, Any]:
    """The `track` call of a row of target → value; raises Unusable.

    `event` names the event where no column does.
    """
    call: dict[str, Any] = {"type": "track"}
    properties: dict[str, Any] = {}
    campaign = ""
    for target, value in said.items():
        if value is None or value == "":
            continue
        if target.startswith(PROPERTY):
            properties[target.removeprefix(PROPERTY)] = value
        elif target == "channel":
            properties["channel"] = str(value)
        elif target == "campaign":
            campaign = str(value)
        elif target == "timestamp":
            call["timestamp"] = moment(value, zone)
        else:
            call[target] = _text(value)
    call["event"] = event or call.get("event", "")
    if not call["event"]:
        raise Unusable("no_event", "event")
    if "userId" not in call and "anonymousId" not in call:
        raise Unusable("no_person", "userId")
    call["properties"] = properties
    if campaign:
        call["context"] = {"campaign": {"name": campaign}}
    return call


def checked(call: Mapping[str, Any], *, event: str, zone: ZoneInfo) -> dict[str, Any]:
    """A call that is an event of the tracking API already; raises Unusable."""
    mended = dict(call)
    mended.setdefault("type", "track")
    if mended["type"] not in TYPES:
        raise Unusable("bad_type", "type")
    if event and mended["type"] == "track":
        mended["event"] = event
    if mended["type"] == "track" and not mended.get("event"):
        raise Unusable("no_event", "event")
    traits = mended.get("traits")
    known_by = traits if mended["type"] == "identify" and isinstance(traits, dict) else {}
    if not any(mended.get(k) for k in ("userId", "anonymousId")) and not any(
        known_by.get(k) for k in ("email", "phone")
    ):
        raise Unusable("no_person", "userId")
    if mended.get("timestamp"):
        mended["timestamp"] = moment(mended["timestamp"], zone)
    context = mended.get("context")
    if isinstance(context, dict) and "muster" in context:
        # Numbers of people are ours; in a file they would name strangers.
        mended["context"] = {name: value for name, value in context.items() if name != "muster"}
    return mended


def moment(value: object, zone: ZoneInfo) -> str:
    """A time as events write it; without a zone it is the workspace's. Raises Unusable."""
    if isinstance(value, datetime):
        found: datetime | None = value
    else:
        found = _read(_text(value).strip())
    if found is None:
        raise Unusable("bad_time", "timestamp")
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    if _EPOCH.fullmatch(text):
        digits = len(text.partition(".")[0])
        seconds = float(text) / {10: 1, 13: 1e3, 16: 1e6}[digits]
        return datetime.fromtimestamp(seconds, UTC)
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    return None


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
