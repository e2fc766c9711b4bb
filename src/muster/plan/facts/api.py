"""The fact sheet in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.schemas import colleague, person
from muster.plan.facts import actions
from muster.plan.facts.models import Fact
from muster.plan.facts.sheet import sheet, typed_in
from muster.team.bodies import Strict
from muster.team.changes.conflict import version_of, versions
from muster.team.lookup import found
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class FactPatch(Strict):
    """The fields of a fact; those that are left out stay as they are."""

    key: str = ""
    name: str = ""
    kind: str = "price"
    values: dict[str, str] = {}
    """Language → value; "" holds for every language without its own."""
    unit: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    evidence_url: str = ""
    evidence: str = ""
    owner: str | None = None
    version: int | None = None
    """The version that the caller knows; an older one than the fact's is refused."""


class FactIn(FactPatch):
    """A new fact."""

    key: str
    name: str
    values: dict[str, str]


class FactPlace(Strict):
    """Where something was typed by hand, as the list of facts gives it."""

    place: str
    at: str
    start: int


def _fields(body: FactPatch) -> dict[str, Any]:
    fields = body.model_dump(exclude_unset=True, exclude={"version"})
    if "owner" in fields:
        fields["owner"] = colleague(fields["owner"], "/owner") if fields["owner"] else None
    return fields


def shown(fact: Fact, version: int | None = None) -> dict[str, Any]:
    """A fact as the API speaks of it."""
    return {
        "id": fact.public_id,
        "key": fact.key,
        "token": fact.token,
        "name": fact.name,
        "kind": fact.kind,
        "values": fact.values,
        "unit": fact.unit,
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "evidence_url": fact.evidence_url,
        "evidence": fact.evidence,
        "owner": person(fact.owner),
        "status": fact.status,
        "verified_by": person(fact.verified_by),
        "verified_at": fact.verified_at,
        "version": version_of(fact) if version is None else version,
    }


@router.get("/{campaign_id}/facts", auth=scope("campaigns:read"), response=dict[str, Any])
def list_facts(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """The facts of a campaign, where each is said, and what was typed by hand instead."""
    campaign = of_call(request, campaign_id)
    said = sheet(campaign)
    known = versions(Fact, [one.fact.pk for one in said])
    return {
        "items": [
            {
                **shown(one.fact, known.get(one.fact.pk, 0)),
                "uses": [{"title": use.title, "url": use.url} for use in one.uses],
            }
            for one in said
        ],
        "typed_by_hand": [
            {
                "fact": one.fact.public_id,
                "place": one.use.place,
                "title": one.use.title,
                "at": one.typed.at,
                "start": one.typed.start,
                "text": one.typed.text,
                "same": one.typed.is_right,
            }
            for one in typed_in(campaign)
        ],
        "next": None,
    }


@router.post("/{campaign_id}/facts", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def write_down(request: HttpRequest, campaign_id: str, body: FactIn) -> dict[str, Any]:
    """Write a fact down."""
    campaign = of_call(request, campaign_id)
    return shown(actions.write_down(campaign, _fields(body), by=caller(request)))


@router.patch(
    "/{campaign_id}/facts/{fact_id}", auth=scope("campaigns:write"), response=dict[str, Any]
)
def change_fact(
    request: HttpRequest, campaign_id: str, fact_id: str, body: FactPatch
) -> dict[str, Any]:
    """Change a fact; what says it needs approval anew. With an old `version` refused (409)."""
    fact = _fact(request, campaign_id, fact_id)
    actions.change_fact(fact, _fields(body), by=caller(request), version=body.version)
    fact.refresh_from_db()
    return shown(fact)


@router.post(
    "/{campaign_id}/facts/{fact_id}/verify", auth=scope("sends:approve"), response=dict[str, Any]
)
def verify(request: HttpRequest, campaign_id: str, fact_id: str) -> dict[str, Any]:
    """Say that a fact is right as it stands."""
    fact = _fact(request, campaign_id, fact_id)
    actions.verify(fact, by=caller(request))
    fact.refresh_from_db()
    return shown(fact)


@router.post(
    "/{campaign_id}/facts/{fact_id}/replace", auth=scope("content:write"), response={204: None}
)
def replace(request: HttpRequest, campaign_id: str, fact_id: str, body: FactPlace) -> None:
    """Put the fact's token where its value was typed by hand."""
    fact = _fact(request, campaign_id, fact_id)
    for one in typed_in(fact.campaign, [fact]):
        if (one.use.place, one.typed.at, one.typed.start) == (body.place, body.at, body.start):
            actions.replace_typed(fact, body.place, one.typed, by=caller(request))
            return
    raise Refused(_("Nothing was typed by hand there. Ask for the list again."), code="gone")


@router.delete(
    "/{campaign_id}/facts/{fact_id}", auth=scope("campaigns:write"), response={204: None}
)
def drop_fact(request: HttpRequest, campaign_id: str, fact_id: str) -> None:
    """Take a fact away."""
    actions.drop_fact(_fact(request, campaign_id, fact_id), by=caller(request))


def _fact(request: HttpRequest, campaign_id: str, fact_id: str) -> Fact:
    campaign = of_call(request, campaign_id)
    rows = campaign.facts.select_related("campaign", "owner", "verified_by")
    return found(rows, "fact", fact_id)
