"""What the duties have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import get_language

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.raci import rules
from muster.plan.raci.matrix import launch_week, load_of, matrix_of
from muster.plan.readiness.checks import Dial, Finding, Severity, by_hand, check, dial
from muster.team.calendars.working import days_away
from muster.team.users.models import User
from muster.ui import formats

_TWICE = Decimal(2)
_ONE = {
    rules.Fault.NO_A: _("“%(task)s” has nobody accountable (A)."),
    rules.Fault.MANY_A: _("“%(task)s” has more than one A."),
    rules.Fault.NO_R: _("“%(task)s” has nobody responsible (R)."),
    rules.Fault.GUEST_A: _("A vendor guest is accountable for “%(task)s”."),
    rules.Fault.AWAY: _("Somebody is away on the days of “%(task)s”."),
}
_MANY = {
    rules.Fault.NO_A: _("%(count)s tasks have nobody accountable (A), first: “%(task)s”."),
    rules.Fault.MANY_A: _("%(count)s tasks have more than one A, first: “%(task)s”."),
    rules.Fault.NO_R: _("%(count)s tasks have nobody responsible (R), first: “%(task)s”."),
    rules.Fault.GUEST_A: _("A vendor guest is accountable for %(count)s tasks, first: “%(task)s”."),
    rules.Fault.AWAY: _("Somebody is away on the days of %(count)s tasks, first: “%(task)s”."),
}


def has_tasks(campaign: Campaign) -> bool:
    """Whether the work of the campaign is written down as tasks."""
    return bool(matrix_of(campaign).tasks)


def _findings(campaign: Campaign, *faults: rules.Fault) -> Iterator[Finding]:
    matrix = matrix_of(campaign)
    place = reverse("plan:raci", args=[campaign.pk]) + "?broken=1"
    for fault in faults:
        broken = [task.title for task in matrix.tasks if fault in matrix.faults[task.pk]]
        if broken:
            yield Finding(
                (_MANY if len(broken) > 1 else _ONE)[fault],
                place,
                Severity.BLOCK if fault.breaks else Severity.WARN,
                {"count": len(broken), "task": broken[0]},
            )


@check("team", _("Every task has one A and at least one R"), fits=has_tasks)
def every_task_has_its_people(campaign: Campaign) -> Iterator[Finding]:
    fault = rules.Fault
    return _findings(campaign, fault.NO_A, fault.MANY_A, fault.NO_R, fault.GUEST_A)


@check("team", _("Nobody is away when they are needed"), fits=has_tasks, severity=Severity.WARN)
def nobody_is_away(campaign: Campaign) -> Iterator[Finding]:
    return _findings(campaign, rules.Fault.AWAY)


@check(
    "team",
    _("Nobody has too much work in the week of the launch"),
    fits=has_tasks,
    severity=Severity.WARN,
    dials=(
        Dial("load", _("Work at most, of one's hours"), Dial.Unit.PERCENT, Decimal(1), most=_TWICE),
    ),
)
def nobody_is_overworked(campaign: Campaign) -> Iterator[Finding]:
    matrix = matrix_of(campaign)
    users = matrix.users
    week = launch_week(campaign)
    most = float(dial(campaign, "team.nobody_is_overworked", "load"))
    away = days_away(users, week, week + timedelta(days=6))
    weeks = matrix.weeks_of_launch()
    for user in users:
        load = load_of(user, week, weeks.get(f"u{user.pk}", {}), matrix.calendar, away)
        if load > most:
            yield Finding(
                _("%(name)s has work for %(load)s of the time in the week of the launch."),
                reverse("plan:raci", args=[campaign.pk]),
                Severity.WARN,
                {
                    "name": str(user),
                    "load": formats.percent(load, get_language() or "en", digits=0),
                },
            )


def _has_sales_people(campaign: Campaign) -> bool:
    return User.objects.filter(is_active=True, role="sales").exists()


by_hand(
    "on_call",
    "team",
    _("Somebody is on call on the day of the launch"),
    _("Agree who can be reached on the day of the launch, then say that it is done."),
    fits=has_tasks,
)
by_hand(
    "sales_were_briefed",
    "team",
    _("Sales know what is coming"),
    _("Tell sales what is offered, to whom and until when, then say that it is done."),
    fits=_has_sales_people,
)
