"""The list of what people ask for about their data, by what is due first (S22)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.people.consent.rules import LAWS, laws
from muster.people.masking import face, masked_text
from muster.people.profile.models import Person
from muster.people.requests import actions
from muster.people.requests.models import PrivacyRequest
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.permissions import allow
from muster.ui.toasts import toast

SOON = timedelta(days=5)
LAST = 30


@allow("people.see")
def requests(request: TeamRequest) -> HttpResponse:
    """What is to be done, and what was done last."""
    clear, now = request.user.may("people.pii"), timezone.now()
    everything = PrivacyRequest.objects.select_related("person", "by", "done_by")
    due = everything.filter(state=PrivacyRequest.State.OPEN)
    over = everything.exclude(state=PrivacyRequest.State.OPEN).order_by("-done_at", "-pk")
    context = {
        "due": [
            (
                one,
                face(one.person, clear=clear),
                one.how if clear else masked_text(one.how),
                one.is_late(now),
                one.due_at < now + SOON,
            )
            for one in due
        ],
        "late": due.filter(due_at__lt=now).count(),
        "over": [
            (
                one,
                face(one.person, clear=clear),
                one.answer if clear else masked_text(one.answer),
            )
            for one in over[:LAST]
        ],
        "laws": [(LAWS[key], law) for key, law in laws().items()],
        "may_access": clear and request.user.may("people.export"),
        "may_erase": request.user.may("people.import"),
        "may_edit": request.user.may("consent.edit"),
        "part": "requests",
    }
    return render(request, "people/requests/requests.html", context)


@allow("consent.edit")
@require_POST
def ask(request: TeamRequest, person_id: int) -> HttpResponse:
    """Write down on a person's page what they asked for."""
    person = get_object_or_404(Person.objects.present(), pk=person_id)
    actions.ask(
        person,
        request.POST.get("kind", ""),
        now=timezone.now(),
        how=request.POST.get("how", ""),
        by=request.user,
    )
    response = HttpResponse(headers={"HX-Redirect": reverse("people:requests")})
    return toast(response, gettext("The request is on the list, with its deadline."))


@allow("people.export")
@require_POST
def access(request: TeamRequest, request_id: int) -> HttpResponse:
    """The file for the person; with that the request is done."""
    found = get_object_or_404(PrivacyRequest, pk=request_id)
    packed = actions.give_access(found, by=request.user, now=timezone.now())
    response = HttpResponse(packed, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.public_id}.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@allow("people.import")
@require_POST
def erase(request: TeamRequest, request_id: int) -> HttpResponse:
    """Erase the person everywhere."""
    found = get_object_or_404(PrivacyRequest, pk=request_id)
    actions.carry_out_erasure(found, by=request.user, now=timezone.now())
    return redirect("people:requests")


@allow("consent.edit")
@require_POST
def decline(request: TeamRequest, request_id: int) -> HttpResponse:
    """It is not done, for a reason."""
    found = get_object_or_404(PrivacyRequest, pk=request_id)
    if found.kind == PrivacyRequest.Kind.ERASURE and not request.user.may("people.import"):
        raise lacking("people.import")
    actions.decline(found, request.POST.get("answer", ""), by=request.user, now=timezone.now())
    return redirect("people:requests")
