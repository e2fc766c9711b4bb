"""The page of objectives (PL14): from the company's to the campaigns', with what stands behind."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.plan.campaigns import days
from muster.plan.campaigns.answers import explain, said
from muster.plan.objectives import actions
from muster.plan.objectives.models import Objective
from muster.plan.rollup.forms import ObjectiveForm
from muster.plan.rollup.periods import quarter_of
from muster.plan.rollup.rows import rollup
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.toasts import close_dialog

PAGE = "plan/objectives/objectives.html"


@allow("campaigns.see")
def objectives(request: TeamRequest) -> HttpResponse:
    """The page; htmx asks only for its table."""
    context = {
        "rows": rollup(),
        "may_edit": request.user.may("campaigns.edit"),
        "may_see_money": request.user.may("budget.see"),
    }
    part = "#rows" if request.headers.get("HX-Request") else ""
    return render(request, PAGE + part, context)


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def objective(request: TeamRequest, objective_id: int | None = None) -> HttpResponse:
    """An objective's form in the drawer, for a new one too."""
    one = get_object_or_404(Objective, pk=objective_id) if objective_id else None
    first, last = quarter_of(days.today())
    form = ObjectiveForm.of(
        one, request.POST or None, starts=first, ends=last, owner=request.user, kind="company"
    )
    if request.method == "POST" and form.is_valid():
        try:
            if one is None:
                actions.make_objective(form.cleaned_data, by=request.user)
                return close_dialog(said(HttpResponse(), _("The objective is set.")))
            change = actions.edit_objective(one, form.cleaned_data, by=request.user)
            return close_dialog(said(HttpResponse(), _("The objective is changed."), change))
        except Invalid as invalid:
            explain(form, invalid)
    context = {"objective": one, "form": form}
    status = 422 if form.errors else 200
    return render(request, "plan/objectives/objective.html", context, status=status)


@allow("campaigns.edit")
@require_POST
def drop(request: TeamRequest, objective_id: int) -> HttpResponse:
    """Take an objective away."""
    one = get_object_or_404(Objective, pk=objective_id)
    change = actions.drop_objective(one, by=request.user)
    return close_dialog(said(HttpResponse(), _("The objective is gone."), change))
