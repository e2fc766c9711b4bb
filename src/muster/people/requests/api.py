"""Requests for access and erasure in the API, by what is due first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.profile.models import Person
from muster.people.requests import actions
from muster.people.requests.models import PrivacyRequest
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope

router = Router(tags=["requests"])


class RequestIn(Strict):
    """What a person asks for."""

    person: str
    kind: str
    how: str = ""


class DeclineIn(Strict):
    """Why it is not done."""

    answer: str


class RequestOut(Schema):
    """One request, and until when it is due."""

    id: str
    person: str
    kind: str
    state: str
    asked_at: datetime
    due_at: datetime
    is_late: bool
    law: str
    done_at: datetime | None


@router.get("", auth=scope("people:read"), response=Page[RequestOut])
def requests(
    request: TeamRequest, paging: Query[Paging], state: str | None = None
) -> dict[str, object]:
    """Requests, newest first; `state` is open, done or declined."""
    rows = PrivacyRequest.objects.all()
    if state is not None:
        rows = rows.filter(state=state)
    return page(rows, paging, shown)


@router.post("", auth=scope("consents:write"), response={201: RequestOut})
def ask(request: TeamRequest, body: RequestIn) -> Status[dict[str, Any]]:
    """Write down a request; it is due by the law of the person's country."""
    number = ids.number("person", body.person)
    person = Person.objects.behind(number) if number is not None else None
    if person is None:
        raise Invalid.at(
            "/person",
            "unknown_person",
            _("There is no person %(person)s. Give the id of one, such as per_7F3KQ2WA."),
            person=body.person,
        )
    made = actions.ask(person, body.kind, now=timezone.now(), how=body.how, by=request.user)
    return Status(201, shown(made))


@router.post("/{request_id}/access", auth=scope("people:pii"))
def access(request: TeamRequest, request_id: str) -> HttpResponse:
    """A ZIP with everything that is kept about the person; the request is done with it."""
    packed = actions.give_access(_request(request_id), by=request.user, now=timezone.now())
    return HttpResponse(packed, content_type="application/zip")


@router.post("/{request_id}/erase", auth=scope("people:write"), response=RequestOut)
def erase(request: TeamRequest, request_id: str) -> dict[str, Any]:
    """Erase the person everywhere; the request is done with it."""
    one = _request(request_id)
    actions.carry_out_erasure(one, by=request.user, now=timezone.now())
    return shown(_request(request_id))


@router.post("/{request_id}/decline", auth=scope("consents:write"), response=RequestOut)
def decline(request: TeamRequest, request_id: str, body: DeclineIn) -> dict[str, Any]:
    """It is not done, for a reason that the person is told."""
    actions.decline(_request(request_id), body.answer, by=request.user, now=timezone.now())
    return shown(_request(request_id))


def shown(one: PrivacyRequest) -> dict[str, Any]:
    """A request as the API shows it."""
    return {
        "id": one.public_id,
        "person": ids.public("person", one.person_id),
        "kind": one.kind,
        "state": one.state,
        "asked_at": one.asked_at,
        "due_at": one.due_at,
        "is_late": one.is_late(timezone.now()),
        "law": one.law,
        "done_at": one.done_at,
    }


def _request(public_id: str) -> PrivacyRequest:
    return found(PrivacyRequest.objects.all(), "request", public_id)
