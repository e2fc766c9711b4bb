"""Reads .ics files (S15): every event with the days on which it returns, or a sentence why not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar import Calendar, Component
from icalendar.error import BrokenCalendarProperty, GloballyUniqueTZIDGuessed

from muster.kit.days import is_shown
from muster.kit.errors import Invalid
from muster.kit.words import _

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 5000
MOST_RETURNS = 400
"""Of one event; a daily one is kept for a little more than a year."""
BACK, AHEAD = timedelta(days=366), timedelta(days=3 * 366)
"""How far around today a returning event is written out."""
_LONGEST = timedelta(days=3660)
_UNREADABLE = (BrokenCalendarProperty, ValueError, TypeError, AttributeError, OverflowError)


@dataclass(frozen=True)
class FoundEvent:
    """One event, or one return of one."""

    title: str
    first: date
    last: date
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class Found:
    """What a file holds."""

    name: str
    events: tuple[FoundEvent, ...]
    skipped: int
    """Events that have no usable first or last day."""
    shortened: int
    """Returning events of which only the first time, or the first returns, were taken."""


def read(data: bytes, zone: ZoneInfo, today: date) -> Found:
    """The events of an .ics file. Raises Invalid, with a sentence, for what cannot be used.

    Whole days stay days; moments without a zone are those of `zone`.
    """
    if len(data) > MOST_BYTES:
        raise _refusal("too_large", _("The file is larger than 2 MB. Export a shorter span."))
    components = _components(data)
    name = next((str(one["X-WR-CALNAME"]) for one in components if "X-WR-CALNAME" in one), "")
    found: list[FoundEvent] = []
    skipped = shortened = 0
    events = [event for one in components for event in one.walk("VEVENT")]
    moved = _moved(events)
    for event in events:
        try:
            returns, cut = _returns(event, zone, today, moved)
        except (*_UNREADABLE, KeyError):
            skipped += 1
            continue
        found += returns
        shortened += cut
        if len(found) > MOST_EVENTS:
            raise _refusal(
                "too_many",
                _("There are more than 5,000 events in it. Export a shorter span."),
            )
    if not found:
        raise _refusal("no_event", _nothing(components, events))
    return Found(name[:80], tuple(sorted(found, key=lambda one: (one.first, one.title))),
                 skipped, shortened)  # fmt: skip


def _components(data: bytes) -> list[Component]:
    text = data.decode("utf-8-sig", errors="replace").strip()
    if not text:
        raise _refusal("empty", _("There is nothing in it. Choose a file that ends in .ics."))
    if "BEGIN:" not in text.upper():
        raise _refusal(
            "no_calendar",
            _("This is no calendar: an .ics file begins with BEGIN:VCALENDAR."),
        )
    try:
        with warnings.catch_warnings():
            # Names such as /mozilla.org/2007/Europe/Berlin: the library says that it guesses.
            warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)
            found = _parsed(text)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise _refusal(
            "broken",
            _("The file is damaged: %(why)s. Export it again from the other calendar."),
            why=str(error)[:160],
        ) from error
    return [one for one in found if isinstance(one, Component)]


def _parsed(text: str) -> list[Any]:
    found: list[Any] = list(Calendar.from_ical(text, multiple=True))
    # A single event without a calendar around it is taken, too.
    return found or list(Component.from_ical(text, multiple=True))


def _nothing(components: list[Component], events: list[Component]) -> str:
    if events:
        return _("None of its events has a usable first day. Export it again, with dates.")
    if any(one.walk("VFREEBUSY") or one.walk("VAVAILABILITY") for one in components):
        return _("It only says when somebody is free or busy; there is no event to show.")
    if any(one.walk("VTODO") or one.walk("VJOURNAL") for one in components):
        return _("It only holds to-dos or notes; the calendar takes events.")
    return _("There is no event in it.")


def _moved(events: list[Component]) -> dict[str, set[Any]]:
    """Uid → the returns that have an event of their own and so fall out of the series."""
    found: dict[str, set[Any]] = {}
    for event in events:
        if "RECURRENCE-ID" in event and "UID" in event:
            replaced = getattr(event["RECURRENCE-ID"], "dt", None)
            if replaced is not None:
                found.setdefault(str(event["UID"]), set()).add(_key(replaced))
    return found


def _key(moment: date | datetime) -> str:
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(UTC).isoformat()
    return moment.isoformat()


def _returns(
    event: Component, zone: ZoneInfo, today: date, moved: dict[str, set[Any]]
) -> tuple[list[FoundEvent], bool]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return [], False
    start = _start(event)
    length = _length(event, start)
    title = " ".join(str(event.get("SUMMARY") or "").split())[:200] or "–"
    if "RECURRENCE-ID" in event or not _is_series(event):
        return [_one(title, start, length, zone)], False
    replaced = moved.get(str(event.get("UID", "")), set())
    kept: list[FoundEvent] = []
    try:
        for moment in _series(event, start, zone, today):
            if _key(moment) in replaced:
                continue
            if len(kept) >= MOST_RETURNS:
                return kept, True
            kept.append(_one(title, moment, length, zone))
    except _UNREADABLE:
        # A rule that nobody can read: the first time is still worth showing.
        return [_one(title, start, length, zone)], True
    return kept or [_one(title, start, length, zone)], False


def _start(event: Component) -> date | datetime:
    value = event["DTSTART"]
    start = getattr(value, "dt", None)
    if not isinstance(start, date) or not is_shown(start):
        raise ValueError("no first day")
    return start


def _length(event: Component, start: date | datetime) -> timedelta:
    length = _asked_length(event, start)
    if length > _LONGEST:
        raise ValueError("no last day")
    return length


def _asked_length(event: Component, start: date | datetime) -> timedelta:
    least = timedelta(0) if isinstance(start, datetime) else timedelta(days=1)
    end: Any = getattr(event.get("DTEND"), "dt", None)
    if end is None:
        length: Any = getattr(event.get("DURATION"), "dt", None)
        return max(length, least) if isinstance(length, timedelta) else least
    if isinstance(end, datetime) != isinstance(start, datetime):
        return least
    if isinstance(start, datetime) and (end.tzinfo is None) != (start.tzinfo is None):
        end = end.replace(tzinfo=start.tzinfo)
    length = end - start
    return max(cast(timedelta, length), least)


def _is_series(event: Component) -> bool:
    return "RRULE" in event or "RDATE" in event


def _series(
    event: Component, start: date | datetime, zone: ZoneInfo, today: date
) -> Iterator[date | datetime]:
    """The returns near today, in order, as days or moments like the start."""
    whole = not isinstance(start, datetime)
    own = start.tzinfo if isinstance(start, datetime) else None
    # Days and hours are counted on the clock of the event, so that summer time does not shift it.
    naive = datetime.combine(start, time.min) if whole else _bare(start)
    rules = rruleset()
    rules.rdate(naive)
    for rule in _many(event, "RRULE"):
        text = _rule_text(rule, own or zone, whole)
        rules.rrule(cast(rrule, rrulestr(text, dtstart=naive)))
    for moment in _dates(event, "RDATE"):
        rules.rdate(_as_naive(moment, own))
    for moment in _dates(event, "EXDATE"):
        rules.exdate(_as_naive(moment, own))
    first = datetime.combine(today - BACK, time.min)
    last = datetime.combine(today + AHEAD, time.min)
    for looked_at, moment in enumerate(rules):
        if moment > last or looked_at > 20_000:
            return
        if moment >= first:
            yield moment.date() if whole else moment.replace(tzinfo=own)


def _bare(start: date | datetime) -> datetime:
    assert isinstance(start, datetime)  # noqa: S101
    return start.replace(tzinfo=None)


def _rule_text(rule: Any, own: tzinfo, whole: bool) -> str:
    """The rule as text, its UNTIL on the clock of the event."""
    parts = []
    for part in rule.to_ical().decode().split(";"):
        name, _equals, value = part.partition("=")
        if name == "UNTIL" and value.endswith("Z"):
            moment = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            value = f"{moment.astimezone(own):%Y%m%dT%H%M%S}" if not whole else f"{moment:%Y%m%d}"
        if value:
            parts.append(f"{name}={value}")
    return ";".join(parts)


def _many(event: Component, name: str) -> list[Any]:
    value = event.get(name)
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dates(event: Component, name: str) -> Iterator[date | datetime]:
    for value in _many(event, name):
        for one in getattr(value, "dts", []):
            moment = one.dt
            # A period has a beginning and an end: it returns at its beginning.
            yield moment[0] if isinstance(moment, tuple) else moment


def _as_naive(moment: date | datetime, own: tzinfo | None) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    if moment.tzinfo is not None and own is not None:
        moment = moment.astimezone(own)
    return moment.replace(tzinfo=None)


def _one(title: str, start: date | datetime, length: timedelta, zone: ZoneInfo) -> FoundEvent:
    if not isinstance(start, datetime):
        last = start + length - timedelta(days=1)
        return FoundEvent(title, start, max(last, start), None, None)
    begin = start if start.tzinfo is not None else start.replace(tzinfo=zone)
    begin = begin.astimezone(UTC)
    end = begin + length
    first = begin.astimezone(zone).date()
    # What ends at midnight does not touch the day after.
    last = (end - timedelta(seconds=1)).astimezone(zone).date() if end > begin else first
    return FoundEvent(title, first, max(last, first), begin, end if end > begin else None)


def _refusal(code: str, text: str, **params: object) -> Invalid:
    return Invalid.at("/file", code, text, **params)
