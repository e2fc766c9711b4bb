"""What a report was asked for: days, lists and names, read once for page and API."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from muster.kit.errors import Invalid
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.team.users.models import Workspace


def moment(text: str | None, at: str, *, is_end: bool = False) -> datetime | None:
    """An ISO moment or day; a day begins, and as an end also ends, where the workspace is."""
    if not text:
        return None
    zone = Workspace.here().zone
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
            return datetime.combine(day, time.min, zone).astimezone(UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Invalid.at(
            at,
            "bad_time",
            _("“%(given)s” is no day or moment; write it like 2026-11-11 or 2026-11-11T00:00:00Z."),
            given=text,
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def period(first: str | None, last: str | None) -> tuple[datetime | None, datetime | None]:
    """From when to when; a moment that is left out is open."""
    start, end = moment(first, "/from"), moment(last, "/to", is_end=True)
    if start and end and end <= start:
        raise Invalid.at(
            "/to",
            "to_before_from",
            _("The end lies before the beginning. Exchange them, or leave one of them out."),
        )
    return start, end


def currency(text: str | None) -> str | None:
    """A currency by its code; None if none was asked for."""
    if not text:
        return None
    code = text.upper()
    if not is_currency(code):
        raise Invalid.at(
            "/currency",
            "unknown_currency",
            _("“%(currency)s” is no currency. Use a code such as CNY, TWD, HKD or USD."),
            currency=text,
        )
    return code


def day(text: str | None, at: str, default: date) -> date:
    """An ISO day."""
    if not text:
        return default
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Invalid.at(
            at, "bad_day", _("“%(given)s” is no day; write it like 2026-11-11."), given=text
        ) from None


def listed(text: str | None, default: tuple[str, ...]) -> tuple[str, ...]:
    """A list with commas between, each entry once."""
    found = dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip())
    return tuple(found) or default
