"""Pages of what the workspace decides about consent: topics, texts, the law (S22)."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.people.consent import keeping
from muster.people.consent.forms import LawForm, TextForm, TopicForm
from muster.people.consent.models import ConsentText, Topic
from muster.people.consent.rules import CARRIES, LAWS, PURPOSES, Terms
from muster.people.consent.rules import laws as all_laws
from muster.people.consent.terms import terms
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.permissions import allow
from muster.ui.toasts import toast

PAGE = "people/consent/choices.html"


@allow("people.see")
def choices(request: TeamRequest) -> HttpResponse:
    """Topics that people choose from, and the words they agree to."""
    return render(request, PAGE, _context(request))


@allow("consent.edit")
@require_POST
def add_topic(request: TeamRequest) -> HttpResponse:
    """One more topic."""
    form = TopicForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(request, topic_form=form), status=422)
    keeping.add_topic(form.cleaned_data["name"], form.cleaned_data["says"], by=request.user)
    return redirect("people:choices")


@allow("consent.edit")
@require_POST
def change_topic(request: TeamRequest, topic_id: int) -> HttpResponse:
    """Call a topic otherwise."""
    topic = get_object_or_404(Topic, pk=topic_id, removed_at=None)
    name, says = request.POST.get("name", ""), request.POST.get("says", "")
    done = keeping.change_topic(topic, name, says, by=request.user)
    response = render(request, f"{PAGE}#topics", _context(request))
    return toast(response, gettext("Saved."), undo=way_back(done))


@allow("consent.edit")
@require_POST
def remove_topic(request: TeamRequest, topic_id: int) -> HttpResponse:
    """Offer a topic no more."""
    topic = get_object_or_404(Topic, pk=topic_id, removed_at=None)
    done = keeping.remove_topic(topic, by=request.user, now=timezone.now())
    response = render(request, f"{PAGE}#topics", _context(request))
    return toast(
        response,
        gettext("The topic is offered no more."),
        undo=way_back(done),
    )


@allow("consent.edit")
@require_POST
def add_text(request: TeamRequest) -> HttpResponse:
    """A text, or the next version of one."""
    form = TextForm(request.POST)
    if not form.is_valid():
        return render(request, PAGE, _context(request, text_form=form), status=422)
    said = form.cleaned_data
    keeping.keep_text(said["name"], said["language"], said["words"], by=request.user)
    return redirect("people:choices")


@allow("people.see")
@require_http_methods(["GET", "POST"])
def law(request: TeamRequest) -> HttpResponse:
    """Which law holds, and what it asks for."""
    may_edit = request.user.may("settings.manage")
    if request.method == "POST" and not may_edit:
        raise lacking("settings.manage")
    form = LawForm(request.POST or None, initial=asdict(terms()))
    saved, undo = False, ""
    if request.method == "POST" and form.is_valid():
        done = keeping.set_terms(Terms(**form.cleaned_data), by=request.user)
        saved, undo = True, way_back(done) if done else ""
    here = terms()
    tables = [
        {
            "name": LAWS[key],
            "law": one,
            "is_ours": key == here.law,
            "carries": [CARRIES[item] for item in one.carries],
            "rules": [(PURPOSES[purpose], rule) for purpose, rule in one.purposes.items()],
        }
        for key, one in all_laws().items()
    ]
    context = {
        "form": form,
        "saved": saved,
        "undo": undo,
        "laws": tables,
        "may_edit": may_edit,
        "part": "law",
    }
    status = 422 if form.errors else 200
    return render(request, "people/consent/law.html", context, status=status)


def _context(
    request: TeamRequest, topic_form: TopicForm | None = None, text_form: TextForm | None = None
) -> dict[str, object]:
    return {
        "topics": keeping.topics(),
        "texts": ConsentText.objects.select_related("by")[:100],
        "topic_form": topic_form or TopicForm(),
        "text_form": text_form or TextForm(),
        "may_edit": request.user.may("consent.edit"),
        "part": "choices",
    }
