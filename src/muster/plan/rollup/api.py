"""Objectives in the API: the company's, the plans', and what stands behind each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns.found import caller
from muster.plan.campaigns.schemas import colleague, person, plain
from muster.plan.objectives import actions
from muster.plan.objectives.finding import objective_named
from muster.plan.objectives.models import Objective
from muster.plan.rollup.rows import Row, rollup, row_of
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import has_scope, scope

router = Router(tags=["objectives"])


class ObjectivePatch(Strict):
    """The fields of an objective; those that are left out stay as they are."""

    name: str = ""
    kind: Literal["company", "plan"] = "company"
    parent: str | None = None
    starts: date | None = None
    ends: date | None = None
    metric: str = ""
    target: Decimal | None = None
    owner: str = ""


class ObjectiveIn(ObjectivePatch):
    """A new objective."""

    name: str
    starts: date | None
    ends: date | None


def _fields(body: ObjectivePatch) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=True)
    if fields.get("parent"):
        fields["parent"] = objective_named(fields["parent"])
        if fields["parent"] is None:
            raise Invalid.at("/parent", "unknown_objective", _("There is no such objective."))
    if "owner" in fields:
        fields["owner"] = colleague(fields["owner"], "/owner")
    return fields


def shown(row: Row, *, with_money: bool) -> dict[str, Any]:
    """An objective as the API speaks of it."""
    one = row.objective
    return {
        "id": one.public_id,
        "kind": one.kind,
        "parent": one.parent.public_id if one.parent else None,
        "name": one.name,
        "starts": one.starts,
        "ends": one.ends,
        "metric": one.metric or None,
        "target": plain(one.target),
        "owner": person(one.owner),
        "value": plain(row.value),
        "planned": plain(row.planned),
        "reached": float(row.reached) if row.reached is not None else None,
        "goals": [
            {
                "id": goal.goal.public_id,
                "campaign": goal.goal.campaign.public_id,
                "metric": goal.goal.metric,
                "target": plain(goal.goal.target),
                "value": plain(goal.value),
            }
            for goal in row.goals
        ],
        "campaigns": [campaign.public_id for campaign in row.campaigns],
        "budget": [money.as_json() for money in row.budget] if with_money else None,
        "spent": [money.as_json() for money in row.spent] if with_money else None,
        "people": row.people,
    }


@router.get("", auth=scope("campaigns:read"), response=dict[str, Any])
def list_objectives(request: HttpRequest) -> dict[str, Any]:
    """All objectives, each before those that serve it."""
    with_money = has_scope(request, "budget:read")
    return {"items": [shown(row, with_money=with_money) for row in rollup()], "next": None}


@router.post("", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def make_objective(request: HttpRequest, body: ObjectiveIn) -> dict[str, Any]:
    """Set an objective."""
    one = actions.make_objective(_fields(body), by=caller(request))
    return _answer(request, one)


@router.get("/{objective_id}", auth=scope("campaigns:read"), response=dict[str, Any])
def get_objective(request: HttpRequest, objective_id: str) -> dict[str, Any]:
    """One objective with what stands behind it."""
    return _answer(request, found(Objective.objects.all(), "objective", objective_id))


@router.patch("/{objective_id}", auth=scope("campaigns:write"), response=dict[str, Any])
def edit_objective(request: HttpRequest, objective_id: str, body: ObjectivePatch) -> dict[str, Any]:
    """Change some fields of an objective."""
    one = found(Objective.objects.all(), "objective", objective_id)
    actions.edit_objective(one, _fields(body), by=caller(request))
    return _answer(request, one)


@router.delete("/{objective_id}", auth=scope("campaigns:write"), response={204: None})
def drop_objective(request: HttpRequest, objective_id: str) -> None:
    """Take an objective away; refused while plans or goals stand on it."""
    one = found(Objective.objects.all(), "objective", objective_id)
    actions.drop_objective(one, by=caller(request))


def _answer(request: HttpRequest, one: Objective) -> dict[str, Any]:
    return shown(row_of(one), with_money=has_scope(request, "budget:read"))
