"""What people do on the calendar: mark days, move things, subscribe, bring calendars in (S15)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext

from muster.kit.days import off_calendar
from muster.kit.errors import Invalid, NotFound, Refused
from muster.kit.ids import number
from muster.kit.words import _
from muster.plan.approvals.models import is_approved
from muster.plan.brief.fingerprint import fingerprint
from muster.plan.calendar.importing import Found
from muster.plan.calendar.layers import Moved
from muster.plan.calendar.models import Feed, ImportedCalendar, ImportedEvent
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import edit_task
from muster.plan.tasks.models import Task
from muster.team.calendars.actions import may_change
from muster.team.calendars.models import CustomDay
from muster.team.changes.actions import left_out, record_change, take_away, takes_back
from muster.team.changes.models import Change
from muster.team.lacking import lacking
from muster.team.tokens.models import hash_of
from muster.team.users.models import User
from muster.ui.formats import day as written_day

_MOST_FEEDS = 20


@transaction.atomic
def move_day(by: User, public_id: str, to: date) -> Moved:
    """Take a day of one's own to another day; it keeps its length."""
    if not by.may("campaigns.edit"):
        raise lacking("campaigns.edit")
    rows = CustomDay.objects.select_for_update()
    day = rows.filter(pk=number("day", public_id) or 0).first()
    if day is None:
        raise NotFound
    may_change(day, by)
    if day.recurrence != CustomDay.Recurrence.ONCE:
        raise Refused(
            _("“%(name)s” returns by itself. Take it away and mark the new day instead."),
            name=day.name,
        )
    if problems := off_calendar({"/to": to, "/last": to + (day.last - day.first)}):
        raise Invalid.of(problems)
    undo = {"first": day.first, "last": day.last}
    day.first, day.last = to, to + (day.last - day.first)
    day.save(update_fields=["first", "last"])
    change = record_change("day_moved", day, by=by, undo=undo)
    return Moved(_said(day.name, to), change)


def move_task(by: User, public_id: str, to: date) -> Moved:
    """Let a task be due on another day; one that has only a first possible day gets another."""
    if not by.may("campaigns.edit"):
        raise lacking("campaigns.edit")
    rows = Task.objects.filter(campaign__in=Campaign.objects.visible_to(by))
    task = rows.select_related("campaign").filter(pk=number("task", public_id) or 0).first()
    if task is None:
        raise NotFound
    field = "not_before" if task.due is None else "due"
    return Moved(_said(task.title, to), edit_task(task, {field: to}, by=by))


def move_campaign(by: User, public_id: str, to: date) -> Moved:
    """Let a campaign begin on another day and last as long; an approval of it falls away."""
    if not by.may("campaigns.edit"):
        raise lacking("campaigns.edit")
    rows = Campaign.objects.visible_to(by)
    campaign = rows.filter(pk=number("campaign", public_id) or 0).first()
    if campaign is None:
        raise NotFound
    if not campaign.is_planned:
        raise Refused(
            _("“%(name)s” has begun: its first day stays. Change its last day in the brief."),
            name=campaign.name,
        )
    was_approved = is_approved("campaign", campaign.pk, fingerprint(campaign)) is not None
    length = campaign.ends - campaign.starts
    change = edit_campaign(campaign, {"starts": to, "ends": to + length}, by=by)
    text = _said(campaign.name, to)
    if was_approved and change is not None:
        text += " " + gettext("It was approved with other days: ask for approval again.")
    return Moved(text, change)


def _said(name: str, to: date) -> str:
    shown = written_day(to, get_language() or "en", today=today())
    return gettext("“%(name)s” is moved to %(day)s.") % {"name": name, "day": shown}


@transaction.atomic
def make_feed(
    name: str, layers: Sequence[str], *, by: User, countries: Sequence[str] = ()
) -> tuple[Feed, str]:
    """An address for a calendar program; the second value is its secret, shown this once."""
    if not layers and not countries:
        raise Invalid.at("/layers", "no_layer", _("Choose at least one layer."))
    if Feed.objects.filter(user=by, revoked_at=None).count() >= _MOST_FEEDS:
        raise Refused(
            _("You have %(most)s addresses already. Revoke one that you no longer use."),
            most=_MOST_FEEDS,
        )
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(
        user=by,
        name=name.strip()[:80] or gettext("Calendar"),
        layers=list(layers),
        countries=list(countries),
        hash=hash_of(secret),
    )
    record_change("feed_made", feed, by=by, layers=feed.layers)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: Feed, *, by: User) -> None:
    """The address stops working at once."""
    Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now())
    record_change("feed_revoked", feed, by=by)


@transaction.atomic
def keep_calendar(
    name: str, found: Found, *, by: User, as_days: bool = False
) -> tuple[int, Change]:
    """Keep what was read from an .ics file; how many days or events are new, and the change.

    With `as_days` the whole-day events become days of one's own, the others are left out.
    """
    name = (name.strip() or found.name or gettext("Imported calendar"))[:80]
    if as_days:
        whole = [one for one in found.events if one.starts_at is None]
        if not whole:
            raise Refused(
                _("There is no whole-day event in it. Keep it as a layer of its own instead.")
            )
        days = CustomDay.objects.bulk_create(
            CustomDay(name=one.title[:80], first=one.first, last=one.last, by=by) for one in whole
        )
        back = [[one.pk, one.name, str(one.first), str(one.last)] for one in days]
        return len(days), record_change(
            "days_imported", days[0], by=by, undo={"back": back}, days=len(days), calendar=name
        )
    calendar = ImportedCalendar.objects.create(name=name, by=by)
    ImportedEvent.objects.bulk_create(
        (
            ImportedEvent(
                calendar=calendar,
                title=one.title,
                first=one.first,
                last=one.last,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
            )
            for one in found.events
        ),
        batch_size=500,
    )
    return len(found.events), record_change(
        "calendar_imported", calendar, by=by, undo={"back": True}, events=len(found.events)
    )


@takes_back("days_imported")
def days_go_again(change: Change, back: Sequence[Sequence[Any]], by: User) -> None:
    """The days that came in go again, except those that somebody has changed since."""
    days = CustomDay.objects.in_bulk([row[0] for row in back])
    same = [
        pk
        for pk, name, first, last in back
        if (one := days.get(pk))
        and [one.name, str(one.first), str(one.last)] == [name, first, last]
    ]
    for day in CustomDay.objects.filter(pk__in=same):
        may_change(day, by)
    CustomDay.objects.filter(pk__in=same).delete()
    if left := len(days) - len(same):
        left_out(change, _("Days that were changed since stay: %(count)s."), {"count": left})


@takes_back("calendar_imported")
def calendar_goes_again(change: Change, back: object, by: User) -> None:
    """A calendar that came in goes again, with its events."""
    ImportedCalendar.objects.filter(pk=change.object_id).delete()


@transaction.atomic
def drop_calendar(calendar: ImportedCalendar, *, by: User) -> Change:
    """Take a calendar that was brought in away, with its events."""
    return take_away("calendar_dropped", calendar, by=by)
