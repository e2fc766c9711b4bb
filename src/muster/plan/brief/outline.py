"""A plan in words, so that a reviewer sees what differs from the version approved before (PL6)."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from muster.kit.words import _
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.ui import formats
from muster.warehouse.metrics import METRICS

_GOALS, _LINES, _CHANNELS = _("Goals"), _("Budget lines"), _("Channels")
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
        (_GOALS, "\n".join(goals)),
        (
            _("Budget"),
            f"{campaign.total_budget:,.2f} {campaign.currency}" if campaign.total_budget else "",
        ),
        (_LINES, "\n".join(lines)),
        (_CHANNELS, ", ".join(campaign.channels)),
        *((label, getattr(campaign, name)) for name, label in _TEXTS.items()),
    ]


def worded(label: str, value: str) -> str:
    """A value in the reader's words: what is kept of a version is the same for everybody."""
    if label == _CHANNELS:
        names = [channel_name(key) for key in value.split(", ") if key]
        return formats.listed(names, get_language() or "en")
    if label in {_GOALS, _LINES}:
        return "\n".join(_line(line) for line in value.splitlines())
    return value


def _line(line: str) -> str:
    name, _colon, rest = line.partition(": ")
    known = METRICS.get(name)
    what = gettext(known.name) if known else name
    return gettext("%(what)s: %(amount)s") % {"what": what, "amount": rest}
