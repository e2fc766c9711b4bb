"""Stock over all places (S13): taking in, counting by phone, sending elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid, Refused
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.materials import actions
from muster.plan.materials.forms import (
    CountForm,
    MaterialForm,
    PlaceForm,
    ReceiveForm,
    ReserveForm,
    TransferForm,
)
from muster.plan.materials.models import Material, Movement, Place, Reservation, Transfer
from muster.plan.materials.standing import shelves
from muster.plan.materials.written import places
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import Workspace
from muster.ui.toasts import close_dialog

PAGE = "plan/materials/materials.html"
_FORMS: dict[str, type[forms.Form]] = {
    "place": PlaceForm,
    "material": MaterialForm,
    "receive": ReceiveForm,
    "transfer": TransferForm,
}


@allow("materials.see")
def materials(request: TeamRequest) -> HttpResponse:
    """What lies where; its changing part when htmx asks."""
    context: dict[str, Any] = {
        "shelves": [(shelf, places(shelf.stock)) for shelf in shelves()],
        "places": Place.objects.all(),
        "on_the_way": Transfer.objects.filter(state=Transfer.State.SENT).select_related(
            "material", "source", "target"
        )[:50],
        "movements": Movement.objects.select_related("material", "place", "by", "campaign")[:30],
        "may_edit": request.user.may("materials.edit"),
        "may_count": request.user.may("materials.count"),
        "currency": Workspace.here().currency,
    }
    if request.htmx:
        return render(request, f"{PAGE}#sheet", context)
    more = {f"{name}_form": form(prefix=name) for name, form in _FORMS.items()}
    return render(request, PAGE, {**context, **more})


@allow("materials.edit")
@require_POST
def add_place(request: TeamRequest) -> HttpResponse:
    """A new place."""

    def do(data: dict[str, Any]) -> str:
        return _("“%(thing)s” is added.") % {"thing": actions.add_place(**data, by=request.user)}

    return _answer(request, "place", do)


@allow("materials.edit")
@require_POST
def add_material(request: TeamRequest) -> HttpResponse:
    """A new kind of material."""

    def do(data: dict[str, Any]) -> str:
        given = {name: value for name, value in data.items() if value not in (None, "")}
        currency = Workspace.here().currency
        material = actions.add_material(**given, currency=currency, by=request.user)
        return _("“%(thing)s” is added.") % {"thing": material}

    return _answer(request, "material", do)


@allow("materials.edit")
@require_POST
def receive(request: TeamRequest) -> HttpResponse:
    """Materials came in."""

    def do(data: dict[str, Any]) -> str:
        stock = actions.receive(**data, by=request.user)
        return _("%(count)s lie at %(place)s now.") % {
            "count": stock.on_hand,
            "place": stock.place,
        }

    return _answer(request, "receive", do)


@allow("materials.edit")
@require_POST
def transfer(request: TeamRequest) -> HttpResponse:
    """Materials go elsewhere."""

    def do(data: dict[str, Any]) -> str:
        sent = actions.send(**data, by=request.user)
        return _("%(count)s are on the way to %(place)s.") % {
            "count": sent.quantity,
            "place": sent.target,
        }

    return _answer(request, "transfer", do)


def _answer(request: TeamRequest, name: str, do: Callable[[dict[str, Any]], str]) -> HttpResponse:
    """Do what the form asks, or give it back with what is wrong."""
    form = _FORMS[name](request.POST, prefix=name)
    if form.is_valid():
        try:
            text = do(form.cleaned_data)
        except Invalid as invalid:
            explain(form, invalid)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            fresh = render(
                request, f"{PAGE}#{name}form", {f"{name}_form": _FORMS[name](prefix=name)}
            )
            return said(close_dialog(fresh), text)
    return render(request, f"{PAGE}#{name}form", {f"{name}_form": form}, status=422)


@allow("materials.edit")
@require_POST
def arrive(request: TeamRequest, transfer_id: int) -> HttpResponse:
    """The materials came, all of them or as many as were counted."""
    sent = get_object_or_404(Transfer, pk=transfer_id)
    given = request.POST.get("arrived", "").strip()
    if given and not given.isdecimal():
        raise Invalid(_("How many came is a whole number."))
    done = actions.arrive(sent, int(given) if given else None, by=request.user)
    text = _("%(count)s came to %(place)s.") % {"count": done.arrived, "place": done.target}
    return said(HttpResponse(status=204), text)


@allow("materials.edit")
@require_POST
def call_back(request: TeamRequest, transfer_id: int) -> HttpResponse:
    """What is on the way turns round."""
    done = actions.call_back(get_object_or_404(Transfer, pk=transfer_id), by=request.user)
    text = _("They lie at %(place)s again.") % {"place": done.source}
    return said(HttpResponse(status=204), text)


@allow("materials.count")
@require_http_methods(["GET", "POST"])
def count(request: TeamRequest) -> HttpResponse:
    """Counting, one shelf after the other, on a phone; a bar code scanner types into the field."""
    form = CountForm(request.POST or None, initial={"place": request.GET.get("place")})
    counted = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        what = given["what"].strip()
        found = Material.objects.filter(Q(code=what) | Q(name__iexact=what)).first()
        if found is None:
            form.add_error("what", _("Nothing here has this bar code or name. See the list."))
        else:
            before = found.stock.filter(place=given["place"]).first()
            stock = actions.count(found, given["place"], given["found"], by=request.user)
            counted = {
                "material": found,
                "stock": stock,
                "change": stock.on_hand - (before.on_hand if before else 0),
            }
            form = CountForm(initial={"place": given["place"].pk})
    context = {
        "form": form,
        "counted": counted,
        "known": Material.objects.order_by("name").values_list("name", flat=True)[:500],
    }
    status = 422 if form.errors else 200
    return render(request, "plan/materials/count.html", context, status=status)


@allow("materials.edit")
@require_POST
def reserve(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Promise materials to the campaign."""
    campaign = of_page(request, campaign_id)
    form = ReserveForm(request.POST, prefix="reserve")
    if form.is_valid():
        try:
            held = actions.reserve(campaign, **form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            fresh = {"campaign": campaign, "reserve_form": ReserveForm(prefix="reserve")}
            answer = render(request, "plan/resources/resources.html#reserveform", fresh)
            return said(close_dialog(answer), _("%(what)s are reserved.") % {"what": held})
    context = {"campaign": campaign, "reserve_form": form}
    return render(request, "plan/resources/resources.html#reserveform", context, status=422)


@allow("materials.edit")
@require_POST
def release(request: TeamRequest, campaign_id: int, reservation_id: int) -> HttpResponse:
    """Give back what is still reserved."""
    campaign = of_page(request, campaign_id)
    held = get_object_or_404(Reservation, pk=reservation_id, campaign=campaign)
    actions.release(held, by=request.user)
    change = latest(held, request.user)
    return said(HttpResponse(status=204), _("The rest is free again."), change)


@allow("materials.edit")
@require_POST
def hand_out(request: TeamRequest, campaign_id: int, reservation_id: int) -> HttpResponse:
    """Reserved materials leave the shelf."""
    campaign = of_page(request, campaign_id)
    held = get_object_or_404(Reservation, pk=reservation_id, campaign=campaign)
    given = request.POST.get("quantity", "").strip()
    if not given.isdecimal():
        raise Invalid(_("How many are handed out is a whole number from 1."))
    actions.hand_out(held, int(given), by=request.user)
    text = _("%(count)s × %(material)s handed out.") % {
        "count": int(given),
        "material": held.material,
    }
    return said(HttpResponse(status=204), text)
