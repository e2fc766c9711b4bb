"""Personas in the API (PE6)."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Query, Router

from muster.people.personas import actions
from muster.people.personas.models import Persona
from muster.people.segments.models import Segment
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["personas"])


class PersonaPatch(Strict):
    """The fields of a persona; those that are left out stay as they are."""

    name: str = ""
    who: str = ""
    aims: str = ""
    pains: str = ""
    objections: str = ""
    words: str = ""
    channels: list[str] = []
    hours: str = ""
    segment: str | None = None
    version: int | None = None


class PersonaIn(PersonaPatch):
    """A new persona; `from_segment` draws its words from what is typical of a segment."""

    from_segment: str = ""


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _fields(request: HttpRequest, body: PersonaPatch) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"version", "from_segment"})
    if "segment" in given:
        rows = Segment.objects.visible_to(_user(request))
        given["segment"] = found(rows, "segment", given["segment"]) if given["segment"] else None
    return given


def shown(persona: Persona) -> dict[str, Any]:
    """A persona as the API speaks of it."""
    return {
        "id": persona.public_id,
        "name": persona.name,
        **{name: getattr(persona, name) for name in actions.TEXTS},
        "channels": persona.channels,
        "hours": persona.hours,
        "segment": persona.segment.public_id if persona.segment else None,
        "numbers": persona.numbers or None,
        "counted_at": persona.counted_at,
        "version": persona.version,
    }


@router.get("", auth=scope("campaigns:read"), response=Page[dict[str, Any]])
def list_personas(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The personas, newest first."""
    rows = Persona.objects.visible_to(_user(request)).select_related("segment")
    return page(rows, paging, shown)


@router.post("", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_persona(request: HttpRequest, body: PersonaIn) -> dict[str, Any]:
    """Describe a persona, or have a segment describe it."""
    if body.from_segment:
        rows = Segment.objects.visible_to(_user(request))
        segment = found(rows, "segment", body.from_segment)
        return shown(actions.from_segment(segment, by=_user(request)))
    return shown(actions.describe(_fields(request, body), by=_user(request)))


@router.get("/{persona_id}", auth=scope("campaigns:read"), response=dict[str, Any])
def get_persona(request: HttpRequest, persona_id: str) -> dict[str, Any]:
    """One persona with the numbers of its segment, as last counted."""
    return shown(_found(request, persona_id))


@router.patch("/{persona_id}", auth=scope("campaigns:write"), response=dict[str, Any])
def edit_persona(request: HttpRequest, persona_id: str, body: PersonaPatch) -> dict[str, Any]:
    """Change some fields; with the `version` that was read, an older one is refused with 409."""
    persona = _found(request, persona_id)
    actions.change(persona, _fields(request, body), by=_user(request), version=body.version)
    return shown(_found(request, persona_id))


@router.post("/{persona_id}/refresh", auth=scope("campaigns:write"), response=dict[str, Any])
def refresh_persona(request: HttpRequest, persona_id: str) -> dict[str, Any]:
    """Count the segment behind it again."""
    return shown(actions.refresh(_found(request, persona_id)))


@router.delete("/{persona_id}", auth=scope("campaigns:write"), response={204: None})
def remove_persona(request: HttpRequest, persona_id: str) -> None:
    """Take a persona away."""
    actions.remove(_found(request, persona_id), by=_user(request))


def _found(request: HttpRequest, persona_id: str) -> Persona:
    rows = Persona.objects.visible_to(_user(request)).select_related("segment")
    return found(rows, "persona", persona_id)
