"""Settings of the checks (S09): what is asked before a launch here, and checks of one's own."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import policy
from muster.plan.readiness.checks import GROUPS
from muster.plan.readiness.forms import CheckForm, written
from muster.team.changes.conflict import ask
from muster.team.changes.offering import latest
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/readiness/policy.html"


@allow("campaigns.see")
def checks(request: TeamRequest) -> HttpResponse:
    """Every check, and what is other here than usual."""
    context = {"groups": _groups(), "may_change": request.user.may("settings.manage")}
    return render(request, f"{PAGE}#list" if request.htmx else PAGE, context)


def _groups() -> list[tuple[str, list[dict[str, Any]]]]:
    names = dict(Campaign.Strategy.choices)
    rows = groupby(policy.ruled(), key=lambda one: one.question.group)
    return [
        (
            GROUPS[group],
            [
                {
                    "check": one,
                    "dials": [(dial.words, written(dial, value)) for dial, value in one.dials],
                    "strategies": [names[key] for key in one.strategies if key in names],
                }
                for one in found
            ],
        )
        for group, found in rows
    ]


@allow("settings.manage")
@require_http_methods(["GET", "POST"])
def check(request: TeamRequest, check: str) -> HttpResponse:
    """Change one check, in the drawer."""
    writes = request.method == "POST"
    # What a colleague writes meanwhile waits, so that nothing is overwritten unseen.
    with transaction.atomic():
        ruled = policy.locked(check) if writes else policy.one_ruled(check)
        form = CheckForm(ruled, request.POST if writes else None)
        clashes, change, is_saved = [], None, False
        if writes and form.is_valid():
            kept = frozenset(request.POST.get("mine", "").split(","))
            clashes = form.clashes(ruled, kept, by=request.user)
            asked = {clash.field for clash in clashes}
            try:
                change = policy.set_check(
                    check, form.changes(ruled, without=asked), by=request.user
                )
                is_saved = True
            except Invalid as invalid:
                _explain(form, invalid)
        if is_saved and clashes:
            return ask(request, clashes, "check-edit", at="#check-clash")
        if is_saved:
            text = _("Saved. Campaigns that are not launched are asked anew.")
            return said(close_dialog(HttpResponse()), text, change)
    context = {"form": form, "ruled": ruled}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


@allow("settings.manage")
@require_http_methods(["GET", "POST"])
def add(request: TeamRequest) -> HttpResponse:
    """A check of the workspace's own, in the drawer."""
    form = CheckForm(None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rule = policy.add_check(form.fields_of_check(), by=request.user)
        except Invalid as invalid:
            _explain(form, invalid)
        else:
            text = _("“%(title)s” is asked of every campaign it fits.") % {"title": rule.title}
            return said(close_dialog(HttpResponse()), text, latest(rule, request.user))
    context = {"form": form, "ruled": None}
    return render(request, f"{PAGE}#edit", context, status=422 if form.errors else 200)


def _explain(form: CheckForm, invalid: Invalid) -> None:
    for problem in invalid.errors:
        at = problem.at.strip("/").replace("dials/", "dial_")
        params = {**problem.params, **_range(form, at)}
        words = _(problem.text) % params if params else _(problem.text)
        form.add_error(at if at in form.fields else None, words)
    if not invalid.errors:
        explain(form, invalid)


def _range(form: CheckForm, at: str) -> dict[str, str]:
    """The least and the most of a number as its field has it: parts of 1 are percents there."""
    return {
        name: written(dial, value)
        for dial in form.dials
        if at == f"dial_{dial.name}"
        for name, value in (("least", dial.least), ("most", dial.most))
    }


@allow("settings.manage")
@require_POST
def reset(request: TeamRequest, check: str) -> HttpResponse:
    """One click back to the default; a check of one's own goes."""
    change = policy.reset_check(check, by=request.user)
    if change.verb == "check_dropped":
        text = _("“%(title)s” is asked no more.") % {"title": change.label}
    else:
        text = _("The check is as usual again.")
    return said(HttpResponse(status=204), text, change)
