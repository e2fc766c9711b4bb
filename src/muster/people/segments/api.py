"""Segments through the API (PE4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from ninja import Field, Query, Router, Schema, Status

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.people.profile.models import Person
from muster.people.segments import actions, counting, lists, spoken
from muster.people.segments.hidden import refuse_hidden
from muster.people.segments.hints import hints
from muster.people.segments.models import Segment, SegmentMove
from muster.people.segments.showing import shown
from muster.people.segments.wording import reason
from muster.team.bodies import Strict
from muster.team.changes.models import Change
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, number_of, page
from muster.team.tokens.auth import demand, has_scope, scope
from muster.ui.middleware import said, worded
from muster.warehouse.hearing.words import MOST_LETTERS
from muster.warehouse.rules import Segment as InSegment
from muster.warehouse.rules import parse, to_json
from muster.warehouse.sentence import LISTED

router = Router(tags=["segments"])


class RuleIn(Strict):
    """A rule to try."""

    rule: Any


class PreviewIn(RuleIn):
    """A rule to count; a newer question of the same `asker` ends this one with `superseded`."""

    asker: str = Field("", max_length=100, description="Who of those behind one token asks.")


class SentenceIn(Strict):
    """A sentence in Chinese or English that says whom you mean."""

    text: str = Field(max_length=MOST_LETTERS)


class PieceOut(Schema):
    """A part of a sentence, and the condition that it says; null where it was not understood."""

    text: str
    rule: dict[str, Any] | None


class SentenceOut(Schema):
    """What a sentence says; nothing is guessed, and nothing of it is missing in `pieces`."""

    rule: dict[str, Any] | None
    pieces: list[PieceOut]


class HintOut(Schema):
    """Something odd about a rule; it can be used all the same."""

    at: str = Field(description="JSON pointer of the condition in the rule.")
    code: str
    message: str


class SegmentIn(Strict):
    """A new segment; a frozen one may have `people` instead of a rule."""

    name: str
    rule: Any = None
    people: list[str] | None = None
    note: str = ""
    kind: str = "live"


class PeopleIn(Strict):
    """People for a list: public ids, own ids, e-mail addresses or phones."""

    people: list[str]


class AddedOut(Schema):
    """What became of the people who were named."""

    added: int
    already: int
    unknown: list[str]


class SegmentsIn(Strict):
    """Two or three segments."""

    segments: list[str]


class OverlapOut(Schema):
    """For each combination of the segments, how many people are in exactly these."""

    parts: list[dict[str, Any]]


class SegmentPut(Schema):
    """What the segment shall be; `version` is the one that was read."""

    name: str | None = None
    rule: Any = None
    note: str | None = None
    version: int | None = None


class SegmentOut(Schema):
    """A segment."""

    id: str
    name: str
    note: str
    kind: str
    rule: dict[str, Any]
    summary: dict[str, str]
    hints: list[HintOut]
    version: int
    count: int | None
    reachable: dict[str, int] = Field(
        description="By consent and address, suppressed ones left out."
    )
    counted_at: datetime | None
    refreshed_at: datetime | None
    """The moment of which the members are that `changes` follows."""
    wrong: int
    """How many people the last nightly check found in the wrong place."""
    problem: str
    """Why its members cannot be worked out; empty while they can."""
    updated_at: datetime


class SegmentPersonOut(Schema):
    """Someone in a list; masked without `people:pii`."""

    id: str
    name: str
    email: str
    phone: str
    channels: list[str]


class SegmentPreviewOut(Schema):
    """What a rule means now."""

    count: int
    everyone: int
    reachable: dict[str, int] = Field(
        description="By consent and address, suppressed ones left out."
    )
    summary: dict[str, str]
    hints: list[HintOut]
    steps: list[dict[str, Any]]
    sample: list[SegmentPersonOut]
    as_of: datetime


class MatchingOut(Schema):
    """Who matches a rule, as public ids in the order in which they became known."""

    people: list[str]
    count: int


class DifferenceOut(Schema):
    """Who would come and leave by another rule."""

    come: int
    leave: int
    stay: int
    coming: list[SegmentPersonOut]
    leaving: list[SegmentPersonOut]


class MoveOut(Schema):
    """Somebody came or left; `person` is there with `people:read`."""

    change: str
    person: str | None
    at: datetime
    cause: str


class ChangesOut(Schema):
    """Who came and who left, the newest first, and what became of the definition."""

    items: list[MoveOut]
    next: str | None = None
    as_of: datetime | None
    """The moment of which the members are; null until they were worked out."""
    definition: list[dict[str, Any]]


@router.post("/preview", auth=scope("segments:read"), response=SegmentPreviewOut)
def preview(request: TeamRequest, body: PreviewIn) -> dict[str, Any]:
    """Count a rule that is not kept.

    Whoever asks anew, or hangs up, ends what they asked before.
    """
    rule = _rule(request, body.rule)
    holder = getattr(request, "token_holder", "") or request.user.public_id
    with _in_rule():
        counted = counting.counted(rule, asker=f"preview {holder} {body.asker}")
    return {
        "count": counted.count,
        "everyone": counted.everyone,
        "reachable": counted.reachable,
        "summary": counting.words(rule),
        "hints": hints(rule),
        "steps": [{"removed": step.removed, "left": step.left} for step in counted.waterfall.steps],
        "sample": _people(request, counted.sample),
        "as_of": counted.as_of,
    }


@router.post("/sentence", auth=scope("segments:read"), response=SentenceOut)
def sentence(request: TeamRequest, body: SentenceIn) -> dict[str, Any]:
    """A sentence as a rule."""
    said = spoken.heard(body.text, request.user)
    return {
        "rule": to_json(said.rule) if said.rule is not None else None,
        "pieces": [
            {"text": piece.text, "rule": to_json(piece.rule) if piece.rule is not None else None}
            for piece in said.pieces
        ],
    }


@router.post("/people", auth=scope("people:read"), response=MatchingOut)
def matching(request: TeamRequest, body: RuleIn) -> dict[str, Any]:
    """Everybody who matches a rule that is not kept."""
    demand(request, "segments:read")
    rule = _rule(request, body.rule)
    with _in_rule():
        numbers = counting.members(rule).to_pylist()
    return {"people": [ids.public("person", number) for number in numbers], "count": len(numbers)}


@router.get("", auth=scope("segments:read"), response=Page[SegmentOut])
def segments(request: TeamRequest, paging: Query[Paging]) -> dict[str, object]:
    """Segments, the newest first."""
    return page(Segment.objects.visible_to(request.user), paging, show)


@router.post("", auth=scope("segments:write"), response={201: SegmentOut})
def add(request: TeamRequest, body: SegmentIn) -> Status[dict[str, Any]]:
    """Keep a rule under a name; `frozen` keeps the people whom it means now."""
    if body.kind not in Segment.Kind.values:
        raise Invalid.at(
            "/kind",
            "unknown_choice",
            _("“%(name)s” is one of: %(choices)s."),
            name="kind",
            choices=", ".join(Segment.Kind.values),
        )
    if body.people is not None:
        if body.rule is not None or body.kind != Segment.Kind.FROZEN:
            raise Invalid.at(
                "/people",
                "rule_or_people",
                _("A list of people is “frozen” and has no rule. Give either a rule or people."),
            )
        return Status(201, show(_listed(request, body)))
    rule = _rule(request, body.rule)
    counted = _counted(rule)
    segment = actions.create(body.name, rule, by=request.user, note=body.note, kind=body.kind)
    if not segment.is_frozen:
        actions.remember(segment, counted)
    return Status(201, show(segment))


@router.post("/overlap", auth=scope("segments:read"), response=OverlapOut)
def overlap(request: TeamRequest, body: SegmentsIn) -> dict[str, Any]:
    """How many people two or three segments have in common."""
    if not 2 <= len(set(body.segments)) == len(body.segments) <= 3:
        raise Invalid.at(
            "/segments", "wrong_value", _("Name two or three different segments to compare.")
        )
    asked = [_segment(request, one) for one in body.segments]
    counts = counting.overlap(asked)
    return {
        "parts": [
            {
                "in": [one for i, one in enumerate(body.segments) if place >> i & 1],
                "people": counts[place],
            }
            for place in range(1, len(counts))
        ]
    }


@router.get("/{segment_id}", auth=scope("segments:read"), response=SegmentOut)
def one(request: TeamRequest, segment_id: str) -> dict[str, Any]:
    """One segment, counted now."""
    segment = _segment(request, segment_id)
    if not segment.is_frozen:
        try:
            actions.remember(segment, counting.counted(segment.rule, sample=0))
        except Invalid as invalid:  # what it builds on is gone meanwhile
            return {**show(segment), "problem": worded(invalid.text, invalid.params)}
    return show(segment)


@router.put("/{segment_id}", auth=scope("segments:write"), response=SegmentOut)
def change(request: TeamRequest, segment_id: str, body: SegmentPut) -> dict[str, Any]:
    """Change name, note or rule."""
    segment = _segment(request, segment_id)
    rule = _rule(request, body.rule, segment) if body.rule is not None else None
    counted = _counted(rule) if rule is not None and not segment.is_frozen else None
    segment = actions.update(
        segment,
        by=request.user,
        name=body.name,
        rule=rule,
        note=body.note,
        version=body.version,
    )
    if counted is not None:
        actions.remember(segment, counted)
    return show(segment)


@router.post("/{segment_id}/difference", auth=scope("segments:read"), response=DifferenceOut)
def difference(request: TeamRequest, segment_id: str, body: RuleIn) -> dict[str, Any]:
    """Who would come and who would leave if the segment had another rule."""
    segment = _segment(request, segment_id)
    rule = _rule(request, body.rule, segment)
    with _in_rule():
        found_ = counting.difference(InSegment(segment.public_id), rule)
    return {
        "come": found_.come,
        "leave": found_.leave,
        "stay": found_.stay,
        "coming": _people(request, found_.coming),
        "leaving": _people(request, found_.leaving),
    }


@router.post("/{segment_id}/people", auth=scope("segments:write"), response=AddedOut)
def add_people(request: TeamRequest, segment_id: str, body: PeopleIn) -> lists.Added:
    """Put people on a list; nothing happens to those who are on it already."""
    return lists.add(_segment(request, segment_id), body.people, by=request.user)


@router.delete("/{segment_id}", auth=scope("segments:write"), response={204: None})
def remove(request: TeamRequest, segment_id: str) -> Status[None]:
    """Take it away; refused while another segment builds on it."""
    actions.delete(_segment(request, segment_id), by=request.user)
    return Status(204, None)


@router.get("/{segment_id}/people", auth=scope("people:read"), response=Page[SegmentPersonOut])
def people(request: TeamRequest, segment_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """Who is in it now, by number; masked without `people:pii`."""
    numbers = counting.members(_segment(request, segment_id)).to_pylist()
    if paging.cursor is not None:
        after = number_of(paging.cursor)
        numbers = [number for number in numbers if number > after]
    here = numbers[: paging.limit]
    more = len(numbers) > len(here)
    return {"items": _people(request, here), "next": str(here[-1]) if more else None}


@router.get("/{segment_id}/changes", auth=scope("segments:read"), response=ChangesOut)
def changes(request: TeamRequest, segment_id: str, paging: Query[Paging]) -> dict[str, Any]:
    """Who came into the segment and who left it, and changes of its definition."""
    segment = _segment(request, segment_id)
    clear = has_scope(request, "people:read")

    def move(one: SegmentMove) -> dict[str, Any]:
        return {
            "change": "entered" if one.entered else "left",
            "person": ids.public("person", one.person_id) if clear else None,
            "at": one.at,
            "cause": one.cause,
        }

    traces = Change.objects.filter(kind=segment._meta.label_lower, object_id=segment.pk)
    return {
        **page(segment.moves.all(), paging, move),
        "as_of": segment.refreshed_at,
        "definition": [
            {"verb": trace.verb, "at": trace.at.isoformat(), "details": trace.details}
            for trace in traces.order_by("-pk")[:50]
        ],
    }


@router.get("/{segment_id}/explain", auth=scope("people:read"))
def explain(request: TeamRequest, segment_id: str, person: str) -> dict[str, Any]:
    """Why somebody is in it or not, condition by condition."""
    segment = _segment(request, segment_id)
    found_ = found(Person.objects.present(), "person", person)
    if segment.is_frozen:
        inside = segment.members.filter(person=found_).exists()
        return {"person": person, "in": inside, "reasons": []}
    told = counting.explain(segment.rule, found_)
    if not has_scope(request, "people:pii"):
        told = counting.masked(told)
    return {"person": person, "in": told.ok, "reasons": [_reason(part) for part in _rows(told)]}


def show(segment: Segment) -> dict[str, Any]:
    return {
        "id": segment.public_id,
        "name": segment.name,
        "note": segment.note,
        "kind": segment.kind,
        "rule": segment.rule,
        "summary": _summary(segment.rule),
        "hints": _hints(segment),
        "version": segment.version,
        "count": segment.last_count,
        "reachable": segment.last_reachable,
        "counted_at": segment.last_counted_at,
        "refreshed_at": segment.refreshed_at,
        "wrong": segment.wrong,
        "problem": said(segment.failure),
        "updated_at": segment.updated_at,
    }


@transaction.atomic
def _listed(request: TeamRequest, body: SegmentIn) -> Segment:
    segment = actions.create(body.name, None, by=request.user, note=body.note)
    if body.people:
        lists.add(segment, body.people, by=request.user)
        segment.refresh_from_db()
    return segment


def _counted(rule: dict[str, Any]) -> counting.Counted:
    """What a rule means now, before it is kept: one that cannot be counted never is."""
    with _in_rule():
        return counting.counted(rule, sample=0)


def _summary(rule: dict[str, Any]) -> dict[str, str]:
    try:
        return counting.words(rule)
    except Invalid:
        return dict.fromkeys(LISTED, "")


def _hints(segment: Segment) -> list[dict[str, Any]]:
    try:
        return hints(segment.rule, segment) if not segment.is_list else []
    except Invalid:
        return []


def _rows(told: Any) -> tuple[Any, ...]:
    return told.parts if told.key in ("all", "any") else (told,)


def _reason(told: Any) -> dict[str, Any]:
    line = reason(told)
    return {
        "condition": line.condition,
        "ok": told.ok,
        "has": line.has,
        "since": told.since,
        "parts": [_reason(part) for part in told.parts],
    }


def _people(request: TeamRequest, numbers: Any) -> list[dict[str, Any]]:
    clear = has_scope(request, "people:pii")
    return [
        {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "channels": list(person.channels),
        }
        for person in shown(list(numbers), clear=clear)
    ]


def _rule(request: TeamRequest, rule: Any, segment: Segment | None = None) -> dict[str, Any]:
    """The rule of a request. Raises Invalid with places that begin at the body.

    Raises Forbidden where it compares what is masked for whoever asks, and the segment does not
    yet.
    """
    if not isinstance(rule, dict):
        raise Invalid.at(
            "/rule", "not_a_rule", _('The rule must be an object such as {"tag": "vip"}.')
        )
    with _in_rule():
        there = actions.rules_of(segment) if segment is not None else []
        refuse_hidden(parse(rule), clear=has_scope(request, "people:pii"), there=there)
        counting.check(rule)
    return rule


@contextmanager
def _in_rule() -> Iterator[None]:
    """Say of what is wrong with the rule of a request where it stands in the body."""
    try:
        yield
    except Invalid as invalid:
        raise invalid.below("/rule") from invalid


def _segment(request: TeamRequest, segment_id: str) -> Segment:
    if ids.number("segment", segment_id) is None:
        raise NotFound
    return found(Segment.objects.visible_to(request.user), "segment", segment_id)
