"""What people do with calendars: be away, and keep days of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from muster.kit.days import COUNTRIES, far_away, off_calendar
from muster.kit.errors import Forbidden, Invalid, Problem
from muster.kit.words import _
from muster.team.calendars.models import CustomDay, Leave
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.models import Change
from muster.team.lacking import lacking
from muster.team.users.models import User, Workspace

_LONGEST = timedelta(days=731)


@transaction.atomic
def take_leave(user: User, first: date, last: date, note: str = "", *, by: User) -> Leave:
    """Somebody is away; one's own leave, or anybody's for those who manage the team."""
    check_own(user, by)
    _span(first, last)
    leave = Leave(user=user, first=first, last=last, note=note.strip()[:120])
    check_free(leave)
    leave.save()
    record_change("leave_taken", leave, by=by, user=user.pk, first=first, last=last)
    return leave


@transaction.atomic
def cancel_leave(leave: Leave, *, by: User) -> Change:
    """Somebody is here after all."""
    check_own(leave.user, by)
    return take_away("leave_cancelled", leave, by=by, user=leave.user_id)


@transaction.atomic
def add_day(
    name: str,
    first: date,
    last: date,
    effect: str = CustomDay.Effect.NOTE,
    recurrence: str = CustomDay.Recurrence.ONCE,
    *,
    by: User,
) -> CustomDay:
    """A day that matters here. Raises Invalid with everything that is wrong."""
    name = name.strip()
    problems = off_calendar({"/first": first, "/last": last})
    if not name:
        problems.append(Problem("/name", "blank", _("Give the day a name.")))
    if len(name) > 80:
        problems.append(
            Problem("/name", "too_long", _("This has at most %(most)s characters."), {"most": 80})
        )
    if effect not in CustomDay.Effect.values:
        problems.append(_unknown("/effect", effect, CustomDay.Effect.values))
    if recurrence not in CustomDay.Recurrence.values:
        problems.append(_unknown("/recurrence", recurrence, CustomDay.Recurrence.values))
    if last < first:
        problems.append(
            Problem("/last", "ends_before_start", _("The last day is before the first."))
        )
    elif last - first > _LONGEST:
        problems.append(Problem("/last", "too_long", _("That is longer than two years.")))
    elif recurrence == CustomDay.Recurrence.MONTHLY and (last - first).days > 27:
        problems.append(
            Problem("/last", "too_long", _("Days that return every month last 28 days at most."))
        )
    if problems:
        raise Invalid.of(problems)
    day = CustomDay(name=name, first=first, last=last, effect=effect, recurrence=recurrence, by=by)
    may_change(day, by)
    day.save()
    record_change("day_added", day, by=by, effect=effect)
    return day


def may_change(day: CustomDay, by: User) -> None:
    """Refuse where the day changes when everybody works and `by` may not decide that."""
    if day.effect != CustomDay.Effect.NOTE and not by.may("settings.manage"):
        raise Forbidden(
            _("Days off and working days change everybody's plan: an owner or admin sets them.")
        )


def _unknown(at: str, given: str, known: Sequence[str]) -> Problem:
    return Problem(
        at,
        "unknown_choice",
        _("“%(given)s” is not possible here. Use one of: %(known)s."),
        {"given": given, "known": ", ".join(known)},
    )


@transaction.atomic
def remove_day(day: CustomDay, *, by: User) -> Change:
    """The day is like any other again."""
    may_change(day, by)
    return take_away("day_removed", day, by=by, first=day.first, last=day.last)


@transaction.atomic
def choose_country(country: str, *, by: User) -> None:
    """Whose official days hold here."""
    if country not in COUNTRIES:
        raise Invalid.at("/country", "unknown_country", _("There is no calendar of this country."))
    place = Workspace.here()
    before, place.country = place.country, country
    place.save(update_fields=["country"])
    record_change("settings_changed", place, by=by, undo={"country": before})


def check_free(leave: Leave) -> None:
    """Nobody is away twice on one day."""
    rows = Leave.objects.filter(user=leave.user, first__lte=leave.last, last__gte=leave.first)
    if rows.exclude(pk=leave.pk).exists():
        raise Invalid.at(
            "/first",
            "overlaps",
            _("%(name)s is away on some of these days already."),
            name=leave.user.name,
        )


def check_own(user: User, by: User) -> None:
    """One's own leave, or anybody's for those who manage the team."""
    if user.pk != by.pk and not by.may("team.manage"):
        raise lacking("team.manage")


def _span(first: date, last: date) -> None:
    if problems := far_away({"/first": first, "/last": last}):
        raise Invalid.of(problems)
    if last < first:
        raise Invalid.at("/last", "ends_before_start", _("The last day is before the first."))
    if last - first > _LONGEST:
        raise Invalid.at("/last", "too_long", _("That is longer than two years."))
