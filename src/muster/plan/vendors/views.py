"""Vendors, and the way of what they deliver (S13)."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Avg, Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.vendors import actions
from muster.plan.vendors.forms import DeliveryForm, VendorForm
from muster.plan.vendors.models import Delivery, Vendor
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/vendors/vendors.html"
RESOURCES = "plan/resources/resources.html"


@allow("campaigns.see")
def vendors(request: TeamRequest) -> HttpResponse:
    """Who works for us, with the marks of what they delivered."""
    rows = Vendor.objects.select_related("backup").annotate(
        mark=Avg("deliveries__score"), count=Count("deliveries")
    )
    context = {"vendors": rows, "may_edit": request.user.may("campaigns.edit")}
    if request.htmx:
        return render(request, f"{PAGE}#sheet", context)
    return render(request, PAGE, {**context, "vendor_form": VendorForm()})


@allow("campaigns.edit")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """A new vendor."""
    form = VendorForm(request.POST)
    if form.is_valid():
        try:
            vendor = actions.add_vendor(form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            answer = render(request, f"{PAGE}#vendorform", {"vendor_form": VendorForm()})
            return said(close_dialog(answer), _("“%(thing)s” is added.") % {"thing": vendor})
    return render(request, f"{PAGE}#vendorform", {"vendor_form": form}, status=422)


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, vendor_id: int) -> HttpResponse:
    """One vendor, in the drawer."""
    vendor = get_object_or_404(Vendor, pk=vendor_id)
    initial = {name: getattr(vendor, name) for name in VendorForm.base_fields}
    form = VendorForm(request.POST or None, initial=initial, auto_id="edit_%s")
    if request.method == "POST" and form.is_valid():
        try:
            typed, since = form.cleaned_data, since_of(request)
            with settled(vendor, typed, since=since, by=request.user) as (fields, clashes):
                change = actions.edit_vendor(vendor, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "vendor-edit", at="#vendor-clash")
            text = _("“%(thing)s” is changed.") % {"thing": vendor}
            return said(close_dialog(HttpResponse()), text, change)
    opened = request.POST.get("since") or timezone.now().isoformat()
    context = {"vendor": vendor, "form": form, "opened": opened}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def plan(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Something that a vendor is to deliver for the campaign."""
    campaign = of_page(request, campaign_id)
    form = DeliveryForm(request.POST, prefix="delivery")
    if form.is_valid():
        given = form.cleaned_data
        try:
            delivery = actions.plan_delivery(
                campaign,
                given["vendor"],
                given["title"],
                given["due"],
                amount=given["amount"] or Decimal(0),
                criteria=given["criteria"].splitlines(),
                by=request.user,
            )
        except Invalid as invalid:
            explain(form, invalid)
        else:
            fresh = {"campaign": campaign, "delivery_form": DeliveryForm(prefix="delivery")}
            answer = render(request, f"{RESOURCES}#deliveryform", fresh)
            return said(close_dialog(answer), _("“%(thing)s” is planned.") % {"thing": delivery})
    context = {"campaign": campaign, "delivery_form": form}
    return render(request, f"{RESOURCES}#deliveryform", context, status=422)


@allow("campaigns.edit")
@require_POST
def step(request: TeamRequest, campaign_id: int, delivery_id: int, step: str) -> HttpResponse:
    """Take the next step of a delivery."""
    delivery = _delivery(request, campaign_id, delivery_id)
    if step in {"order", "pay"} and not request.user.may("budget.edit"):
        raise Invalid(_("You may not bind money. Ask somebody who may change the budget."))
    if step == "order":
        done = actions.order(delivery, by=request.user)
    elif step == "deliver":
        done = actions.deliver(delivery, by=request.user)
    elif step == "accept":
        mark = request.POST.get("score", "")
        done = actions.accept(delivery, int(mark) if mark.isdecimal() else 0, by=request.user)
    elif step == "send-back":
        done = actions.send_back(delivery, request.POST.get("note", ""), by=request.user)
    elif step == "pay":
        done = actions.pay(delivery, by=request.user)
    else:
        raise Invalid(_("There is no such step."))
    text = _("“%(thing)s”: %(state)s") % {"thing": done, "state": done.get_state_display()}
    return said(HttpResponse(status=204), text)


@allow("campaigns.edit")
@require_POST
def tick(request: TeamRequest, campaign_id: int, delivery_id: int, place: int) -> HttpResponse:
    """Say of one criterion whether it is met."""
    delivery = _delivery(request, campaign_id, delivery_id)
    actions.tick(delivery, place, "met" in request.POST, by=request.user)
    return said(HttpResponse(status=204), _("Noted."))


def _delivery(request: TeamRequest, campaign_id: int, delivery_id: int) -> Delivery:
    return get_object_or_404(Delivery, pk=delivery_id, campaign=of_page(request, campaign_id))
