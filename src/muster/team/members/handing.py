"""What somebody leaves behind: every part hands its share to a colleague (S48).

In `<part>/handover.py`: @hands_over(_("Campaigns")) def campaigns(leaving, to) -> int (how many);
with `to=None` it only counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from django.utils.functional import Promise

from muster.team.users.models import User

Share: TypeAlias = Callable[[User, User | None], int]
_shares: list[tuple[str | Promise, Share]] = []


def hands_over(name: str | Promise) -> Callable[[Share], Share]:
    """This function hands over one kind of work, or counts it when there is nobody to take it."""

    def register(share: Share) -> Share:
        _shares.append((name, share))
        return share

    return register


def left_behind(user: User) -> list[tuple[str | Promise, int]]:
    """What this person would leave behind, by kind; empty when nothing."""
    return [(name, count) for name, share in _shares if (count := share(user, None))]


def hand_over(user: User, to: User) -> int:
    """Give everything that is open to a colleague; returns how many things moved."""
    return sum(share(user, to) for _name, share in _shares)
