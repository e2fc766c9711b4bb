"""The checklist of a training: what has to be passed, and what is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Item: TypeAlias = Mapping[str, Any]
"""`{"text": "…"}`, and once it is passed `"by"` (whose number), `"name"` and `"at"` too."""


def is_passed(item: Item) -> bool:
    return bool(item.get("at"))


def passed(items: Sequence[Item]) -> int:
    """How many items are passed."""
    return sum(is_passed(item) for item in items)


def all_passed(items: Sequence[Item]) -> bool:
    """Whether nothing is left to pass; a list without items proves nothing."""
    return bool(items) and passed(items) == len(items)


def reworded(items: Sequence[Item], texts: Iterable[str]) -> list[dict[str, Any]]:
    """The list with these texts; what was passed stays so while its text stays."""
    before = {str(item["text"]): dict(item) for item in items}
    wanted = dict.fromkeys(text.strip() for text in texts if text.strip())
    return [before.get(text, {"text": text}) for text in wanted]


def has_skill(skills: Iterable[str], skill: str) -> bool:
    """Whether it is among these skills, whatever its case."""
    return skill.strip().casefold() in {one.strip().casefold() for one in skills}
