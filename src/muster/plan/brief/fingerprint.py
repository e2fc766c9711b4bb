"""What an approval of a campaign is bound to: its brief, its goals, and its budget (PL6)."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder

from muster.plan.campaigns.actions import TEXTS
from muster.plan.campaigns.models import Campaign

_CENT = Decimal("0.01")
_GOAL = (
    "pk", "metric", "baseline", "target", "starts", "due", "population", "channel", "statement",
    "checkpoints", "guardrails", "primary",
)  # fmt: skip
_LINE = ("category", "label", "channel", "vendor", "planned", "core")


def fingerprint(campaign: Campaign) -> str:
    """Changes whenever the plan that was approved would be another one; 64 letters."""
    plan = {
        "name": campaign.name,
        "strategy": campaign.strategy,
        "days": [campaign.starts, campaign.ends],
        "budget": [campaign.total_budget.quantize(_CENT), campaign.currency],
        "channels": campaign.channels,
        "texts": {name: getattr(campaign, name) for name in TEXTS},
        "goals": list(campaign.goals.order_by("pk").values(*_GOAL)),
        "lines": list(campaign.lines.order_by("place", "pk").values(*_LINE)),
    }
    return hashlib.sha256(
        json.dumps(plan, sort_keys=True, cls=DjangoJSONEncoder).encode()
    ).hexdigest()
