"""Checks by night that the members of live segments are the right ones (PE4).

Some people are worked out again from what the event log says of them, by the slow and obvious
reading of the rules. A difference is an alarm: the owner hears of it, the segment carries a mark
until a check finds it right, and it is worked out for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.urls import reverse

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.segments.counting import context
from muster.people.segments.models import Segment, SegmentMember
from muster.people.segments.refreshing import refresh
from muster.team.notices.actions import notify
from muster.team.stores import warehouse
from muster.warehouse import following, witness
from muster.warehouse.compile import Context
from muster.warehouse.plain import Plain, Someone
from muster.warehouse.rules import NEGATIVES, Rule, Trait, parse, to_json, walk
from muster.warehouse.rules import Segment as InSegment
from muster.warehouse.scorecard import written as card_written
from muster.warehouse.segments import sample

PEOPLE, OF_EACH = 200, 20
"""How many people are drawn from all, and from the members of each segment."""


@dataclass(frozen=True)
class Checked:
    """What a check found."""

    segments: int
    people: int
    wrong: dict[int, list[int]]
    """Segment → the people who stand in it, or do not, against what the log says."""


def check(now: datetime, *, people: int = PEOPLE) -> Checked:
    """Bring the segments up to `now`, then hold some people against the log."""
    refresh(now)
    segments = list(
        Segment.objects.filter(
            deleted_at=None, kind=Segment.Kind.LIVE, refreshed_at=now
        ).select_related("by")
    )
    if not segments:
        return Checked(0, 0, {})
    asked = context(now)
    with warehouse(seconds=600) as db:
        rows = min(int(one.refreshed_to.partition(":")[2] or 0) for one in segments)
        drawn = set(sample(db, _EVERYBODY, asked, people, seed=now.isoformat()).to_pylist())
        for segment in segments:
            members = segment.members.order_by("?").values_list("person_id", flat=True)
            drawn.update(members[:OF_EACH])
        # Whoever did something since is not wrong but not looked at yet.
        moving = following.affected(db, [], following.Place("", rows), asked, asked).to_pylist()
        drawn.difference_update(moving)
        crowd = witness.testify(db, sorted(drawn), rows)
    wrong = {one.pk: found for one in segments if (found := _wrong(one, crowd, drawn, asked))}
    for segment in segments:
        _note(segment, wrong.get(segment.pk, []), now)
    return Checked(len(segments), len(drawn), wrong)


_EVERYBODY: Rule = parse({"random": {"percent": 100}})


def _wrong(
    segment: Segment, crowd: Sequence[Someone], drawn: set[int], asked: Context
) -> list[int]:
    try:
        rule = following.resolved(parse(segment.rule), asked, (segment.public_id,))
    except Invalid:
        return []
    lists = {
        leaf.id: pa.array(asked.segment_rule(leaf.id)).to_pylist()
        for leaf in walk(rule)
        if isinstance(leaf, InSegment)
    }
    answers: dict[Trait, set[int]] = {}

    def identities(leaf: dict[str, Any], who: Someone) -> bool:
        trait = parse(leaf)
        if not isinstance(trait, Trait):
            raise TypeError(leaf)
        positive = replace(trait, op=NEGATIVES.get(trait.op, trait.op))
        if positive not in answers:
            answers[positive] = set(pa.array(asked.identity_matches(positive)).to_pylist())
        return (who.id in answers[positive]) != (trait.op in NEGATIVES)

    card = card_written(asked.scorecard) if asked.scorecard else None
    plain = Plain(asked.now, asked.time_zone, lists, identities, card)
    written = to_json(rule)
    should = {who.id for who in crowd if plain.holds(written, who)}
    rows = SegmentMember.objects.filter(segment=segment, person_id__in=sorted(drawn))
    return sorted(should ^ set(rows.values_list("person_id", flat=True)))


def _note(segment: Segment, wrong: list[int], now: datetime) -> None:
    changes: dict[str, Any] = {"checked_at": now, "wrong": len(wrong)}
    if wrong:
        changes["refreshed_to"] = ""  # the next refresh works it out for everybody
    Segment.objects.filter(pk=segment.pk).update(**changes)
    if not wrong:
        return
    notify(
        "segment_wrong",
        segment,
        segment.keepers,
        _(
            "%(count)s people stood in the wrong place in the segment “%(name)s”. It is worked out"
            " anew; look before you send to it."
        ),
        url=reverse("people:segment", args=[segment.pk]),
        params={"count": len(wrong), "name": segment.name},
    )
