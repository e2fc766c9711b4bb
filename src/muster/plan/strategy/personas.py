"""What the plan shows on a persona's page: the touchpoints of the campaigns that are for it."""

from __future__ import annotations

from typing import Any

from muster.people.personas.models import Persona
from muster.people.personas.panels import persona_panel
from muster.plan.campaigns.channels import CHANNELS, channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.strategy import rules
from muster.plan.strategy.map import found_gaps, stage_names, touch_map
from muster.team.users.models import User

_MOST = 8
"""The latest campaigns that are laid upon each other."""


@persona_panel("plan/strategy/persona.html")
def touchpoints(persona: Persona, user: User) -> dict[str, Any] | None:
    """Six stages, every channel: what is said there, and how many people came."""
    rows = Campaign.objects.visible_to(user).filter(meant__persona=persona)
    campaigns = list(rows.order_by("-starts")[:_MOST])
    texts: dict[tuple[str, str], list[tuple[Campaign, str]]] = {}
    people: dict[tuple[str, str], int] = {}
    channels: dict[str, None] = {}
    silent = [name for _key, name in stage_names()]
    for campaign in campaigns:
        for row in touch_map(campaign).rows:
            for one in row.squares:
                at = (one.stage, one.channel)
                channels[one.channel] = None
                if one.cell and one.cell.text:
                    texts.setdefault(at, []).append((campaign, one.cell.text))
                if one.live:
                    people[at] = people.get(at, 0) + one.live.people
    names = dict(stage_names())
    said = {names[stage] for stage, _channel in texts}
    usual = [key for key, _name in CHANNELS]
    most = max(people.values(), default=0)
    return {
        "campaigns": [(one, len(found_gaps(one, list(one.cells.all())))) for one in campaigns],
        "stages": stage_names(),
        "rows": [
            (
                channel_name(channel),
                [
                    (
                        texts.get((stage, channel), []),
                        people.get((stage, channel)),
                        rules.heat(people.get((stage, channel)), most),
                    )
                    for stage, _name in stage_names()
                ],
            )
            for channel in sorted(
                channels, key=lambda one: usual.index(one) if one in usual else len(usual)
            )
        ],
        "silent": [name for name in silent if name not in said],
    }
