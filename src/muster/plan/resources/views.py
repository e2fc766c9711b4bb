"""Resources of a campaign (S13): people, vendors and materials on one page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime

from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.materials.forms import ReserveForm
from muster.plan.materials.models import Place
from muster.plan.materials.standing import reserved_by
from muster.plan.peaks.shortage import demands, suggestions
from muster.plan.resources import people
from muster.plan.resources.written import Writer
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import days_ahead
from muster.plan.training.models import Training
from muster.plan.vendors.forms import DeliveryForm
from muster.plan.vendors.models import Delivery
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import User

PAGE = "plan/resources/resources.html"


@allow("campaigns.see")
def resources(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    user = request.user
    deliveries = sorted(
        campaign.deliveries.select_related("vendor", "vendor__backup"),
        key=lambda one: one.state in _SETTLED,
    )
    shows_all = "all" in request.GET
    shown = deliveries if shows_all else deliveries[:_MOST]
    write = Writer(request, campaign)
    context = {
        **_staff(campaign),
        "trainings": [_shown(one, user) for one in campaign.trainings.select_related("trainee")],
        "deliveries": write.deliveries(shown),
        "shows_all": shows_all,
        "more_deliveries": len(deliveries) - len(shown),
        "reservations": write.reservations(reserved_by(campaign)),
        "has_places": Place.objects.exists(),
        "marks": (5, 4, 3, 2, 1),
        "may_edit": user.may("campaigns.edit"),
        "may_plan": user.may("campaigns.edit") and campaign.may_be_planned,
        "may_reserve": user.may("materials.edit"),
        "may_pay": user.may("budget.edit"),
        "may_see_money": user.may("budget.see"),
    }
    if request.htmx:
        return render(request, f"{PAGE}#sheet", {"campaign": campaign, **context})
    more = {
        **context,
        "reserve_form": ReserveForm(prefix="reserve"),
        "delivery_form": DeliveryForm(prefix="delivery"),
    }
    return render(request, PAGE, page(campaign, user, "plan/resources", **more))


_MOST = 40
"""Deliveries that are shown at once; those that are settled come last."""
_SETTLED = {Delivery.State.ACCEPTED, Delivery.State.PAID}


def _staff(campaign: Campaign) -> dict[str, Any]:
    """Skills, hours and temporary staff: all of one plan."""
    plan = plan_of(campaign)
    days = days_ahead(plan)
    users = list(User.objects.filter(is_active=True).order_by("name"))
    peaks = list(campaign.peaks.select_related("vendor"))
    wanted = demands(plan, days)
    load = people.weeks(plan, days, peaks)
    return {
        "needs": people.needs(plan, wanted, users, peaks),
        "load": load,
        "over": sum(cell.is_over for _user, cells in load.rows for cell in cells),
        "peaks": peaks,
        "missing": suggestions(plan, wanted, users, peaks),
    }


def _shown(training: Training, user: User) -> dict[str, Any]:
    """A training, and whether it comes too late for the first day."""
    return {
        "training": training,
        "items": [
            (place, item["text"], item.get("name"), parse_datetime(item.get("at") or ""))
            for place, item in enumerate(training.items)
        ],
        "is_own": training.trainee_id == user.pk,
        "is_overdue": not training.is_finished and training.due < today(),
        "is_late": not training.is_finished
        and training.campaign.is_planned
        and training.due >= training.campaign.starts,
    }
