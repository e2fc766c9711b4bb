"""Settings of approvals (S48): which signatures each kind of thing needs, and who stands in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid, NotFound
from muster.plan.approvals import actions, rules
from muster.plan.approvals.forms import StandInForm, step_forms
from muster.plan.approvals.models import Policy, StandIn
from muster.plan.approvals.shown import who
from muster.plan.approvals.subjects import kinds
from muster.plan.campaigns.answers import explain
from muster.plan.campaigns.days import today
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow

PAGE = "plan/approvals/policies.html"


@allow("campaigns.see")
def policies(request: TeamRequest) -> HttpResponse:
    """Every kind of thing with its steps; whom one appointed to stand in."""
    return _page(request, StandInForm(request.user))


def _page(request: TeamRequest, form: StandInForm) -> HttpResponse:
    kept = {policy.kind: policy for policy in Policy.objects.select_related("by")}
    rows = []
    for kind, name in kinds().items():
        steps = _steps(kept.get(kind))
        shown = [(step, who(step), bool(n) and step.beside) for n, step in enumerate(steps)]
        rows.append({"kind": kind, "name": name, "policy": kept.get(kind), "steps": shown})
    context = {
        "rows": rows,
        "form": form,
        "mine": StandIn.objects.filter(of=request.user, request=None).select_related("to"),
        "for_others": StandIn.on(today())
        .filter(to=request.user, request=None)
        .select_related("of"),
        "may_change": request.user.may("settings.manage"),
    }
    return render(request, PAGE, context, status=422 if form.errors else 200)


def _steps(policy: Policy | None) -> list[rules.Step]:
    return [rules.step_of(raw) for raw in (policy.steps if policy else rules.POLICY)]


@allow("settings.manage")
def policy(request: TeamRequest, kind: str) -> HttpResponse:
    """Change the steps of one kind."""
    names = kinds()
    if kind not in names:
        raise NotFound
    kept = Policy.objects.filter(kind=kind).first()
    forms = step_forms(request.POST or None, steps=_steps(kept), more="more" in request.GET)
    problem: Invalid | None = None
    if request.method == "POST" and forms.is_valid():
        filled = [form.step(place) for place, form in enumerate(forms.forms)]
        steps = [step for step in filled if step is not None]
        try:
            change = actions.set_policy(kind, _with_own_keys(steps), by=request.user)
        except Invalid as invalid:
            problem = invalid
        else:
            text = _("Saved. It holds for what is asked from now on.")
            messages.success(request, text, extra_tags=way_back(change))
            if "more" not in request.POST:
                return redirect("plan:policies")
            return redirect(f"{request.path}?more=1")
    context: dict[str, Any] = {
        "kind": kind,
        "name": names[kind],
        "forms": forms,
        "problem": _words(problem) if problem else "",
    }
    failed = problem is not None or (request.method == "POST" and not forms.is_valid())
    return render(request, "plan/approvals/policy.html", context, status=422 if failed else 200)


def _with_own_keys(steps: list[rules.Step]) -> list[rules.Step]:
    """Two steps never share a key: a signature belongs to one of them."""
    return [replace(step, key=f"step-{place}") for place, step in enumerate(steps, 1)]


def _words(invalid: Invalid) -> str:
    return _(invalid.text) % invalid.params if invalid.params else _(invalid.text)


@allow("campaigns.see")
@require_POST
def appoint(request: TeamRequest) -> HttpResponse:
    """Somebody decides in one's place for some days."""
    form = StandInForm(request.user, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.appoint(given["to"], given["first"], given["last"], by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            messages.success(request, _("%(name)s decides in your place.") % {"name": given["to"]})
            return redirect("plan:policies")
    return _page(request, form)


@allow("campaigns.see")
@require_POST
def dismiss(request: TeamRequest, stand_in: int) -> HttpResponse:
    """One decides oneself again."""
    row = get_object_or_404(StandIn.objects.select_related("of", "to"), pk=stand_in)
    change = actions.dismiss(row, by=request.user)
    text = _("%(name)s no longer decides in your place.") % {"name": row.to}
    if row.of_id != request.user.pk:
        names = {"name": row.to, "of": row.of}
        text = _("%(name)s no longer decides in the place of %(of)s.") % names
    messages.success(request, text, extra_tags=way_back(change))
    return redirect("plan:policies")
