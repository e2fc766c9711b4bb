"""The strategy of a campaign in the API: map, gaps, competitors, personas."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.personas.models import Persona
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import colleague, person
from muster.plan.strategy import actions
from muster.plan.strategy.map import touch_map
from muster.plan.strategy.models import Cell, Competitor
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class TouchpointIn(Strict):
    """What a channel says in a stage; fields that are left out stay as they are."""

    stage: str
    channel: str
    text: str = ""
    link: str = ""
    owner: str | None = None
    status: str = Cell.Status.PLANNED
    version: int | None = None


class TouchpointPlace(Strict):
    """A crossing of the map."""

    stage: str
    channel: str


class RivalIn(Strict):
    """A competitor."""

    name: str = ""
    does: str = ""
    link: str = ""
    difference: str = ""


class PersonasIn(Strict):
    """For whom the campaign is."""

    personas: list[str]


def shown(campaign: Campaign) -> dict[str, Any]:
    """The strategy as the API speaks of it."""
    found_map = touch_map(campaign)
    return {
        "message": campaign.message,
        "value_proposition": campaign.value_proposition,
        "difference": campaign.difference,
        "not_doing": campaign.not_doing,
        "personas": [
            {"id": one.persona.public_id, "name": one.persona.name}
            for one in campaign.meant.select_related("persona").filter(persona__deleted_at=None)
        ],
        "stages": [key for key, _name in found_map.stages],
        "channels": [row.channel for row in found_map.rows],
        "cells": [
            _cell(square.cell) | _live(square.live)
            for row in found_map.rows
            for square in row.squares
            if square.cell
        ],
        "people": [
            {"stage": square.stage, "channel": square.channel, **_live(square.live)}
            for row in found_map.rows
            for square in row.squares
            if square.live
        ],
        "as_of": found_map.as_of,
        "gaps": [
            {"reason": gap.reason, "stage": gap.stage, "channel": gap.channel, "text": gap.text}
            for gap in found_map.gaps
        ],
        "competitors": [_rival(one) for one in campaign.rivals.all()],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "id": cell.public_id,
        "stage": cell.stage,
        "channel": cell.channel,
        "text": cell.text,
        "link": cell.link,
        "owner": person(cell.owner),
        "status": cell.status,
        "task": cell.task.public_id if cell.task else None,
        "version": cell.version,
    }


def _live(live: Any) -> dict[str, Any]:
    return {
        "reached": live.people if live else None,
        "onward": live.onward if live else None,
    }


def _rival(one: Competitor) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "name": one.name,
        "does": one.does,
        "link": one.link,
        "difference": one.difference,
    }


@router.get("/{campaign_id}/strategy", auth=scope("campaigns:read"), response=dict[str, Any])
def get_strategy(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Message, personas, the touchpoint map with its gaps, and competitors."""
    return shown(of_call(request, campaign_id))


@router.put("/{campaign_id}/strategy/cells", auth=scope("campaigns:write"), response=dict[str, Any])
def set_cell(request: HttpRequest, campaign_id: str, body: TouchpointIn) -> dict[str, Any]:
    """Say what a channel says in a stage; answers with the whole strategy.

    `version` is the one that was read; an older one is refused with 409.
    """
    campaign = of_call(request, campaign_id)
    fields = body.model_dump(exclude_unset=True, exclude={"stage", "channel", "version"})
    if "owner" in fields:
        fields["owner"] = colleague(fields["owner"], "/owner") if fields["owner"] else None
    actions.set_cell(
        campaign, body.stage, body.channel, fields, by=caller(request), version=body.version
    )
    return shown(campaign)


@router.post(
    "/{campaign_id}/strategy/task", auth=scope("campaigns:write"), response={201: dict[str, Any]}
)
def make_task(request: HttpRequest, campaign_id: str, body: TouchpointPlace) -> dict[str, Any]:
    """Turn a gap or a planned cell into a task."""
    campaign = of_call(request, campaign_id)
    task = actions.make_task(campaign, body.stage, body.channel, by=caller(request))
    return {"id": task.public_id, "title": task.title, "due": task.due}


@router.put(
    "/{campaign_id}/strategy/personas", auth=scope("campaigns:write"), response=dict[str, Any]
)
def set_personas(request: HttpRequest, campaign_id: str, body: PersonasIn) -> dict[str, Any]:
    """For whom the campaign is: these personas and no others."""
    campaign = of_call(request, campaign_id)
    numbers = {public: ids.number("persona", public) for public in body.personas}
    rows = Persona.objects.visible_to(caller(request))
    personas = {one.pk: one for one in rows.filter(pk__in=[n for n in numbers.values() if n])}
    for place, public in enumerate(body.personas):
        if numbers[public] not in personas:
            raise Invalid.at(
                f"/personas/{place}",
                "unknown_persona",
                _("There is no persona %(persona)s."),
                persona=public,
            )
    actions.set_personas(campaign, personas.values(), by=caller(request))
    return shown(campaign)


@router.post(
    "/{campaign_id}/strategy/competitors",
    auth=scope("campaigns:write"),
    response={201: dict[str, Any]},
)
def add_competitor(request: HttpRequest, campaign_id: str, body: RivalIn) -> dict[str, Any]:
    """Name a competitor."""
    campaign = of_call(request, campaign_id)
    return _rival(actions.set_competitor(campaign, body.model_dump(), by=caller(request)))


@router.patch(
    "/{campaign_id}/strategy/competitors/{competitor_id}",
    auth=scope("campaigns:write"),
    response=dict[str, Any],
)
def edit_competitor(
    request: HttpRequest, campaign_id: str, competitor_id: str, body: RivalIn
) -> dict[str, Any]:
    """Other words for a competitor."""
    campaign = of_call(request, campaign_id)
    rival = found(campaign.rivals.all(), "competitor", competitor_id)
    fields = body.model_dump(exclude_unset=True)
    return _rival(actions.set_competitor(campaign, fields, by=caller(request), rival=rival))


@router.delete(
    "/{campaign_id}/strategy/competitors/{competitor_id}",
    auth=scope("campaigns:write"),
    response={204: None},
)
def drop_competitor(request: HttpRequest, campaign_id: str, competitor_id: str) -> None:
    """Take a competitor off the list."""
    campaign = of_call(request, campaign_id)
    rival = found(campaign.rivals.all(), "competitor", competitor_id)
    actions.drop_competitor(rival, by=caller(request))
