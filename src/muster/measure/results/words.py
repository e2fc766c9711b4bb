"""What metrics and steps of the funnel are called in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from muster.kit.words import _
from muster.warehouse.metrics import METRICS

_STEPS = {
    "audience": _("Meant for"),
    "sent": _("Sent"),
    "delivered": _("Delivered"),
    "opened": _("Opened"),
    "clicked": _("Clicked"),
    "visited": _("Came by"),
    "ordered": _("Ordered"),
}


def metric_name(key: str) -> str:
    """The name of a metric; the key itself if it is none."""
    return gettext(METRICS[key].name) if key in METRICS else key


def step_name(key: str) -> str:
    """The name of a step; the key itself if it is none of a campaign's funnel."""
    return gettext(_STEPS[key]) if key in _STEPS else key
