"""The touchpoint map as pages and the API show it: cells, gaps, and people once it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from muster.plan.campaigns.channels import CHANNELS, ICONS, channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.strategy import rules
from muster.plan.strategy.asking import Live, numbers_of
from muster.plan.strategy.models import Cell


@dataclass(frozen=True)
class Square:
    """One crossing of a stage and a channel."""

    stage: str
    stage_name: str
    channel: str
    channel_name: str
    cell: Cell | None
    live: Live | None
    heat: int
    is_gap: bool


@dataclass(frozen=True)
class Row:
    """One channel through all stages."""

    channel: str
    name: str
    icon: str
    squares: list[Square]


@dataclass(frozen=True)
class ShownGap:
    """A gap in words; with a stage and a channel it can become a task."""

    reason: str
    stage: str
    channel: str
    text: str


@dataclass(frozen=True)
class Map:
    """All of it."""

    stages: list[tuple[str, str]]
    rows: list[Row]
    gaps: list[ShownGap]
    as_of: datetime | None
    """When its people were counted; None while nothing is known."""


def stage_names() -> list[tuple[str, str]]:
    """Key and name of each stage, in order."""
    return [(stage.value, str(stage.label)) for stage in Cell.Stage]


def found_gaps(campaign: Campaign, cells: Iterable[Cell]) -> list[rules.Gap]:
    """The gaps of this campaign's map."""
    said = [
        rules.Said(
            cell.stage,
            cell.channel,
            cell.text,
            cell.status == Cell.Status.LEFT_OUT,
            cell.status == Cell.Status.READY,
            bool(cell.owner_id or cell.task_id),
        )
        for cell in cells
    ]
    return rules.gaps(said, campaign.channels)


def touch_map(campaign: Campaign) -> Map:
    """The map of a campaign."""
    cells = list(campaign.cells.select_related("owner", "task"))
    numbers = numbers_of(campaign) if campaign.is_live or campaign.is_over else None
    live = dict(numbers.cells) if numbers else {}
    most = max((one.people for one in live.values()), default=0)
    at = {(cell.stage, cell.channel): cell for cell in cells}
    gaps = found_gaps(campaign, cells)
    silent = {gap.stage for gap in gaps if gap.reason is rules.Reason.SILENT_STAGE}
    lonely = {(gap.stage, gap.channel) for gap in gaps if gap.reason is rules.Reason.NOBODY}
    stages = stage_names()

    def square(stage: str, name: str, channel: str) -> Square:
        one = live.get((stage, channel))
        return Square(
            stage,
            name,
            channel,
            channel_name(channel),
            at.get((stage, channel)),
            one,
            rules.heat(one.people if one else None, most),
            stage in silent or (stage, channel) in lonely,
        )

    channels = _channels(campaign, [*(c.channel for c in cells), *(key[1] for key in live)])
    return Map(
        stages,
        [
            Row(
                channel,
                channel_name(channel),
                ICONS.get(channel, "message"),
                [square(stage, name, channel) for stage, name in stages],
            )
            for channel in channels
        ],
        [_shown(gap, campaign, channels) for gap in gaps],
        numbers.as_of if numbers else None,
    )


def _channels(campaign: Campaign, more: Iterable[str]) -> list[str]:
    """The channels of the map in their usual order, those of one's own at the end."""
    wanted = dict.fromkeys([*campaign.channels, *more])
    usual = [key for key, _name in CHANNELS]
    return sorted(wanted, key=lambda key: usual.index(key) if key in usual else len(usual))


def _shown(gap: rules.Gap, campaign: Campaign, channels: list[str]) -> ShownGap:
    names = dict(stage_names())
    text = gettext(rules.SAID[gap.reason]) % {
        "stage": names.get(gap.stage, ""),
        "channel": channel_name(gap.channel),
        "text": gap.text,
    }
    # A stage without a word is filled through the first channel; people may change it.
    channel = gap.channel or (channels[0] if channels else "email")
    return ShownGap(gap.reason, gap.stage, channel, text)
