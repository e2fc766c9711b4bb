"""Trainings in the API."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import colleague, person
from muster.plan.training import actions
from muster.plan.training.models import Training
from muster.plan.training.rules import is_passed
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import scope

of_campaign = Router(tags=["trainings"])


class TrainingPatch(Strict):
    """The fields of a training; those that are left out stay as they are."""

    due: date | None = None
    items: list[str] | None = None


class TrainingIn(Strict):
    """Who is to learn what until when; `trainee` is an id or an address."""

    trainee: str
    skill: str
    due: date
    items: list[str]


class PassedIn(Strict):
    """Whether an item is passed; `text` is what stands at its place, so that no other is meant."""

    place: int
    text: str
    passed: bool


def shown(training: Training) -> dict[str, Any]:
    """A training as the API speaks of it."""
    return {
        "id": training.public_id,
        "trainee": person(training.trainee),
        "skill": training.skill,
        "due": training.due,
        "items": [
            {
                "text": item["text"],
                "passed": is_passed(item),
                "by": item.get("name"),
                "at": item.get("at"),
            }
            for item in training.items
        ],
        "finished_at": training.finished_at,
    }


def _training(request: HttpRequest, campaign_id: str, training_id: str) -> Training:
    rows = of_call(request, campaign_id).trainings.select_related("campaign", "trainee")
    return found(rows, "training", training_id)


@of_campaign.get("/{campaign_id}/trainings", auth=scope("campaigns:read"), response=dict[str, Any])
def list_trainings(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Who learns what for the campaign."""
    rows = of_call(request, campaign_id).trainings.select_related("trainee")
    return {"items": [shown(training) for training in rows], "next": None}


@of_campaign.post(
    "/{campaign_id}/trainings", auth=scope("campaigns:write"), response={201: dict[str, Any]}
)
def plan_training(request: HttpRequest, campaign_id: str, body: TrainingIn) -> dict[str, Any]:
    """Plan a training."""
    training, _change = actions.plan_training(
        of_call(request, campaign_id),
        colleague(body.trainee, "/trainee"),
        body.skill,
        body.due,
        body.items,
        by=caller(request),
    )
    return shown(training)


@of_campaign.patch(
    "/{campaign_id}/trainings/{training_id}",
    auth=scope("campaigns:write"),
    response=dict[str, Any],
)
def edit_training(
    request: HttpRequest, campaign_id: str, training_id: str, body: TrainingPatch
) -> dict[str, Any]:
    """Another day or another checklist; what is passed stays passed while its text stays."""
    training = _training(request, campaign_id, training_id)
    given = body.model_dump(exclude_unset=True)
    fields = {name: value for name, value in given.items() if value is not None}
    actions.edit_training(training, fields, by=caller(request))
    return shown(_training(request, campaign_id, training_id))


@of_campaign.post(
    "/{campaign_id}/trainings/{training_id}/items",
    auth=scope("campaigns:write"),
    response=dict[str, Any],
)
def pass_item(
    request: HttpRequest, campaign_id: str, training_id: str, body: PassedIn
) -> dict[str, Any]:
    """Say of one item whether it is passed; with the last one the colleague has the skill."""
    training = _training(request, campaign_id, training_id)
    actions.pass_item(training, body.place, body.passed, by=caller(request), seen=body.text)
    return shown(_training(request, campaign_id, training_id))


@of_campaign.delete(
    "/{campaign_id}/trainings/{training_id}", auth=scope("campaigns:write"), response={204: None}
)
def call_off(request: HttpRequest, campaign_id: str, training_id: str) -> None:
    """Call a training off."""
    actions.call_off(_training(request, campaign_id, training_id), by=caller(request))
