"""Whether the people are there: which skills are short, and who has more work than hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Work:
    """A piece of work of one person: hours spread over its days."""

    person: int
    first: date
    last: date
    hours: Decimal


@dataclass(frozen=True)
class Need:
    """A skill that tasks ask for, who has it, and how many tasks have nobody with it."""

    skill: str
    tasks: int
    people: tuple[str, ...]

    @property
    def is_gap(self) -> bool:
        return not self.people


def needs(wanted: Iterable[str], skills: Mapping[str, Iterable[str]]) -> list[Need]:
    """Skills in demand against the skills of people (name → skills); case does not matter."""
    counts: dict[str, list[str]] = {}
    for skill in wanted:
        if skill.strip():
            counts.setdefault(skill.strip().casefold(), []).append(skill.strip())
    found = []
    for key, spellings in counts.items():
        people = tuple(
            name for name, has in skills.items() if key in {one.casefold() for one in has}
        )
        found.append(Need(spellings[0], len(spellings), people))
    return sorted(found, key=lambda need: (not need.is_gap, need.skill))


def monday(day: date) -> date:
    """The Monday of this day's week."""
    return day - timedelta(days=day.weekday())


def hours_per_week(
    work: Iterable[Work], working_days: Callable[[int, date, date], list[date]]
) -> dict[tuple[int, date], Decimal]:
    """(person, Monday) → hours of work, each piece spread evenly over the days its person works.

    Work in whose whole time a person never works stays visible in the week in which it ends.
    """
    load: dict[tuple[int, date], Decimal] = {}
    for piece in work:
        days = working_days(piece.person, piece.first, piece.last) or [piece.last]
        for day in days:
            key = (piece.person, monday(day))
            load[key] = load.get(key, Decimal(0)) + piece.hours / len(days)
    return load
