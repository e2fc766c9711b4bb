"""What is done with a request (PE3): written down, carried out, or declined with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.people.consent.terms import terms
from muster.people.directory.actions import erase
from muster.people.identity.access import archive_of
from muster.people.profile.models import Person
from muster.people.profile.rules import region_of_phone
from muster.people.requests.models import PrivacyRequest
from muster.team.changes.actions import record_change
from muster.team.lacking import lacking
from muster.team.users.models import User

Kind, State = PrivacyRequest.Kind, PrivacyRequest.State


class AlreadyOver(Refused):
    """Somebody dealt with it before."""

    code = "request_over"
    text = _("This request is dealt with already. Write down a new one if the person asks again.")


@transaction.atomic
def ask(person: Person, kind: str, *, now: datetime, how: str, by: User | None) -> PrivacyRequest:
    """Write down that the person asked; the law of their country says until when it is due.

    Asking twice for the same gives the request that is open.
    """
    if kind not in Kind.values:
        raise Invalid.at(
            "/kind",
            "unknown_value",
            _("%(name)s cannot be “%(value)s”. Use one of: %(allowed)s."),
            name="kind",
            value=kind,
            allowed=", ".join(Kind.values),
        )
    is_open = PrivacyRequest.objects.filter(person=person, kind=kind, state=State.OPEN).first()
    if is_open is not None:
        return is_open
    law = terms().law_of(region_of_phone(person.phone))
    request = PrivacyRequest.objects.create(
        person=person,
        kind=kind,
        asked_at=now,
        due_at=now + timedelta(days=law.days[kind]),
        law=law.key,
        how=" ".join(how.split())[:200],
        by=by,
    )
    record_change("asked", request, by=by, kind=kind, person=person.public_id)
    return request


def give_access(request: PrivacyRequest, *, by: User, now: datetime) -> bytes:
    """Everything that is kept about the person, as a file; with that the request is done."""
    if request.kind != Kind.ACCESS:
        raise AlreadyOver
    if not by.may("people.pii"):
        raise lacking("people.pii")
    person = Person.objects.behind(request.person_id)
    if person is None:
        raise Refused(_("This person was erased; nothing is left that could be given."))
    packed = archive_of(person, by=by, now=now)
    if request.state == State.OPEN:
        _over(request, State.DONE, by=by, now=now)
    return packed


def carry_out_erasure(request: PrivacyRequest, *, by: User, now: datetime) -> None:
    """Erase the person everywhere; what is open about them is done with it."""
    _still_open(request, Kind.ERASURE)
    person = Person.objects.behind(request.person_id)
    if person is not None:
        erase(person, by=by, now=now, reason="request")
    settle_erased([request.person_id], by=by, now=now)


def settle_erased(people: Sequence[int], *, by: User | None, now: datetime) -> None:
    """What they asked for is over: they are erased, and nothing is left that could be given."""
    for one in PrivacyRequest.objects.filter(person__in=people, state=State.OPEN):
        if one.kind == Kind.ERASURE:
            _over(one, State.DONE, by=by, now=now)
        else:
            _over(one, State.DECLINED, by=by, now=now, answer="erased")


def decline(request: PrivacyRequest, answer: str, *, by: User, now: datetime) -> None:
    """It is not done, for a reason that the person is told."""
    _still_open(request, request.kind)
    answer = " ".join(answer.split())[:300]
    if len(answer) < 4:
        raise Invalid.at(
            "/answer", "missing", _("Say why it is not done. The person has a right to know.")
        )
    _over(request, State.DECLINED, by=by, now=now, answer=answer)


def _still_open(request: PrivacyRequest, kind: str) -> None:
    request.refresh_from_db()
    if request.state != State.OPEN or request.kind != kind:
        raise AlreadyOver


def _over(
    request: PrivacyRequest, state: str, *, by: User | None, now: datetime, answer: str = ""
) -> None:
    request.state, request.done_at, request.done_by, request.answer = state, now, by, answer
    request.save(update_fields=["state", "done_at", "done_by", "answer"])
    record_change(str(state), request, by=by, answer=answer)
