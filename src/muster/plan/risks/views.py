"""The risks of a campaign (S14): the matrix, the register, and the plans for that day."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.plan.goals.shown import written
from muster.plan.risks import actions, rules
from muster.plan.risks.forms import RiskForm
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import step_kind, value_of
from muster.team.changes.conflict import ask, settled, since_of
from muster.team.changes.models import Change
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog
from muster.warehouse.metrics import METRICS

PAGE = "plan/risks/risks.html"
_SCALE = range(1, 6)
_CHIP = {
    rules.Level.LOW: "",
    rules.Level.MEDIUM: "info",
    rules.Level.HIGH: "warn",
    rules.Level.EXTREME: "bad",
}
_LEVEL = {
    rules.Level.LOW: gettext_lazy("Low"),
    rules.Level.MEDIUM: gettext_lazy("Medium"),
    rules.Level.HIGH: gettext_lazy("High"),
    rules.Level.EXTREME: gettext_lazy("Extreme"),
}
_STATUS = {Risk.Status.FIRED: "bad", Risk.Status.HANDLED: "good"}


@allow("campaigns.see")
def risks(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    campaign = of_page(request, campaign_id)
    may_edit = request.user.may("campaigns.edit") and campaign.may_be_planned
    may_see_money = request.user.may("budget.see")
    context = {"may_edit": may_edit, **_context(campaign, may_see_money=may_see_money)}
    if request.htmx:
        return render(request, f"{PAGE}#sheet", {"campaign": campaign, **context})
    more = {**context, "risk_form": RiskForm(initial={"title": request.GET.get("name", "")[:160]})}
    return render(request, PAGE, page(campaign, request.user, "plan/risks", **more))


def _context(campaign: Campaign, *, may_see_money: bool) -> dict[str, Any]:
    found = list(campaign.risks.select_related("owner", "plan_run_by"))
    shown = sorted((_shown(risk) for risk in found), key=lambda one: one["order"])
    watched = [risk for risk in found if risk.status != Risk.Status.CLOSED]
    fields = rules.matrix((risk.likelihood, risk.impact) for risk in watched)
    return {
        "risks": shown,
        "happening": [one for one in shown if one["risk"].status == Risk.Status.FIRED],
        "matrix": [
            (
                likelihood,
                [
                    (impact, rules.level(likelihood, impact), fields.get((likelihood, impact), 0))
                    for impact in _SCALE
                ],
            )
            for likelihood in reversed(_SCALE)
        ],
        "scale": _SCALE,
        "suggestions": actions.suggestions(campaign),
        "money": sum(risk.money for risk in watched) if may_see_money else 0,
        "may_see_money": may_see_money,
        "without_plan": sum(not risk.plan for risk in watched),
    }


def _shown(risk: Risk) -> dict[str, Any]:
    grade = rules.level(risk.likelihood, risk.impact)
    trigger = rules.read_trigger(risk.trigger)
    steps = []
    for one in rules.read_plan(risk.plan):
        kind = step_kind(one.kind)
        steps.append((kind.name if kind else one.kind, one.text))
    happening = risk.status == Risk.Status.FIRED
    has_run = happening and risk.plan_run_at is not None
    return {
        "risk": risk,
        "score": risk.likelihood * risk.impact,
        "level": _LEVEL[grade],
        "chip": _CHIP[grade],
        "status_chip": _STATUS.get(Risk.Status(risk.status), ""),
        "trigger": _sign(risk.campaign, trigger) if trigger else None,
        "steps": steps,
        "has_run": has_run,
        "may_run": bool(steps) and not has_run,
        "order": (not happening, risk.status == Risk.Status.CLOSED, -risk.likelihood * risk.impact),
    }


def _sign(campaign: Campaign, trigger: rules.Trigger) -> dict[str, Any]:
    metric, now = METRICS.get(trigger.metric), value_of(campaign, trigger.metric)
    return {
        "name": _(metric.name) if metric else _("Free stock"),
        "falls": trigger.falls,
        "value": written(trigger.value, metric, campaign.currency),
        "now": None if now is None else written(now, metric, campaign.currency),
    }


@allow("campaigns.edit")
@require_POST
def add(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Write a risk down."""
    campaign = of_page(request, campaign_id)
    form = RiskForm(request.POST)
    if form.is_valid():
        try:
            risk = actions.add_risk(campaign, form.fields_for_risk(), by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            fresh = {"campaign": campaign, "risk_form": RiskForm()}
            answer = render(request, f"{PAGE}#riskform", fresh)
            return said(close_dialog(answer), _("“%(thing)s” is written down.") % {"thing": risk})
    context = {"campaign": campaign, "risk_form": form}
    return render(request, f"{PAGE}#riskform", context, status=422)


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, campaign_id: int, risk_id: int) -> HttpResponse:
    """One risk, in the drawer."""
    risk = _risk(request, campaign_id, risk_id)
    form = RiskForm.of(risk, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            typed, since = form.fields_for_risk(), since_of(request)
            with settled(risk, typed, since=since, by=request.user) as (fields, clashes):
                change = actions.edit_risk(risk, fields, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            if clashes:
                return ask(request, clashes, "risk-edit", at="#risk-clash")
            text = _("“%(thing)s” is changed.") % {"thing": risk}
            return said(close_dialog(HttpResponse()), text, change)
    opened = request.POST.get("since") or timezone.now().isoformat()
    context = {"campaign": risk.campaign, "risk": risk, "form": form, "opened": opened}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def take(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Copy a risk from an earlier campaign."""
    campaign = of_page(request, campaign_id)
    risk = actions.take_from_earlier(campaign, request.POST.get("title", ""), by=request.user)
    return said(HttpResponse(status=204), _("“%(thing)s” is written down.") % {"thing": risk})


@allow("campaigns.edit")
@require_POST
def step(request: TeamRequest, campaign_id: int, risk_id: int, step: str) -> HttpResponse:
    """It came true, is handled, was rehearsed, or goes off the list."""
    risk = _risk(request, campaign_id, risk_id)
    change: Change | None = None
    if step == "fire":
        actions.fire(risk, by=request.user)
        text = _("“%(thing)s” is happening. Whoever watches it is told.")
    elif step == "drill":
        actions.drill(risk, by=request.user)
        text = _("The rehearsal of “%(thing)s” is noted.")
    elif step == "drop":
        change = actions.drop_risk(risk, by=request.user)
        text = _("“%(thing)s” is off the list.")
    else:
        change = latest(actions.settle(risk, step, by=request.user), request.user)
        text = _("“%(thing)s” is settled.")
    return said(HttpResponse(status=204), text % {"thing": risk}, change)


@allow("campaigns.edit")
@require_POST
def run(request: TeamRequest, campaign_id: int, risk_id: int) -> HttpResponse:
    """Run the plan, and show what came of each step."""
    risk = _risk(request, campaign_id, risk_id)
    done = actions.run_plan(risk, by=request.user)
    answer = render(request, f"{PAGE}#done", {"risk": risk, "done": done})
    failed = sum(not one.ok for one in done)
    text = _("The plan of “%(thing)s” is done.") % {"thing": risk}
    if failed:
        more = ngettext("%(count)s step failed.", "%(count)s steps failed.", failed)
        text = more % {"count": failed}
    return said(answer, text)


def _risk(request: TeamRequest, campaign_id: int, risk_id: int) -> Risk:
    return get_object_or_404(
        Risk.objects.select_related("campaign", "owner"),
        pk=risk_id,
        campaign=of_page(request, campaign_id),
    )
