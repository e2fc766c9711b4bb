"""What the workspace decides about consent (PE3): its topics, its texts, and the law it goes by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from muster.kit import ids
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.people.consent.ledger import refresh_terms
from muster.people.consent.models import ConsentTerms, ConsentText, Topic
from muster.people.consent.rules import LAWS, Terms
from muster.people.consent.terms import terms
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.keeping import CHANGED
from muster.team.changes.models import Change
from muster.team.users.models import User

MOST_TOPICS = 30


def topics() -> list[Topic]:
    """What people may choose from now, in order."""
    return list(Topic.objects.filter(removed_at=None))


def topic_called(said: str, *, at: str = "/topic") -> Topic:
    """The topic of this id or name; raises Invalid."""
    number = ids.number("topic", said)
    offered = Topic.objects.filter(removed_at=None)
    found = offered.filter(pk=number) if number is not None else offered.filter(name__iexact=said)
    topic = found.first()
    if topic is None:
        raise Invalid.at(
            at,
            "unknown_topic",
            _("There is no topic “%(topic)s”. Use one of: %(known)s."),
            topic=said,
            known=", ".join(offered.values_list("name", flat=True)) or "–",
        )
    return topic


@transaction.atomic
def add_topic(name: str, says: str = "", *, by: User) -> Topic:
    """One more topic, at the end."""
    name, says = _clean(name), " ".join(says.split())[:200]
    offered = Topic.objects.filter(removed_at=None)
    if offered.filter(name__iexact=name).exists():
        raise Invalid.at(
            "/name", "taken", _("There is a topic of this name already. Choose another name.")
        )
    if offered.count() >= MOST_TOPICS:
        raise Invalid.at(
            "/name",
            "too_many",
            _("There are %(most)s topics; nobody chooses among more. Remove one first."),
            most=MOST_TOPICS,
        )
    last = offered.aggregate(last=Max("position"))["last"] or 0
    topic = Topic.objects.create(name=name, says=says, position=last + 1)
    record_change("added", topic, by=by)
    return topic


@transaction.atomic
def change_topic(topic: Topic, name: str, says: str, *, by: User) -> Change:
    """Call it otherwise; what people said about it stays."""
    name = _clean(name)
    others = Topic.objects.filter(removed_at=None, name__iexact=name).exclude(pk=topic.pk)
    if others.exists():
        raise Invalid.at(
            "/name", "taken", _("There is a topic of this name already. Choose another name.")
        )
    before = {"name": topic.name, "says": topic.says}
    topic.name, topic.says = name, " ".join(says.split())[:200]
    topic.save(update_fields=["name", "says"])
    return record_change("renamed", topic, by=by, undo=before, name=name)


def remove_topic(topic: Topic, *, by: User, now: datetime) -> Change:
    """Offer it no more; who refused it stays refused, should it come back."""
    topic.removed_at = now
    topic.save(update_fields=["removed_at"])
    return record_change("removed", topic, by=by, undo={"removed_at": None})


@transaction.atomic
def keep_text(name: str, language: str, words: str, *, by: User | None) -> ConsentText:
    """The version with these words: the one that is there, else the next of its name."""
    name, words = " ".join(name.split())[:80], words.strip().replace("\r\n", "\n")
    language = language.strip().lower()[:20]
    if not name or not words:
        raise Invalid.at(
            "/words" if name else "/name", "missing", _("Give the text a name, and its words.")
        )
    if not language:
        language = settings.LANGUAGE_CODE
    code = hashlib.sha256("\0".join([name, language, words]).encode()).hexdigest()[:16]
    found = ConsentText.objects.filter(code=code).first()
    if found is not None:
        return found
    same = ConsentText.objects.filter(name=name, language=language)
    number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    text = ConsentText.objects.create(
        name=name, language=language, words=words, code=code, number=number, by=by
    )
    if by is not None:
        record_change("added", text, by=by)
    return text


def text_called(said: str) -> str:
    """The code of the text meant by its code, or by its name (the newest); else as it was said."""
    said = said.strip()
    text = ConsentText.objects.filter(code=said).first() or (
        ConsentText.objects.filter(name=said).order_by("-at", "-pk").first() if said else None
    )
    return text.code if text else said


def newest_texts() -> list[ConsentText]:
    """The newest version of every name in every language."""
    found: dict[tuple[str, str], ConsentText] = {}
    for text in ConsentText.objects.order_by("name", "language", "-number"):
        found.setdefault((text.name, text.language), text)
    return list(found.values())


def words_of(codes: Iterable[str]) -> dict[str, ConsentText]:
    """Code → the text, of those that are kept here."""
    wanted = {code for code in codes if code}
    return {text.code: text for text in ConsentText.objects.filter(code__in=wanted)}


@transaction.atomic
def set_terms(wanted: Terms, *, by: User) -> Change | None:
    """Go by another law; what people said before is judged anew at once."""
    if wanted.law not in LAWS:
        raise Invalid.at(
            "/law", "unknown_value", _("There is no such law. Choose one of the list.")
        )
    if not 0 <= wanted.months <= 120:
        raise Invalid.at(
            "/months", "out_of_range", _("Give a number of months from 0 to 120; 0 sets no limit.")
        )
    if not 0 <= wanted.keep_events <= 120:
        raise Invalid.at(
            "/keep_events",
            "out_of_range",
            _("Give a number of months from 0 to 120; 0 keeps the events."),
        )
    before = terms()
    if before == wanted:
        return None
    row = _go_by(wanted)
    undo = {"back": {"before": _said(before), "after": _said(wanted)}}
    return record_change("law_set", row, by=by, undo=undo, law=wanted.law, before=before.law)


@takes_back("law_set")
def _take_back(change: Change, kept: Mapping[str, Any], by: User) -> None:
    """Go by the former law again; what people said is judged by it at once."""
    if _said(terms()) != kept["after"]:
        raise Refused(CHANGED)
    _go_by(Terms(**kept["before"]))


def _go_by(wanted: Terms) -> ConsentTerms:
    row, _made = ConsentTerms.objects.get_or_create(pk=1)
    for name, value in _said(wanted).items():
        setattr(row, name, value)
    row.save()
    refresh_terms()
    return row


def _said(law: Terms) -> dict[str, Any]:
    return {
        "law": law.law,
        "by_country": law.by_country,
        "months": law.months,
        "double_opt_in": law.double_opt_in,
        "keep_events": law.keep_events,
    }


def _clean(name: str) -> str:
    name = " ".join(name.split())[:60]
    if not name or ":" in name:
        raise Invalid.at("/name", "missing", _("Write a name, without a colon."))
    return name
