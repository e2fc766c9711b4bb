"""The way of a delivery, from the plan to the payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NEXT: dict[str, tuple[str, ...]] = {
    "planned": ("ordered",),
    "ordered": ("delivered",),
    "delivered": ("accepted", "rejected"),
    "rejected": ("delivered",),
    "accepted": ("paid",),
    "paid": (),
}
"""State → the states that may follow it."""


def may_follow(before: str, after: str) -> bool:
    """Whether a delivery may go from one state to the other."""
    return after in NEXT[before]


def unmet(criteria: Sequence[Mapping[str, object]]) -> list[str]:
    """The criteria that are not met."""
    return [str(one["text"]) for one in criteria if not one.get("met")]
