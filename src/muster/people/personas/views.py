"""The pages of personas (S20): all of them as cards, and one with its numbers and touchpoints."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid, NotFound
from muster.people.personas import actions
from muster.people.personas.forms import PersonaForm
from muster.people.personas.models import Persona
from muster.people.personas.panels import shown_panels
from muster.people.segments.models import Segment
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.middleware import worded
from muster.ui.toasts import toast, trigger

LIST, PAGE = "people/personas/list.html", "people/personas/persona.html"


@allow("campaigns.see")
def personas(request: TeamRequest) -> HttpResponse:
    """Every persona as a card."""
    may_edit = request.user.may("campaigns.edit")
    context = {
        "personas": Persona.objects.visible_to(request.user).select_related("segment"),
        "segments": Segment.objects.visible_to(request.user).order_by("name") if may_edit else [],
        "may_edit": may_edit,
    }
    return render(request, LIST, context)


@allow("campaigns.edit")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """A new persona, empty or from what is typical of a segment."""
    number = request.POST.get("segment", "")
    if number:
        rows = Segment.objects.visible_to(request.user)
        segment = get_object_or_404(rows, pk=number if number.isdecimal() else 0)
        made = actions.from_segment(segment, by=request.user)
    else:
        made = actions.describe({"name": _("New persona")}, by=request.user)
    return redirect("people:persona", persona_id=made.pk)


@allow("campaigns.see")
def persona(request: TeamRequest, persona_id: int) -> HttpResponse:
    """One persona; its numbers alone when htmx asks."""
    found = _of_page(request, persona_id)
    context = {
        "persona": found,
        "form": PersonaForm.of(found, request.user),
        "panels": shown_panels(found, request.user),
        "may_edit": request.user.may("campaigns.edit"),
        "may_see_segment": request.user.may("segments.see"),
    }
    return render(request, PAGE, context)


@allow("campaigns.edit")
@require_POST
def write(request: TeamRequest, persona_id: int) -> HttpResponse:
    """Save it as it is typed."""
    found = _of_page(request, persona_id)
    form = PersonaForm.of(found, request.user, request.POST)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        if not request.user.may("segments.see"):
            del fields["segment"]
        try:
            actions.change(found, fields, by=request.user)
        except Invalid as invalid:
            for problem in invalid.errors:
                form.add_error(None, worded(problem.text, problem.params))
    context = {"form": form, "persona": found}
    if form.errors:
        return render(request, f"{PAGE}#problems", context, status=422)
    answer = render(request, f"{PAGE}#problems", context)
    segment = form.cleaned_data["segment"]
    changed = (segment.pk if segment else None) != found.segment_id
    return trigger(answer, "persona-segment", {}) if changed else answer


@allow("campaigns.see")
def numbers(request: TeamRequest, persona_id: int) -> HttpResponse:
    """What its segment says; a POST counts again."""
    found = _of_page(request, persona_id)
    may_edit = request.user.may("campaigns.edit")
    if request.method == "POST" and may_edit:
        found = actions.refresh(found)
    may_see_segment = request.user.may("segments.see")
    context = {"persona": found, "may_edit": may_edit, "may_see_segment": may_see_segment}
    return render(request, f"{PAGE}#numbers", context)


@allow("campaigns.edit")
@require_POST
def remove(request: TeamRequest, persona_id: int) -> HttpResponse:
    """Take it away; the toast brings it back."""
    found = _of_page(request, persona_id)
    change = actions.remove(found, by=request.user)
    text = _("“%(name)s” is taken away.") % {"name": found.name}
    undo = way_back(change)
    if request.htmx:
        answer = HttpResponse(status=204, headers={"HX-Redirect": reverse("people:personas")})
        return toast(answer, text, undo=undo)
    return redirect("people:personas")


def _of_page(request: TeamRequest, persona_id: int) -> Persona:
    rows = Persona.objects.visible_to(request.user).select_related("segment")
    found = rows.filter(pk=persona_id).first()
    if found is None:
        raise NotFound
    return found
