"""What people do with calendars: be away, and keep days of their own."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from muster.kit.days import COUNTRIES
from muster.kit.errors import Forbidden, Invalid
from muster.kit.words import _
from muster.team.calendars.models import CustomDay, Leave
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace

_LONGEST = timedelta(days=731)


@transaction.atomic
def take_leave(user: User, first: date, last: date, note: str = "", *, by: User) -> Leave:
    """Somebody is away; one's own leave, or anybody's for those who manage the team."""
    _own(user, by)
    _span(first, last)
    if Leave.objects.filter(user=user, first__lte=last, last__gte=first).exists():
        raise Invalid.at(
            "/first",
            "overlaps",
            _("%(name)s is away on some of these days already."),
            name=user.name,
        )
    leave = Leave.objects.create(user=user, first=first, last=last, note=note.strip()[:120])
    record_change("leave_taken", leave, by=by, user=user.pk, first=first, last=last)
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: User) -> None:
    """Somebody is here after all."""
    _own(leave.user, by)
    record_change("leave_cancelled", leave, by=by, user=leave.user_id)
    leave.delete()


@transaction.atomic
def add_day(
    name: str, first: date, last: date, effect: str, recurrence: str, *, by: User
) -> CustomDay:
    """A day that matters here."""
    if not name.strip():
        raise Invalid.at("/name", "blank", _("Give the day a name."))
    if effect not in CustomDay.Effect.values:
        raise Invalid.at("/effect", "unknown_effect", _("A day is one of: note, off, work."))
    if recurrence not in CustomDay.Recurrence.values:
        raise Invalid.at(
            "/recurrence",
            "unknown_recurrence",
            _("A day returns in one of these ways: once, yearly, lunar, monthly."),
        )
    _span(first, last)
    if recurrence == CustomDay.Recurrence.MONTHLY and (last - first).days > 27:
        raise Invalid.at(
            "/last", "too_long", _("Days that return every month last 28 days at most.")
        )
    day = CustomDay.objects.create(
        name=name.strip()[:80], first=first, last=last, effect=effect, recurrence=recurrence, by=by
    )
    record_change("day_added", day, by=by, effect=effect)
    return day


@transaction.atomic
def remove_day(day: CustomDay, *, by: User) -> None:
    """The day is like any other again."""
    record_change("day_removed", day, by=by)
    day.delete()


@transaction.atomic
def choose_country(country: str, *, by: User) -> None:
    """Whose official days hold here."""
    if country not in COUNTRIES:
        raise Invalid.at("/country", "unknown_country", _("There is no calendar of this country."))
    place = Workspace.here()
    before, place.country = place.country, country
    place.save(update_fields=["country"])
    record_change("settings_changed", place, by=by, undo={"country": before})


def _own(user: User, by: User) -> None:
    if user.pk != by.pk and not by.may("team.manage"):
        raise Forbidden


def _span(first: date, last: date) -> None:
    if last < first:
        raise Invalid.at("/last", "ends_before_start", _("The last day is before the first."))
    if last - first > _LONGEST:
        raise Invalid.at("/last", "too_long", _("That is longer than two years."))
