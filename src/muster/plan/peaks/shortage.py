"""Where the skills that open tasks need meet the people who have them, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from muster.plan.peaks import rules
from muster.plan.peaks.models import Peak
from muster.plan.tasks.planning import Plan
from muster.plan.tasks.schedule.capacity import Share, capacity
from muster.plan.tasks.shown import doing, open_work, rest_of, shares_elsewhere, shares_of
from muster.team.calendars.working import days_away
from muster.team.users.models import User

_MOST = 6


@dataclass(frozen=True)
class Demand:
    """A skill that open tasks need, in hours on each of some working days."""

    key: str
    skill: str
    days: Sequence[date]
    hours: Sequence[Decimal]

    def needed_on(self) -> list[date]:
        """The days on which anything needs it."""
        return [day for day, hours in zip(self.days, self.hours, strict=True) if hours]


@dataclass(frozen=True)
class Suggestion:
    """Temporary staff that the plan seems to need."""

    skill: str
    first: date
    last: date
    heads: int


def demands(plan: Plan, days: Sequence[date]) -> list[Demand]:
    """Every skill that open tasks need.

    A task without hours needs its people's whole days, and one person's while nobody has it.
    """
    names: dict[str, str] = {}
    shares = []
    for task in open_work(plan):
        skill = task.skill.strip()
        if not skill:
            continue
        names.setdefault(skill.casefold(), skill)
        place = list(names).index(skill.casefold())
        when = plan.when(task.pk)
        part = sum((duty.share for duty in doing(plan, task)), Decimal(0)) or Decimal(1)
        first = max(when.start, plan.today)
        shares.append(Share(place, first, when.end, part, rest_of(task)))
    found = capacity(
        shares, days, dict.fromkeys(range(len(names)), rules.HOURS), {}, plan.schedule.axis
    )
    return [
        Demand(key, skill, days, [day.hours for day in found[place]])
        for place, (key, skill) in enumerate(names.items())
    ]


def suggestions(
    plan: Plan, wanted: Sequence[Demand], users: Iterable[User], peaks: Iterable[Peak]
) -> list[Suggestion]:
    """The days on which more hours of a skill are needed than there are.

    There is: what is left of the days of those who have the skill after all their other work, and
    the temporary staff that is planned already. The earliest comes first.
    """
    able = {
        one.key: [user for user in users if one.key in {word.casefold() for word in user.skills}]
        for one in wanted
    }
    people = {user.pk: user for some in able.values() for user in some}
    if not wanted or not wanted[0].days:
        return []
    days = wanted[0].days
    away = days_away(list(people.values()), days[0], days[-1]) if people else {}
    other = shares_elsewhere(plan, set(people), days) if people else []
    own = list(shares_of(plan))
    peaks = list(peaks)
    found = []
    for one in wanted:
        # Work that needs the skill itself is what its hours are there for.
        rest = [share for task, share in own if task.skill.strip().casefold() != one.key]
        hours = {user.pk: user.hours_per_day for user in able[one.key]}
        loads = capacity([*rest, *other], days, hours, away, plan.schedule.axis)
        there = [Decimal(0)] * len(days)
        for load in loads.values():
            for place, day in enumerate(load):
                there[place] += max(day.capacity - day.hours, Decimal(0))
        for peak in peaks:
            if peak.skill.casefold() == one.key:
                for place, day_ in enumerate(days):
                    there[place] += peak.heads * rules.HOURS if peak.covers(day_) else 0
        found += [
            Suggestion(one.skill, window.first, window.last, window.heads)
            for window in rules.windows(days, one.hours, there)
        ]
    return sorted(found, key=lambda one: (one.first, -one.heads, one.skill))[:_MOST]
