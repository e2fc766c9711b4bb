"""Whether the people are there: which skills are short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """A skill that tasks ask for, and who has it."""

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
