"""What the plan itself puts on the calendar: campaigns, tasks, checkpoints, days of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.calendar.actions import move_campaign, move_day, move_task
from muster.plan.calendar.layers import Tile, Window, layer, offer
from muster.plan.calendar.models import ImportedCalendar, ImportedEvent
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import CHIP
from muster.plan.goals.models import Goal
from muster.plan.tasks.models import Task
from muster.team.calendars.models import CustomDay
from muster.team.calendars.rules import Returning, occurrences
from muster.team.lookup import Addresses
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS

_DONE = Task.Status.DONE
_CHIP: dict[str, str] = {
    Task.Status.DOING: "info",
    Task.Status.REVIEW: "warn",
    Task.Status.DONE: "good",
}
_OVER = (Campaign.Status.ARCHIVED,)


def _campaigns_version() -> str:
    found = Campaign.objects.aggregate(Max("updated_at"), Count("id"))
    return f"{found['updated_at__max']} {found['id__count']}"


@layer(
    "campaigns",
    _("Campaigns"),
    10,
    "campaigns.see",
    move=move_campaign,
    version=_campaigns_version,
)
def campaigns(user: User, window: Window) -> Iterator[Tile]:
    """The campaigns that touch the window."""
    may_move = user.may("campaigns.edit")
    rows = Campaign.objects.visible_to(user).exclude(status__in=_OVER)
    rows = rows.filter(starts__lte=window.until, ends__gte=window.since).order_by("starts", "pk")
    address = Addresses("plan:overview", "campaign")
    states = {value: str(label) for value, label in Campaign.Status.choices}
    for one in rows.only("name", "status", "starts", "ends"):
        yield Tile(
            layer="campaigns",
            id=one.public_id,
            title=one.name,
            first=one.starts,
            last=one.ends,
            url=address.of(one.public_id),
            campaign=one.pk,
            campaign_name=one.name,
            state=states[one.status],
            chip=CHIP.get(Campaign.Status(one.status), ""),
            icon="speakerphone",
            movable=may_move and one.is_planned,
        )


def _tasks_version() -> str:
    found = Task.objects.aggregate(Count("id"), Sum("version"))
    return f"{found['id__count']} {found['version__sum']}"


def _due(user: User, window: Window) -> QuerySet[Task]:
    between = (window.since, window.until)
    rows = Task.objects.filter(campaign__in=Campaign.objects.visible_to(user))
    return rows.filter(Q(due__range=between) | Q(due=None, not_before__range=between))


def _tasks_a_day(user: User, window: Window) -> Iterator[tuple[date, int]]:
    rows = _due(user, window).annotate(day=Coalesce("due", "not_before")).order_by()
    yield from rows.values_list("day").annotate(n=Count("id"))


@layer(
    "tasks",
    _("Tasks"),
    30,
    "campaigns.see",
    move=move_task,
    version=_tasks_version,
    counts=_tasks_a_day,
)
def tasks(user: User, window: Window) -> Iterator[Tile]:
    """Tasks and milestones on the day on which they are due, else on the first possible day."""
    rows = (
        _due(user, window)
        .order_by("due", "pk")
        .values_list(
            "pk", "title", "status", "milestone", "due", "not_before", "campaign_id",
            "campaign__name",
        )
    )  # fmt: skip
    may_move = user.may("campaigns.edit")
    labels = {value: str(label) for value, label in Task.Status.choices}
    address = Addresses("plan:task", "campaign", "task")
    of_campaign: dict[int, str] = {}
    for pk, title, status, milestone, due, not_before, campaign, campaign_name in rows:
        day = due or not_before
        if day is None:
            continue
        public_id = ids.public("task", pk)
        if campaign not in of_campaign:
            of_campaign[campaign] = ids.public("campaign", campaign)
        yield Tile(
            layer="tasks",
            id=public_id,
            title=title,
            first=day,
            last=day,
            url=address.of(of_campaign[campaign], public_id),
            campaign=campaign,
            campaign_name=campaign_name,
            state=labels[status],
            chip=_CHIP.get(status, ""),
            icon="check" if status == _DONE else "flag" if milestone else "list-check",
            movable=may_move and status != _DONE,
        )


@layer("checkpoints", _("Checkpoints of goals"), 40, "campaigns.see")
def checkpoints(user: User, window: Window) -> Iterator[Tile]:
    """The days on which a goal is looked at, and on which it is due."""
    # The checkpoints are a list in one column, so the campaign's days narrow the goals down first.
    rows = (
        Goal.objects.filter(campaign__in=Campaign.objects.visible_to(user))
        .filter(
            Q(campaign__starts__lte=window.until, campaign__ends__gte=window.since)
            | Q(due__range=(window.since, window.until))
        )
        .exclude(campaign__status__in=_OVER)
        .select_related("campaign")
        .only("metric", "due", "checkpoints", "campaign__name", "campaign__status")
        .order_by("pk")
    )
    address = Addresses("plan:brief", "campaign")
    looked_at, is_due = gettext("Checkpoint"), gettext("Goal is due")
    for goal in rows:
        days = dict.fromkeys(goal.checkpoint_dates, looked_at)
        if goal.due is not None:
            days[goal.due] = is_due
        name = gettext(METRICS[goal.metric].name) if goal.metric in METRICS else goal.metric
        for day, kind in days.items():
            if window.since <= day <= window.until:
                yield Tile(
                    layer="checkpoints",
                    id=f"{goal.public_id}-{day.isoformat()}",
                    title=name,
                    first=day,
                    last=day,
                    url=address.of(goal.campaign.public_id),
                    campaign=goal.campaign_id,
                    campaign_name=goal.campaign.name,
                    state=kind,
                    icon="target",
                )


def _days_version() -> str:
    found = CustomDay.objects.aggregate(Count("id"), Max("id"), Max("first"))
    return " ".join(map(str, found.values()))


@layer("days", _("Days of our own"), 60, "campaigns.see", move=move_day, version=_days_version)
def days(user: User, window: Window) -> Iterator[Tile]:
    """Days that matter here, each return of them once."""
    may_move = user.may("campaigns.edit")
    may_all = user.may("settings.manage")
    for one in CustomDay.objects.all():
        once = one.recurrence == CustomDay.Recurrence.ONCE
        note = one.effect == CustomDay.Effect.NOTE
        returning = Returning(one.first, one.last, one.recurrence)
        for first, last in occurrences(returning, window.since, window.until):
            yield Tile(
                layer="days",
                id=one.public_id if once else f"{one.public_id}-{first.isoformat()}",
                title=one.name,
                first=first,
                last=last,
                url=f"{reverse('plan:calendar')}?day={first.isoformat()}",
                state=one.get_effect_display() if not note else one.get_recurrence_display(),
                chip="" if note else "info",
                icon="star",
                movable=once and may_move and (note or may_all),
            )


def _imported_version() -> str:
    return str(ImportedCalendar.objects.aggregate(Count("id"), Max("id")))


@layer("imported", _("Imported calendars"), 70, "campaigns.see", version=_imported_version)
def imported(user: User, window: Window) -> Iterator[Tile]:
    """Events of calendars that were brought in."""
    rows = ImportedEvent.objects.filter(first__lte=window.until, last__gte=window.since)
    for one in rows.select_related("calendar")[:2000]:
        first = window.day_of(one.starts_at) if one.starts_at else one.first
        yield Tile(
            layer="imported",
            id=one.public_id,
            title=one.title,
            first=first,
            last=max(one.last, first),
            url=f"{reverse('plan:calendar')}?view=agenda&day={first.isoformat()}",
            at=one.starts_at,
            until=one.ends_at,
            state=one.calendar.name,
            icon="calendar",
        )


@offer("campaign", _("Campaign"), "speakerphone", 10, "campaigns.edit")
def new_campaign(day: date) -> str:
    return f"{reverse('plan:new')}?starts={day.isoformat()}"
