"""The trainings of a campaign (S13): planned, passed and changed on the page of its resources."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.training import actions
from muster.plan.training.candidates import candidates
from muster.plan.training.forms import TrainingEditForm, TrainingForm
from muster.plan.training.models import Training
from muster.plan.training.rules import reworded
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/training/training.html"
_WEEKS = timedelta(weeks=2)


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def plan(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """A new training, in the drawer: whoever has time for it comes first."""
    campaign = of_page(request, campaign_id)
    skill = (request.POST.get("skill") or request.GET.get("skill", "")).strip()[:40]
    due = _due(campaign)
    people = candidates(campaign, skill, due)
    form = TrainingForm(people, request.POST or None, initial={"skill": skill, "due": due})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            training, change = actions.plan_training(
                campaign,
                form.trainee_in(people),
                given["skill"],
                given["due"],
                given["items"].splitlines(),
                by=request.user,
            )
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = _("%(name)s learns “%(skill)s”.")
            words = text % {"name": training.trainee, "skill": training.skill}
            return said(close_dialog(HttpResponse()), words, change)
    context = {"campaign": campaign, "form": form, "people": people}
    return render(request, f"{PAGE}#new", context, status=422 if form.errors else 200)


def _due(campaign: Campaign) -> date:
    """The day before the first one; when that has come, soon, and while it still helps."""
    now = today()
    if campaign.starts > now:
        return campaign.starts - timedelta(days=1)
    return min(now + _WEEKS, max(campaign.ends, now))


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, campaign_id: int, training_id: int) -> HttpResponse:
    """One training, in the drawer."""
    training = _training(request, campaign_id, training_id)
    form = TrainingEditForm.of(training, request.POST or None)
    if request.method == "POST" and form.is_valid():
        texts = form.cleaned_data["items"].splitlines()
        typed = form.cleaned_data | {"items": reworded(training.items, texts)}
        if texts == request.POST.get("was", "").splitlines():
            del typed["items"]  # only others may have touched it, be it by a tick
        try:
            since = since_of(request)
            with settled(training, typed, since=since, by=request.user) as (fields, clashes):
                if "items" in fields:
                    fields["items"] = [one["text"] for one in fields["items"]]
                change = actions.edit_training(training, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "training-edit", at="#training-clash")
            text = _("“%(thing)s” is changed.") % {"thing": training}
            return said(close_dialog(HttpResponse()), text, change)
    opened = request.POST.get("since") or timezone.now().isoformat()
    was = request.POST.get("was", form.initial["items"])
    context = {"training": training, "form": form, "opened": opened, "was": was}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def tick(request: TeamRequest, campaign_id: int, training_id: int, place: int) -> HttpResponse:
    """Say of one item whether it is passed."""
    training = _training(request, campaign_id, training_id)
    is_passed, seen = "passed" in request.POST, request.POST.get("text", "")
    change = actions.pass_item(training, place, is_passed, by=request.user, seen=seen)
    if change is not None and change.verb == "training_finished":
        words = _("%(name)s has passed everything and has the skill “%(skill)s” now.")
        text = words % {"name": training.trainee, "skill": training.skill}
    else:
        text = _("Noted.")
    return said(HttpResponse(status=204), text, change)


@allow("campaigns.edit")
@require_POST
def call_off(request: TeamRequest, campaign_id: int, training_id: int) -> HttpResponse:
    """It is not learned after all."""
    training = _training(request, campaign_id, training_id)
    change = actions.call_off(training, by=request.user)
    text = _("The training is called off, %(thing)s.") % {"thing": training}
    return said(close_dialog(HttpResponse(status=204)), text, change)


def _training(request: TeamRequest, campaign_id: int, training_id: int) -> Training:
    return get_object_or_404(
        Training.objects.select_related("campaign", "trainee"),
        pk=training_id,
        campaign=of_page(request, campaign_id),
    )
