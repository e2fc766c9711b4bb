"""Goals in the API: set, sharpen, drop, and what SMART says."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import colleague, person, plain
from muster.plan.goals import actions
from muster.plan.goals.cascade import channel_kpis
from muster.plan.goals.draft_page import shown_draft
from muster.plan.goals.facts import smart
from muster.plan.goals.history import rates_of, reach_of
from muster.plan.goals.models import Goal
from muster.plan.goals.rules import score
from muster.plan.goals.shown import letter_text, shown_goal
from muster.plan.goals.solver import Range, solve
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import has_scope, scope

router = Router(tags=["campaigns"])


class Guardrail(Strict):
    """What must not get worse on the way."""

    metric: str
    op: Literal["gte", "lte"]
    value: Decimal


class Sentence(Strict):
    """A goal in words."""

    sentence: str


class GoalPatch(Strict):
    """The fields of a goal; those that are left out stay as they are."""

    metric: str = ""
    baseline: Decimal | None = None
    baseline_source: str = ""
    target: Decimal | None = None
    starts: date | None = None
    due: date | None = None
    owner: str | None = None
    population: str = ""
    channel: str = ""
    statement: str = ""
    reason: str = ""
    objective: str = ""
    """The id or name of an objective; other words are kept in `supports`."""
    checkpoints: list[date] = []
    guardrails: list[Guardrail] = []
    primary: bool = False


class GoalIn(GoalPatch):
    """A new goal."""

    metric: str
    target: Decimal | None


def fields_of(body: GoalPatch, at: str = "") -> dict[str, Any]:
    """The fields that the caller gave, as the actions take them."""
    fields = body.model_dump(exclude_unset=True)
    if "checkpoints" in fields:
        fields["checkpoints"] = [day.isoformat() for day in fields["checkpoints"]]
    if "guardrails" in fields:
        fields["guardrails"] = [
            {**rail, "value": str(rail["value"])} for rail in fields["guardrails"]
        ]
    if "owner" in fields:
        fields["owner"] = colleague(fields["owner"], f"{at}/owner") if fields["owner"] else None
    for name in ("starts", "due"):
        if name in fields and fields[name] is None:
            del fields[name]
    return fields


def shown(goal: Goal) -> dict[str, Any]:
    """A goal as the API speaks of it."""
    return {
        "id": goal.public_id,
        "metric": goal.metric,
        "baseline": plain(goal.baseline),
        "baseline_source": goal.baseline_source,
        "target": plain(goal.target),
        "starts": goal.starts,
        "due": goal.due,
        "owner": person(goal.owner),
        "population": goal.population,
        "channel": goal.channel,
        "statement": goal.statement,
        "reason": goal.reason,
        "objective": _objective(goal),
        "supports": goal.supports,
        "checkpoints": goal.checkpoints,
        "guardrails": goal.guardrails,
        "primary": goal.primary,
    }


def _objective(goal: Goal) -> dict[str, Any] | None:
    found = goal.objective
    return {"id": found.public_id, "name": found.name} if found else None


def measured(campaign: Campaign, goal: Goal) -> dict[str, Any]:
    """A goal with what SMART says and how far it is."""
    letters = smart(goal)
    now = shown_goal(campaign, goal)
    return {
        **shown(goal),
        "smart": {
            "score": score(letters),
            "letters": [
                {
                    "letter": letter.letter,
                    "verdict": letter.verdict,
                    "detail": letter_text(letter, now.metric, campaign.currency),
                    "fix": letter.fix or None,
                }
                for letter in letters
            ],
        },
        "value": plain(now.value),
        "as_of": now.progress.as_of if now.progress else None,
    }


@router.get("/{campaign_id}/goals", auth=scope("campaigns:read"), response=dict[str, Any])
def list_goals(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """The goals of a campaign, the main goal first."""
    campaign = of_call(request, campaign_id)
    goals = campaign.goals.select_related("objective")
    return {
        "items": [measured(campaign, goal) for goal in goals],
        "channels": [
            {"channel": one.channel, "part": one.part.value, "metrics": list(one.metrics)}
            for one in channel_kpis(campaign)
        ],
        "next": None,
    }


@router.post("/{campaign_id}/goals/read", auth=scope("campaigns:read"), response=dict[str, Any])
def read_sentence(request: HttpRequest, campaign_id: str, body: Sentence) -> dict[str, Any]:
    """What a sentence says, what of it was not read, and what SMART would say; nothing is set."""
    campaign = of_call(request, campaign_id)
    draft = shown_draft(campaign, body.sentence, today())
    if draft is None:
        return {"slots": [], "unread": [], "remarks": [], "letters": [], "score": 0}
    return {
        "slots": [asdict(slot) for slot in draft.slots],
        "unread": list(draft.unread),
        "remarks": list(draft.remarks),
        "letters": [asdict(letter) for letter in draft.letters],
        "score": draft.score,
    }


@router.get(
    "/{campaign_id}/goals/{goal_id}/needs", auth=scope("campaigns:read"), response=dict[str, Any]
)
def needs(
    request: HttpRequest, campaign_id: str, goal_id: str, target: Decimal | None = None
) -> dict[str, Any]:
    """How many people the goal needs by the team's own rates; `target` tries another target."""
    campaign = of_call(request, campaign_id)
    goal = found(campaign.goals.all(), "goal", goal_id)
    rates, reachable = rates_of(campaign, goal.metric), reach_of(campaign)
    if rates is None:
        return {"rates": [], "needed": None, "reachable": None, "gap": None, "ways": []}
    solution = solve(
        goal.target if target is None else target, rates, reachable.people if reachable else None
    )
    return {
        "rates": [
            {
                "step": one.key,
                "low": plain(one.low),
                "middle": plain(one.middle),
                "high": plain(one.high),
                "n": one.n,
                "seen": [{"campaign": seen.name, "url": seen.url} for seen in one.seen],
            }
            for one in solution.steps
        ],
        "needed": _range(solution.needed),
        "reachable": solution.reachable,
        "gap": _range(solution.gap),
        "ways": [
            {"way": one.way.value, "amount": _range(one.amount), "cost": _range(one.cost)}
            for one in solution.ways
        ]
        if has_scope(request, "budget:read")
        else [],
    }


def _range(of: Range | None) -> dict[str, Any] | None:
    if of is None:
        return None
    return {"best": plain(of.best), "middle": plain(of.middle), "worst": plain(of.worst)}


@router.post("/{campaign_id}/goals", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def set_goal(request: HttpRequest, campaign_id: str, body: GoalIn) -> dict[str, Any]:
    """Set one more goal."""
    campaign = of_call(request, campaign_id)
    goal = actions.set_goal(campaign, fields_of(body), by=caller(request))
    return measured(campaign, goal)


@router.patch(
    "/{campaign_id}/goals/{goal_id}", auth=scope("campaigns:write"), response=dict[str, Any]
)
def edit_goal(
    request: HttpRequest, campaign_id: str, goal_id: str, body: GoalPatch
) -> dict[str, Any]:
    """Change some fields of a goal."""
    campaign = of_call(request, campaign_id)
    goal = found(campaign.goals.all(), "goal", goal_id)
    actions.edit_goal(goal, fields_of(body), by=caller(request))
    return measured(campaign, goal)


@router.delete(
    "/{campaign_id}/goals/{goal_id}", auth=scope("campaigns:write"), response={204: None}
)
def drop_goal(request: HttpRequest, campaign_id: str, goal_id: str) -> None:
    """Take a goal away."""
    campaign = of_call(request, campaign_id)
    actions.drop_goal(found(campaign.goals.all(), "goal", goal_id), by=caller(request))
