"""Resources of a campaign (S13): people, vendors and materials on one page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.page import page
from muster.plan.materials.forms import ReserveForm
from muster.plan.materials.models import Place
from muster.plan.materials.standing import reserved_by
from muster.plan.resources import people
from muster.plan.vendors.forms import DeliveryForm
from muster.plan.vendors.models import Delivery
from muster.team.http import TeamRequest
from muster.team.permissions import allow

PAGE = "plan/resources/resources.html"


@allow("campaigns.see")
def resources(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    user = request.user
    deliveries = campaign.deliveries.select_related("vendor", "vendor__backup")
    found = people.weeks(campaign)
    context = {
        "needs": people.needs(campaign),
        "load": found,
        "over": sum(cell.is_over for _user, cells in found.rows for cell in cells),
        "deliveries": [
            (one, enumerate(one.criteria), one.state in _TICKABLE) for one in deliveries
        ],
        "reservations": reserved_by(campaign),
        "has_places": Place.objects.exists(),
        "marks": (5, 4, 3, 2, 1),
        "may_edit": user.may("campaigns.edit"),
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


_TICKABLE = {Delivery.State.ORDERED, Delivery.State.DELIVERED, Delivery.State.REJECTED}
