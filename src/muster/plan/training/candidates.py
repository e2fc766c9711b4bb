"""Who could learn something: colleagues, those with the most free hours first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import loads
from muster.plan.training.rules import has_skill
from muster.team.calendars.working import work_calendar
from muster.team.users.models import MACHINE, User

_AHEAD = timedelta(days=28)


@dataclass(frozen=True)
class Candidate:
    """A colleague, and the hours that nothing is planned for yet."""

    user: User
    free: Decimal


def candidates(campaign: Campaign, skill: str, until: date | None = None) -> list[Candidate]:
    """Who does not have the skill, with the hours that are free until then.

    Without a day the next four weeks count.
    """
    rows = User.objects.filter(is_active=True).exclude(email=MACHINE).select_related("own_role")
    users = [
        user
        for user in rows.order_by("name", "pk")
        if user.may("campaigns.see") and not has_skill(user.skills, skill)
    ]
    plan = plan_of(campaign)
    last = until if until and until >= plan.today else plan.today + _AHEAD
    days = work_calendar(plan.today).days(plan.today, min(last, plan.today + 3 * _AHEAD))
    free = {
        load.user.pk: sum(
            (max(day.capacity - day.hours, Decimal(0)) for day in load.days), Decimal(0)
        )
        for load in loads(plan, days, also=users)
    }
    found = [Candidate(user, free.get(user.pk, Decimal(0))) for user in users]
    return sorted(found, key=lambda one: -one.free)
