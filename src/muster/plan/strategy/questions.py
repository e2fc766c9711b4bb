"""What the touchpoint map has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check
from muster.plan.strategy.map import found_gaps
from muster.plan.strategy.models import Cell


def _says_something(campaign: Campaign) -> bool:
    return campaign.cells.exclude(text="").exists()


@check("content", _("Every touchpoint is ready"), fits=_says_something)
def touchpoints_are_filled(campaign: Campaign) -> Iterator[Finding]:
    done = (Cell.Status.READY, Cell.Status.LEFT_OUT)
    cells = campaign.cells.exclude(text="").exclude(status__in=done)
    waiting = list(cells.order_by("pk").values_list("text", flat=True))
    if waiting:
        yield Finding(
            _(
                "Touchpoints that are not ready: %(count)s, first “%(text)s”. Finish each, or "
                "leave it out on purpose."
            ),
            reverse("plan:strategy_map", args=[campaign.pk]),
            params={"count": len(waiting), "text": waiting[0]},
        )


@check("content", _("The touchpoint map has no gaps"), severity=None)
def map_has_no_gaps(campaign: Campaign) -> Iterator[Finding]:
    cells = list(campaign.cells.all())
    fix = reverse("plan:strategy_map", args=[campaign.pk])
    if not cells:
        yield Finding(
            _("No touchpoint is planned. Say what each channel tells people in each stage."),
            fix,
            Severity.WARN,
        )
    elif found := found_gaps(campaign, cells):
        yield Finding(
            _("The touchpoint map has gaps: %(count)s."), fix, params={"count": len(found)}
        )
