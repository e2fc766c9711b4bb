"""Worries of the plan itself: late tasks, risks that came true, money over the total."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from muster.plan.budget.models import bound
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.worries import Worry, worries
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Task


@worries
def late_tasks(campaigns: Sequence[Campaign]) -> dict[int, Worry]:
    """Tasks whose last day has passed."""
    now = today()
    open_ones = [one.pk for one in campaigns if not one.is_over]
    rows = Task.objects.filter(campaign__in=open_ones, due__lt=now)
    rows = rows.exclude(status=Task.Status.DONE).order_by()
    found = {}
    for pk, count, oldest in rows.values_list("campaign").annotate(Count("pk"), Min("due")):
        days = (now - oldest).days
        by = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        text = ngettext(
            "One task is late by %(by)s.", "%(count)s tasks are late, the longest by %(by)s.", count
        ) % {"count": count, "by": by}
        found[pk] = Worry(text, reverse("plan:overview", args=[pk]), is_bad=True)
    return found


@worries
def risks_that_came_true(campaigns: Sequence[Campaign]) -> dict[int, Worry]:
    """Risks that are happening now."""
    rows = Risk.objects.filter(
        campaign__in=[one.pk for one in campaigns if not one.is_over], status=Risk.Status.FIRED
    )
    return {
        pk: Worry(
            gettext("It is happening: %(risk)s.") % {"risk": title},
            reverse("plan:overview", args=[pk]),
            is_bad=True,
        )
        for pk, title in rows.values_list("campaign", "title")
    }


@worries
def money_over_the_total(campaigns: Sequence[Campaign]) -> dict[int, Worry]:
    """Budgets of which more than nine tenths are bound."""
    with_money = [one for one in campaigns if one.total_budget and not one.is_over]
    sums = bound(one.pk for one in with_money)
    found = {}
    for one in with_money:
        used = sums[one.pk].total / one.total_budget if one.pk in sums else 0
        if used > 0.9:
            text = gettext("%(share)s %% of the budget is bound.") % {"share": round(used * 100)}
            url = reverse("plan:budget", args=[one.pk])
            found[one.pk] = Worry(text, url, is_bad=used > 1)
    return found
