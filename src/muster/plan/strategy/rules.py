"""Where a touchpoint map has holes (PL12), and why each is one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from muster.kit.words import _

STAGES = ("awareness", "interest", "consideration", "purchase", "service", "loyalty")
"""The way of a customer, in order."""


class Reason(StrEnum):
    """Why something is a gap."""

    SILENT_STAGE = "silent_stage"
    UNUSED_CHANNEL = "unused_channel"
    NOBODY = "nobody"


SAID = {
    Reason.SILENT_STAGE: _(
        "Nothing is said in the stage “%(stage)s”: people who come that far are left alone."
    ),
    Reason.UNUSED_CHANNEL: _(
        "“%(channel)s” is a channel of this campaign, but has no part in the map."
    ),
    Reason.NOBODY: _("Nobody makes “%(text)s” (%(stage)s, %(channel)s) yet."),
}


@dataclass(frozen=True)
class Said:
    """What one channel says in one stage."""

    stage: str
    channel: str
    text: str
    is_left_out: bool = False
    is_ready: bool = False
    has_maker: bool = False


@dataclass(frozen=True)
class Gap:
    """A hole in the map; of a stage, of a channel, or of one cell."""

    reason: Reason
    stage: str = ""
    channel: str = ""
    text: str = ""


def gaps(said: Sequence[Said], channels: Collection[str]) -> list[Gap]:
    """The holes, in the order in which people meet them.

    A stage in which everything is left out on purpose is no hole: somebody has decided.
    """
    found = [
        Gap(Reason.SILENT_STAGE, stage)
        for stage in STAGES
        if not any(one.stage == stage and (one.text or one.is_left_out) for one in said)
    ]
    used = {one.channel for one in said}
    found += [
        Gap(Reason.UNUSED_CHANNEL, channel=channel) for channel in channels if channel not in used
    ]
    found += [
        Gap(Reason.NOBODY, one.stage, one.channel, one.text)
        for one in sorted(said, key=lambda one: STAGES.index(one.stage))
        if one.text and not (one.is_left_out or one.is_ready or one.has_maker)
    ]
    return found


def heat(people: int | None, most: int) -> int:
    """How warm a cell is drawn, 0 to 4: nobody, then quarters of the busiest cell."""
    if not people or most <= 0:
        return 0
    return min(4, 1 + people * 4 // (most + 1))
