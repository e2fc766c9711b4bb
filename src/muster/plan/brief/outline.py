"""A plan in words, so that a reviewer sees what differs from the version approved before (PL6)."""

from __future__ import annotations

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign

_TEXTS = {
    "message": _("Core message"),
    "audience": _("Whom we want to reach"),
    "value_proposition": _("Why people should care"),
    "competitors": _("What others do"),
    "difference": _("What makes us different"),
    "not_doing": _("What we will not do"),
    "holdout": _("How we will know that it worked"),
}


def outline(campaign: Campaign) -> list[tuple[str, str]]:
    """Label → value; what is empty has an empty value."""
    goals = [
        f"{goal.metric}: {goal.target.normalize():f}" + (f" ({goal.due})" if goal.due else "")
        for goal in campaign.goals.all()
    ]
    lines = [f"{line.label}: {line.planned:,.2f}" for line in campaign.lines.all()]
    return [
        (_("Name"), campaign.name),
        (_("Days"), f"{campaign.starts} – {campaign.ends}"),
        (_("Goals"), "\n".join(goals)),
        (
            _("Budget"),
            f"{campaign.total_budget:,.2f} {campaign.currency}" if campaign.total_budget else "",
        ),
        (_("Budget lines"), "\n".join(lines)),
        (_("Channels"), ", ".join(campaign.channels)),
        *((label, getattr(campaign, name)) for name, label in _TEXTS.items()),
    ]
