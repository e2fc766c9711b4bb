"""Conditions from a sentence (PE4): what of it is understood here, and what can be said at all."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from muster.people.consent.keeping import topics
from muster.people.segments import builder
from muster.people.segments.catalogue import catalogue
from muster.people.segments.models import Segment
from muster.team.users.models import User
from muster.warehouse.hearing.sentence import hear
from muster.warehouse.hearing.words import Heard, Vocabulary
from muster.warehouse.rules import parse, to_json
from muster.warehouse.sentence import phrase

_EXAMPLES = tuple(
    parse(rule)
    for rule in (
        {"event": "Order Completed", "within": "90d", "count": {"gte": 3}},
        {"event": "Order Completed", "within": "30d", "count": {"eq": 0}},
        {"event": "Order Completed", "within": "1y", "sum": {"property": "revenue", "gte": 500}},
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        {"trait": "birthday", "op": "anniversary_within", "value": "7d"},
        {"tag": "vip"},
        {"consent": {"channel": "sms", "purpose": "marketing", "state": "granted"}},
        {"message": {"last": 3, "state": "not_opened"}},
        {
            "sequence": [{"event": "Product Added"}, {"event": "Order Completed"}],
            "within": "7d",
        },
        {"score": "grade", "op": "gte", "value": "B"},
    )
)


def heard(text: str, reader: User) -> Heard:
    """The conditions of a sentence; segments are known to those who may see them.

    Raises Invalid where the text is too long.
    """
    found = catalogue()
    segments = Segment.objects.visible_to(reader)
    return hear(
        text,
        Vocabulary(
            kinds=found.kinds,
            events=found.events,
            properties=found.properties,
            segments={one.public_id: one.name for one in segments.only("pk", "name")},
            topics={topic.public_id: topic.name for topic in topics()},
            # Whether there is such a send is seen when the rule is kept.
            sends={said: said for said in re.findall(r"snd_\w+", text)},
            salt=secrets.token_hex(4),
        ),
    )


def examples() -> list[str]:
    """Some of what can be said, in the reader's language."""
    return [phrase(rule, get_language() or "en") for rule in _EXAMPLES]


def added(rule: Mapping[str, Any], said: Heard) -> dict[str, Any]:
    """The rule with the conditions of a sentence besides."""
    root = builder.rooted(rule)
    if said.rule is None:
        return root
    new: dict[str, Any] = to_json(said.rule)
    if "all" in root:
        root["all"] += new.get("all", [new])
        return root
    return {"all": [root, *new.get("all", [new])]}
