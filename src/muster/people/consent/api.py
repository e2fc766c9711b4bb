"""Topics, texts and the law of consent in the API (PE3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from ninja import Router, Schema, Status

from muster.people.consent import keeping
from muster.people.consent.models import ConsentText, Topic
from muster.people.consent.rules import Terms
from muster.people.consent.terms import terms
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.tokens.auth import scope

router = Router(tags=["consent"])


class TopicIn(Strict):
    """What people can choose."""

    name: str
    says: str = ""


class TopicOut(Schema):
    """A topic."""

    id: str
    name: str
    says: str


class TextIn(Strict):
    """Words that people agree to."""

    name: str
    language: str = ""
    words: str


class TextOut(Schema):
    """One version of a text; `text_version` of a consent is its code."""

    code: str
    name: str
    language: str
    number: int
    words: str
    at: datetime


class TermsBody(Strict):
    """Which law holds, and where the workspace is stricter."""

    law: str = "pipl"
    by_country: bool = False
    months: int = 0
    double_opt_in: bool = False
    keep_events: int | None = None
    """Left out, it stays as it is."""


@router.get("/topics", auth=scope("people:read"), response=dict[str, list[TopicOut]])
def topics(request: TeamRequest) -> dict[str, list[dict[str, str]]]:
    """What people can choose now, in order."""
    return {"items": [shown(topic) for topic in keeping.topics()]}


@router.post("/topics", auth=scope("consents:write"), response={201: TopicOut})
def add_topic(request: TeamRequest, body: TopicIn) -> Status[dict[str, str]]:
    """One more topic."""
    return Status(201, shown(keeping.add_topic(body.name, body.says, by=request.user)))


@router.patch("/topics/{topic_id}", auth=scope("consents:write"), response=TopicOut)
def change_topic(request: TeamRequest, topic_id: str, body: TopicIn) -> dict[str, str]:
    """Call it otherwise; what people said about it stays."""
    topic = _topic(topic_id)
    keeping.change_topic(topic, body.name, body.says, by=request.user)
    return shown(topic)


@router.delete("/topics/{topic_id}", auth=scope("consents:write"), response={204: None})
def remove_topic(request: TeamRequest, topic_id: str) -> Status[None]:
    """Offer it no more."""
    keeping.remove_topic(_topic(topic_id), by=request.user, now=timezone.now())
    return Status(204, None)


@router.get("/texts", auth=scope("people:read"), response=dict[str, list[TextOut]])
def texts(request: TeamRequest) -> dict[str, list[ConsentText]]:
    """Every version of every text, the newest of a name first."""
    return {"items": list(ConsentText.objects.all()[:500])}


@router.post("/texts", auth=scope("consents:write"), response={201: TextOut})
def add_text(request: TeamRequest, body: TextIn) -> Status[ConsentText]:
    """The version with these words: that which is there, else the next one."""
    return Status(201, keeping.keep_text(body.name, body.language, body.words, by=request.user))


@router.get("/law", auth=scope("people:read"), response=TermsBody)
def law(request: TeamRequest) -> Terms:
    """Which law holds here."""
    return terms()


@router.put("/law", auth=scope("settings:manage"), response=TermsBody)
def set_law(request: TeamRequest, body: TermsBody) -> Terms:
    """Go by another law; what people said before is judged anew at once."""
    wanted: dict[str, Any] = body.dict()
    if body.keep_events is None:
        wanted["keep_events"] = terms().keep_events
    keeping.set_terms(Terms(**wanted), by=request.user)
    return terms()


def shown(topic: Topic) -> dict[str, str]:
    """A topic as the API shows it."""
    return {"id": topic.public_id, "name": topic.name, "says": topic.says}


def _topic(public_id: str) -> Topic:
    return found(Topic.objects.filter(removed_at=None), "topic", public_id)
