"""From a campaign's goal to one number per channel, by its part in the journey (PL2, PL14)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.goals.reading.lexicon import Sort, mentions
from muster.plan.goals.reading.text import fold
from muster.plan.objectives.rules import KPIS, Part, part_of
from muster.warehouse.metrics import METRICS

PARTS: dict[Part, str | Promise] = {
    Part.AWARENESS: _("Awareness"),
    Part.CONSIDERATION: _("Consideration"),
    Part.DECISION: _("Buying decision"),
    Part.LOYALTY: _("Loyalty"),
}
CHANNELS: dict[str, str | Promise] = {
    "email": _("Mail"),
    "sms": _("SMS"),
    "wecom": _("WeCom"),
    "social": _("Social media"),
    "ads": _("Paid ads"),
    "store": _("Stores"),
    "site": _("Web site"),
    "online": _("Online"),
}


@dataclass(frozen=True)
class ChannelKpi:
    """What one channel is judged by."""

    channel: str
    name: str
    part: Part
    part_name: str
    metrics: tuple[str, ...]

    @property
    def metric_names(self) -> list[str]:
        return [gettext(METRICS[key].name) for key in self.metrics]


def channel_kpis(campaign: Campaign) -> list[ChannelKpi]:
    """One line per channel of the campaign, in the order of the journey."""
    stages: dict[str, list[str]] = {}
    said = campaign.cells.exclude(text="").exclude(status="left_out")
    for channel, stage in said.values_list("channel", "stage"):
        stages.setdefault(_key(channel), []).append(stage)
    found = []
    for channel in campaign.channels:
        key = _key(channel)
        part = part_of(key, campaign.strategy, stages.get(key, ()))
        name = CHANNELS.get(channel, channel)
        found.append(ChannelKpi(channel, str(name), part, str(PARTS[part]), KPIS[part]))
    order = list(Part)
    return sorted(found, key=lambda one: order.index(one.part))


def _key(channel: str) -> str:
    """The key of a channel that was written in words, such as 社媒."""
    if channel in CHANNELS:
        return channel
    named = (one.key for one in mentions(fold(channel)) if one.sort is Sort.CHANNEL)
    return next(named, channel)
