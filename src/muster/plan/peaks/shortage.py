"""Where the skills that open tasks need meet the people who have them, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from muster.plan.peaks import rules
from muster.plan.peaks.models import Peak
from muster.plan.tasks.held import Given
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
        part = _days_of(doing(plan, task)) or Decimal(1)
        first = max(when.start, plan.today)
        shares.append(Share(place, first, when.end, part, rest_of(task)))
    found = capacity(
        shares, days, dict.fromkeys(range(len(names)), rules.HOURS), {}, plan.schedule.axis
    )
    return [
        Demand(key, skill, days, [day.hours for day in found[place]])
        for place, (key, skill) in enumerate(names.items())
    ]


def _days_of(people: Iterable[Given]) -> Decimal:
    """What these people work on a day, in days of temporary staff."""
    hours = (one.share * one.user.hours_per_day for one in people if one.user is not None)
    return sum(hours, Decimal(0)) / rules.HOURS


def _spread(
    hours: Decimal, people: Mapping[int, tuple[Decimal, Decimal]], order: Iterable[int]
) -> Iterator[tuple[int, Decimal]]:
    """Who does how much of what nobody was given yet, of these hours of a day.

    Of each person `people` says the hours that are free, and those that are given to them already.
    """
    left = hours - sum((given for _free, given in people.values()), Decimal(0))
    for pk in order:
        free, given = people[pk]
        part = max(min(left, free - given), Decimal(0))
        left -= part
        yield pk, part


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
    versed = Counter(user.pk for some in able.values() for user in some)
    if not wanted or not wanted[0].days:
        return []
    days = wanted[0].days
    away = days_away(list(people.values()), days[0], days[-1]) if people else {}
    other = shares_elsewhere(plan, set(people), days) if people else []
    own = list(shares_of(plan))
    peaks = list(peaks)
    found = []
    lent = {pk: [Decimal(0)] * len(days) for pk in people}
    # First what few are able of, so that whoever is able of much is left for the rest.
    for one in sorted(wanted, key=lambda one: len(able[one.key])):
        # Work that needs the skill itself is what its hours are there for.
        same = [share for task, share in own if task.skill.strip().casefold() == one.key]
        rest = [share for task, share in own if task.skill.strip().casefold() != one.key]
        hours = {user.pk: user.hours_per_day for user in able[one.key]}
        loads = capacity([*rest, *other], days, hours, away, plan.schedule.axis)
        free = {
            pk: [
                max(day.capacity - day.hours - gone, Decimal(0))
                for day, gone in zip(load, lent[pk], strict=True)
            ]
            for pk, load in loads.items()
        }
        staff = [peak for peak in peaks if peak.skill.casefold() == one.key]
        brought = [
            sum((peak.heads * rules.HOURS for peak in staff if peak.covers(day)), Decimal(0))
            for day in days
        ]
        there = [sum(some, Decimal(0)) for some in zip(brought, *free.values(), strict=True)]
        found += [
            Suggestion(one.skill, window.first, window.last, window.heads)
            for window in rules.windows(days, one.hours, there)
        ]
        given = capacity(same, days, hours, {}, plan.schedule.axis)
        for place, needed in enumerate(one.hours):
            on_day = {pk: (free[pk][place], given[pk][place].hours) for pk in free}
            order = sorted(on_day, key=lambda pk: versed[pk])
            for pk, part in _spread(needed - brought[place], on_day, order):
                lent[pk][place] += part
    return sorted(found, key=lambda one: (one.first, -one.heads, one.skill))[:_MOST]
