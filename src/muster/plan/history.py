"""What of the plan can be taken back, by whom, and how its older values read and return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language, gettext

from muster.kit.errors import Forbidden, Refused
from muster.kit.words import _
from muster.plan.approvals.actions import check_steps, ends_stand_in
from muster.plan.approvals.models import Policy, StandIn
from muster.plan.approvals.rules import step_of
from muster.plan.budget.actions import edit_line, plans_of
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.actions import check_still_open, edit_campaign, touch
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.actions import change_fact
from muster.plan.facts.models import Fact
from muster.plan.goals.actions import MOST as MOST_GOALS
from muster.plan.goals.actions import edit_goal
from muster.plan.goals.models import Goal
from muster.plan.readiness.actions import check_answerable
from muster.plan.readiness.models import Waiver
from muster.plan.readiness.policy import let_campaigns_see
from muster.plan.risks.actions import edit_risk
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import step_kind
from muster.plan.tasks.actions import announce, edit_task
from muster.plan.tasks.models import Task
from muster.plan.training.actions import check_learnable, check_other
from muster.plan.training.models import Training
from muster.team.changes.actions import around_rows, before_undo, undo_also_for, undo_needs
from muster.team.changes.history import in_words
from muster.team.changes.models import Change
from muster.team.changes.restoring import restorable
from muster.team.permissions import SIGNED_IN
from muster.team.users.models import User
from muster.ui import formats
from muster.warehouse.metrics import METRICS

undo_needs(
    "campaigns.edit",
    "plan.campaign",
    "team.customday",
    "plan.cell",
    "plan.competitor",
    "plan.fact",
    "plan.goal",
    "plan.importedcalendar",
    "plan.objective",
    "plan.peak",
    "plan.risk",
    "plan.task",
    "plan.tool",
    "plan.training",
    "plan.vendor",
)
undo_needs("budget.edit", "plan.budgetdocument", "plan.budgetline", "plan.campaign:budget_split")
undo_needs("settings.manage", "plan.checkrule", "plan.policy", "plan.rhythm")
undo_needs("materials.edit", "plan.reservation")
undo_needs("campaigns.see", "plan.waiver")
undo_needs(SIGNED_IN, "plan.standin")


@undo_also_for("plan.campaign")
def total_alone(change: Change, by: User) -> bool:
    """Whoever may set the total, and nothing else of a campaign, takes that back too."""
    names = set(change.undo) - {"version"}
    return change.verb == "edited" and names == {"total_budget"} and by.may("budget.edit")


@around_rows(
    "plan.budgetdocument",
    "plan.cell",
    "plan.competitor",
    "plan.fact",
    "plan.peak",
    "plan.risk",
)
@contextmanager
def planned(change: Change, by: User) -> Iterator[None]:
    """Nothing comes back into a plan that was closed or put away since; open pages notice it."""
    campaign = _open(change, by)
    yield
    touch(campaign)


@around_rows("plan.training")
@contextmanager
def learned(change: Change, by: User) -> Iterator[None]:
    """Nobody passes by the way back either, and what nobody could learn now does not return."""
    campaign = _open(change, by)
    rows = Training.objects.select_related("trainee", "campaign").filter(pk=change.object_id)
    held = rows.first()
    if held is not None and change.verb in {"item_passed", "item_unpassed", "training_finished"}:
        check_other(held, by)
    yield
    if change.verb == "training_called_off" and (back := rows.all().first()):
        check_learnable(back)
    touch(campaign)


@around_rows("plan.policy")
@contextmanager
def signatures(change: Change, by: User) -> Iterator[None]:
    """Steps come back only as far as they still name somebody."""
    yield
    for policy in Policy.objects.filter(pk=change.object_id):
        check_steps([step_of(raw) for raw in policy.steps])


@before_undo("plan.goal")
@before_undo("plan.peak")
@before_undo("plan.risk")
@before_undo("plan.training")
def planned_still(change: Change, fields: Mapping[str, Any], by: User) -> None:
    """Nor do older values of its fields; how a risk ended may be said later too."""
    if change.verb != "risk_settled":
        touch(_open(change, by))


@around_rows("plan.goal")
@contextmanager
def goals_counted(change: Change, by: User) -> Iterator[None]:
    """A goal that comes back counts among the others."""
    campaign = _open(change, by)
    yield
    if campaign.goals.count() > MOST_GOALS:
        raise Refused(
            _("A campaign has at most %(most)s goals. Drop one of them first."), most=MOST_GOALS
        )
    touch(campaign)


@around_rows("plan.campaign:baseline_set")
@contextmanager
def dates_kept(change: Change, by: User) -> Iterator[None]:
    """The baseline is compared with at once."""
    campaign = _open(change, by)
    yield
    announce(campaign)


@around_rows("plan.budgetline", "plan.campaign:budget_split")
@contextmanager
def budget_balanced(change: Change, by: User) -> Iterator[None]:
    """What comes back into the budget is written into the ledger of the plan."""
    with plans_of(change, _open(change, by), by=by):
        yield


@around_rows("plan.waiver")
@contextmanager
def answered(change: Change, by: User) -> Iterator[None]:
    """To bring a waiver back is to waive the check again, so who may do that now may do it."""
    campaign = _open(change, by)
    waiver = Waiver.objects.select_related("campaign").filter(pk=change.object_id).first()
    if waiver is None:
        raise Forbidden
    check_answerable(waiver, by=by)
    yield
    touch(campaign)


@around_rows("plan.checkrule")
@contextmanager
def asked_otherwise(change: Change, by: User) -> Iterator[None]:
    """Campaigns are asked as before, and their open pages notice it."""
    yield
    let_campaigns_see()


@around_rows("plan.standin")
@contextmanager
def stood_in_for(change: Change, by: User) -> Iterator[None]:
    """Only whose place it is lets somebody stand in again, or an owner or admin."""
    yield
    row = StandIn.objects.select_related("of", "to").filter(pk=change.object_id).first()
    if row is not None:
        ends_stand_in(row, by)
        if not row.to.is_active:
            raise Refused(_("%(name)s has left."), name=row.to.name)


def _open(change: Change, by: User) -> Campaign:
    rows = Campaign.objects.visible_to(by).select_for_update()
    campaign = rows.filter(pk=change.details.get("campaign") or change.object_id).first()
    if campaign is None:
        raise Refused(_("“%(thing)s” is gone by now."), thing=change.label)
    check_still_open(campaign)
    return campaign


@restorable("plan.campaign", "campaigns.edit", "edited")
def campaign(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    row = get_object_or_404(Campaign.objects.visible_to(by), pk=number)
    return edit_campaign(row, values, by=by)


@restorable("plan.goal", "campaigns.edit", "goal_edited")
def goal(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    return edit_goal(_of_plan(Goal, number, by), values, by=by)


@restorable("plan.budgetline", "budget.edit", "line_edited")
def line(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    return edit_line(_of_plan(BudgetLine, number, by), values, by=by)


@restorable("plan.risk", "campaigns.edit", "risk_edited")
def risk(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    return edit_risk(_of_plan(Risk, number, by), values, by=by)


@restorable("plan.fact", "campaigns.edit", "fact_changed")
def fact(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    return change_fact(_of_plan(Fact, number, by), values, by=by)


@restorable("plan.task", "campaigns.edit", "task_edited", "task_done")
def task(number: int, values: Mapping[str, Any], by: User) -> Change | None:
    fields = {name: value for name, value in values.items() if name != "version"}
    return edit_task(_of_plan(Task, number, by), fields, by=by)


def _of_plan(model: Any, number: int, by: User) -> Any:
    rows = model.objects.select_related("campaign")
    return get_object_or_404(rows, pk=number, campaign__in=Campaign.objects.visible_to(by))


@in_words("plan.goal.metric")
def metric(value: str) -> str:
    return gettext(METRICS[value].name) if value in METRICS else value


@in_words("plan.goal.guardrails")
def guardrails(value: list[Mapping[str, Any]]) -> str:
    signs = {"gte": "≥", "lte": "≤"}
    return _listed(_compared(rail, signs) for rail in value)


@in_words("plan.risk.trigger")
def trigger(value: Mapping[str, Any]) -> str:
    return _compared(value, {"lt": "<", "gt": ">"})


def _compared(said: Mapping[str, Any], signs: Mapping[str, str]) -> str:
    sign = signs.get(str(said.get("op")), "")
    return f"{metric(str(said.get('metric')))} {sign} {said.get('value')}"


@in_words("plan.risk.plan")
def steps(value: list[Mapping[str, Any]]) -> str:
    found = ((step_kind(str(one.get("kind"))), str(one.get("text") or "")) for one in value)
    return _listed(text or (str(kind.name) if kind else "") for kind, text in found)


@in_words("plan.task.checklist")
def checklist(value: list[Mapping[str, Any]]) -> str:
    return _listed(f"{'✓ ' if one.get('done') else ''}{one.get('text')}" for one in value)


@in_words("plan.peak.items", "plan.training.items")
def items(value: list[Mapping[str, Any] | str]) -> str:
    texts = [{"text": one} if isinstance(one, str) else one for one in value]
    return _listed(f"{'✓ ' if one.get('at') else ''}{one.get('text')}" for one in texts)


@in_words("plan.fact.values")
def values(value: Mapping[str, str]) -> str:
    return _listed(dict.fromkeys(value.values()))


@in_words("plan.campaign.channels")
def channels(value: list[str]) -> str:
    return _listed(channel_name(key) for key in value)


@in_words("plan.budgetline.channel", "plan.goal.channel")
def channel(value: str) -> str:
    return channel_name(value)


def _listed(found: Any) -> str:
    return formats.listed([str(one) for one in found], get_language() or "en")
