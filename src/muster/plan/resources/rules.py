"""Whether the people are there: which skills are short."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

Temporary: TypeAlias = tuple[str, int, Callable[[date], bool]]
"""A skill (its key), how many have it for some days, and whether a day is one of them."""


@dataclass(frozen=True)
class Need:
    """A skill that tasks ask for, and who has it."""

    skill: str
    tasks: int
    people: tuple[str, ...]
    temporary: int = 0
    """How many temporary people have it on some of the days."""
    uncovered: int = 0
    """On how many of the days on which it is needed nobody has it."""

    @property
    def is_gap(self) -> bool:
        return not self.people and not (self.temporary and not self.uncovered)


def needs(
    wanted: Iterable[str],
    skills: Mapping[str, Iterable[str]],
    days: Mapping[str, Sequence[date]] | None = None,
    temporary: Sequence[Temporary] = (),
) -> list[Need]:
    """Skills in demand against the skills of people (name → skills); case does not matter.

    `days` says on which days a skill (its key) is needed; temporary people have it on their own.
    """
    counts: dict[str, list[str]] = {}
    for skill in wanted:
        if skill.strip():
            counts.setdefault(skill.strip().casefold(), []).append(skill.strip())
    found = []
    for key, spellings in counts.items():
        people = tuple(
            name for name, has in skills.items() if key in {one.casefold() for one in has}
        )
        able = [(count, covers) for of, count, covers in temporary if of == key]
        bare = [
            day for day in (days or {}).get(key, ()) if not any(covers(day) for _n, covers in able)
        ]
        brought = max((count for count, _covers in able), default=0)
        found.append(Need(spellings[0], len(spellings), people, brought, len(bare)))
    return sorted(found, key=lambda need: (not need.is_gap, need.skill))
