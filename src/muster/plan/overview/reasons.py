"""What gives reason to worry about campaigns, in words: asked for all of a list at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min
from django.utils.translation import gettext, ngettext

from muster.plan.budget.models import Bound
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Task


@dataclass(frozen=True)
class Worry:
    """One reason, in the reader's words."""

    text: str
    is_bad: bool = False
    """It harms the campaign now; else it is worth a look."""


def worries_of(campaigns: Sequence[Campaign], sums: Mapping[int, Bound]) -> dict[int, Worry]:
    """Campaign → its worst worry; `sums` holds what is bound of each one's money."""
    live = [one for one in campaigns if not one.is_over]
    found = _over_the_total(live, sums)
    # What harms now is said before what is worth a look, and a missed day before all.
    return found | _fired_risks(live) | _late_tasks(live)


def _late_tasks(campaigns: Sequence[Campaign]) -> dict[int, Worry]:
    """Tasks whose last day has passed."""
    now = today()
    rows = Task.objects.filter(campaign__in=[one.pk for one in campaigns], due__lt=now)
    rows = rows.exclude(status=Task.Status.DONE).order_by()
    found = {}
    for pk, count, oldest in rows.values_list("campaign").annotate(Count("pk"), Min("due")):
        days = (now - oldest).days
        by = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        text = ngettext(
            "One task is late by %(by)s.", "%(count)s tasks are late, the longest by %(by)s.", count
        ) % {"count": count, "by": by}
        found[pk] = Worry(text, is_bad=True)
    return found


def _fired_risks(campaigns: Sequence[Campaign]) -> dict[int, Worry]:
    """Risks that are happening now."""
    rows = Risk.objects.filter(campaign__in=[one.pk for one in campaigns], status=Risk.Status.FIRED)
    text = gettext("It is happening: %(risk)s.")
    return {
        pk: Worry(text % {"risk": title}, is_bad=True)
        for pk, title in rows.values_list("campaign", "title")
    }


def _over_the_total(campaigns: Sequence[Campaign], sums: Mapping[int, Bound]) -> dict[int, Worry]:
    """Budgets of which more than nine tenths are bound."""
    text = gettext("%(share)s %% of the budget is bound.")
    found = {}
    for one in campaigns:
        bound = sums.get(one.pk)
        if bound is None or not one.total_budget:
            continue
        used = bound.total / one.total_budget
        if used > 0.9:
            found[one.pk] = Worry(text % {"share": round(used * 100)}, is_bad=used > 1)
    return found
