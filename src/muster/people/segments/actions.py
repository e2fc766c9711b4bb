"""What people do with segments (PE4): make, change, count, freeze, remove."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils import timezone

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.people.segments.counting import Counted, check, members
from muster.people.segments.hidden import refuse_hidden
from muster.people.segments.models import Segment, SegmentMember
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.warehouse.rules import Rule, parse, to_json, walk
from muster.warehouse.rules import Segment as InSegment

_BATCH = 5_000


class ChangedMeanwhile(Refused):
    """Someone else changed the segment."""

    code = "changed_meanwhile"
    text = _("Someone changed this segment since you opened it. Load it again, then change it.")


@transaction.atomic
def create(
    name: str,
    rule: Mapping[str, Any] | None,
    *,
    by: User | None,
    note: str = "",
    kind: str = Segment.Kind.LIVE,
    sample: bool = False,
) -> Segment:
    """A new segment; without a rule an empty list, to which people are added by name.

    Raises Invalid with every problem of name and rule.
    """
    if rule is None:
        segment = Segment(name=_name(name), note=note.strip()[:500], by=by, sample=sample)
        segment.kind, segment.frozen_at = Segment.Kind.FROZEN, timezone.now()
        segment.last_count, segment.last_counted_at = 0, segment.frozen_at
        segment.save()
        record_change("made", segment, by=by)
        return segment
    segment = Segment(
        name=_name(name), note=note.strip()[:500], rule=_rule(rule, by=by), by=by, sample=sample
    )
    segment.save()
    record_change("made", segment, by=by)
    return freeze(segment, by=by) if kind == Segment.Kind.FROZEN else segment


@transaction.atomic
def update(
    segment: Segment,
    *,
    by: User | None,
    name: str | None = None,
    rule: Mapping[str, Any] | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Segment:
    """Change name, note or rule; `version` is the one that the writer saw, an older is refused."""
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    if version is not None and version != segment.version:
        raise ChangedMeanwhile
    before: dict[str, object] = {}
    if name is not None and _name(name) != segment.name:
        before["name"], segment.name = segment.name, _name(name)
    if note is not None and note.strip()[:500] != segment.note:
        before["note"], segment.note = segment.note, note.strip()[:500]
    if rule is not None and (read := _rule(rule, segment, by=by)) != segment.rule:
        if segment.is_frozen:
            raise Refused(
                _("The people of a frozen segment do not change. Make a new one from its rule.")
            )
        before["rule"], segment.rule, segment.draft = segment.rule, read, None
        segment.last_count = segment.last_counted_at = None
    if before:
        segment.version += 1
        segment.save()
        record_change("changed", segment, by=by, undo=before, fields=sorted(before))
    return segment


def draft(segment: Segment, rule: Mapping[str, Any] | None, *, by: User | None) -> Segment:
    """Keep a definition that is being worked on beside the one that holds; None throws it away.

    Raises Invalid with every problem of the rule.
    """
    if segment.is_frozen:
        raise Refused(
            _("The people of a frozen segment do not change. Make a new one from its rule.")
        )
    read = _rule(rule, segment, by=by) if rule is not None else None
    segment.draft = read if read != segment.rule else None
    segment.save(update_fields=["draft", "updated_at"])
    return segment


def remember(segment: Segment, counted: Counted) -> None:
    """Keep what was counted, for lists."""
    segment.last_count, segment.last_reachable = counted.count, dict(counted.reachable)
    segment.last_counted_at = timezone.now()
    Segment.objects.filter(pk=segment.pk).update(
        last_count=segment.last_count,
        last_reachable=segment.last_reachable,
        last_counted_at=segment.last_counted_at,
    )


@transaction.atomic
def freeze(segment: Segment, *, by: User | None) -> Segment:
    """Keep the people who are in the segment now, whatever happens later."""
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    if segment.is_frozen:
        raise Refused(_("This segment is frozen already."))
    people = members(segment).to_pylist()
    SegmentMember.objects.filter(segment=segment).delete()
    for start in range(0, len(people), _BATCH):
        SegmentMember.objects.bulk_create(
            SegmentMember(segment=segment, person_id=person)
            for person in people[start : start + _BATCH]
        )
    segment.kind, segment.frozen_at = Segment.Kind.FROZEN, timezone.now()
    segment.failure = ""
    segment.last_count, segment.last_counted_at = len(people), segment.frozen_at
    segment.save()
    record_change("froze", segment, by=by, people=len(people))
    return segment


@transaction.atomic
def delete(segment: Segment, *, by: User | None) -> Change:
    """Take the segment away; it can be brought back. Refused while another one builds on it."""
    for other in Segment.objects.filter(deleted_at=None).exclude(pk=segment.pk):
        if segment.public_id in _mentioned(other.rule):
            raise Refused(
                _("“%(other)s” builds on this segment. Change that one first."),
                code="in_use",
                other=other.name,
            )
    segment.deleted_at = timezone.now()
    segment.save(update_fields=["deleted_at"])
    return record_change("removed", segment, by=by, undo={"deleted_at": None})


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid.at("/name", "empty", _("The segment needs a name."))
    if len(name) > 120:
        raise Invalid.at(
            "/name",
            "too_long",
            _("The name has %(count)s characters; at most %(limit)s are possible."),
            count=len(name),
            limit=120,
        )
    return name


def _rule(
    rule: Mapping[str, Any], segment: Segment | None = None, *, by: User | None
) -> dict[str, Any]:
    """The rule in its one written form; refused if it cannot be asked or leads back to here.

    What compares names or addresses is refused to those who see them masked.
    """
    read = parse(rule)
    there = rules_of(segment) if segment is not None else []
    refuse_hidden(read, clear=by is None or by.may("people.pii"), there=there)
    if segment is not None:
        _no_circle(segment, {leaf.id for leaf in walk(read) if isinstance(leaf, InSegment)})
    check(read, within=segment)
    return to_json(read)


def rules_of(segment: Segment) -> list[Rule]:
    """The rule and the draft of the segment, as far as they can be read."""
    found = []
    for rule in filter(None, (segment.rule, segment.draft)):
        with suppress(Invalid):  # kept before such rules were refused
            found.append(parse(rule))
    return found


def _no_circle(segment: Segment, mentioned: set[str]) -> None:
    rules = {
        other.public_id: _mentioned(other.rule)
        for other in Segment.objects.filter(deleted_at=None, kind=Segment.Kind.LIVE)
    }
    reached, waiting = set[str](), list(mentioned)
    while waiting:
        public_id = waiting.pop()
        if public_id not in reached:
            reached.add(public_id)
            waiting += rules.get(public_id, ())
    if segment.public_id in reached:
        raise Invalid.at(
            "/rule", "circle", _("The rule leads back to this very segment. Leave that part out.")
        )


def _mentioned(rule: Any) -> set[str]:
    """The public ids of the segments that the JSON of a rule mentions."""
    if isinstance(rule, list):
        return set().union(*map(_mentioned, rule))
    if isinstance(rule, dict):
        own = {rule["segment"]} if isinstance(rule.get("segment"), str) else set()
        return own.union(*map(_mentioned, rule.values()))
    return set()
