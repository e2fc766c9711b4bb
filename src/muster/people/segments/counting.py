"""How many people a rule means (PE4), who they are, whom of them we can reach, and why."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from muster.kit import clock, ids
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.people.consent.keeping import topic_called
from muster.people.consent.models import Topic
from muster.people.consent.reaching import CHANNELS as REACHING
from muster.people.consent.reaching import closed
from muster.people.consent.terms import lapsing
from muster.people.masking import masked_facts
from muster.people.profile.models import Person
from muster.people.scoring.models import ScoreModel
from muster.people.segments.matching import fits, matching
from muster.people.segments.models import Segment, SegmentMember
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse import explain as reasons
from muster.warehouse import segments
from muster.warehouse.compile import Context
from muster.warehouse.compile import check as check_rule
from muster.warehouse.rules import AnyOf, Consent, Rule, Trait, parse, walk
from muster.warehouse.rules import Segment as InSegment
from muster.warehouse.segments import Waterfall
from muster.warehouse.sentence import LISTED, summaries

Written: TypeAlias = "Rule | Mapping[str, Any]"
"""A rule, or its JSON."""
SAMPLE = 10


@dataclass(frozen=True)
class Counted:
    """What is known about the people whom a rule means."""

    count: int
    everyone: int
    reachable: Mapping[str, int]
    """Channel → people who allowed marketing there and have an address that is not suppressed."""
    waterfall: Waterfall
    sample: tuple[int, ...]
    """Numbers of some of the people, drawn by lot."""
    as_of: datetime
    seconds: float


def context(now: datetime | None = None) -> Context:
    """What a rule is read with: the moment, the workspace's time zone, and the record store."""
    return Context(
        now or clock.now(),
        Workspace.here().zone,
        identity_matches=matching,
        segment_rule=_segment_rule,
        scorecard=ScoreModel.here().scorecard,
        topic_id=lambda said: topic_called(said, at="").public_id,
        known_send=_check_send,
        lapsing=lapsing(),
    )


IsSend: TypeAlias = "Callable[[int], bool]"
_sends: list[IsSend] = []


def knows_sends(known: IsSend) -> IsSend:
    """Ask this function whether there is a send of this number: sends are known to a part above."""
    _sends.append(known)
    return known


def check(rule: Written, *, within: Segment | None = None) -> None:
    """Raise Invalid, with places in the rule, where it cannot be asked; nobody is counted.

    `within` is the segment whose rule it is going to be.
    """

    def nobody(trait: Trait) -> Sequence[int]:
        fits(trait)
        return ()

    def named(public_id: str) -> Rule | Sequence[int]:
        segment = _named(public_id)
        return () if segment.is_frozen else parse(segment.rule)

    asked = replace(context(), identity_matches=nobody, segment_rule=named)
    check_rule(_read(rule), asked, within=[within.public_id] if within is not None else [])


def count(rule: Written, *, now: datetime | None = None) -> int:
    """How many known people the rule means. Raises Invalid where it cannot be read."""
    read = _read(rule)
    with warehouse() as db:
        return segments.count(db, read, context(now))


def counted(
    rule: Written,
    *,
    seed: str = "",
    sample: int = SAMPLE,
    asker: str = "",
    now: datetime | None = None,
) -> Counted:
    """Everything that the builder shows; `seed` draws another sample.

    A newer question of the same `asker` stops this one, which then raises Superseded.
    """
    read, started = _read(rule), time.monotonic()
    asked = context(now)
    with warehouse(asker=asker) as db:
        steps = segments.waterfall(db, read, asked)
        left = steps.steps[-1].left
        reach = dict.fromkeys(REACHING, 0)
        if left:
            reach = segments.reachable(db, read, asked, closed=closed())
        drawn = segments.sample(db, read, asked, sample, seed=seed).to_pylist() if left else []
        moment = segments.as_of(db) or asked.now
    return Counted(
        count=left,
        everyone=steps.everyone,
        reachable=reach,
        waterfall=steps,
        sample=tuple(drawn),
        as_of=moment,
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class Difference:
    """What another rule would change: how many come, leave and stay, and some of them."""

    come: int
    leave: int
    stay: int
    coming: tuple[int, ...] = ()
    leaving: tuple[int, ...] = ()


def difference(
    old: Written,
    new: Written,
    *,
    sample: int = SAMPLE,
    asker: str = "",
    now: datetime | None = None,
) -> Difference:
    """Who would come and who would leave if the one rule took the place of the other."""
    rules = [_read(old), _read(new)]
    with warehouse(asker=asker) as db:
        were, will = segments.memberships(db, rules, context(now))
    before, after = np.unique(were.to_numpy()), np.unique(will.to_numpy())
    come, leave = np.setdiff1d(after, before), np.setdiff1d(before, after)
    drawn = random.Random(f"{len(come)} {len(leave)}")  # noqa: S311 - a sample to look at
    return Difference(
        len(come),
        len(leave),
        len(before) - len(leave),
        tuple(drawn.sample(come.tolist(), min(sample, len(come)))),
        tuple(drawn.sample(leave.tolist(), min(sample, len(leave)))),
    )


def overlap(meant: Sequence[Segment], *, now: datetime | None = None) -> list[int]:
    """How many people are in exactly which of two or three segments.

    The place in the list says in which: 1 for the first, 2 for the second, 4 for the third, added
    up; so the last is how many are in all of them.
    """
    rules: list[Rule] = [InSegment(one.public_id) for one in meant]
    with warehouse() as db:
        found = segments.memberships(db, rules, context(now))
    people = np.concatenate([array.to_numpy() for array in found])
    marks = np.concatenate([np.full(len(array), 1 << i) for i, array in enumerate(found)])
    _people, places = np.unique(people, return_inverse=True)
    sums = np.bincount(places, weights=marks).astype(np.int64)
    return [int(number) for number in np.bincount(sums, minlength=1 << len(meant))]


def members(meant: Segment | Written, *, now: datetime | None = None) -> pa.Array:
    """The numbers of the people in a segment, or of those whom a rule means, in order."""
    if isinstance(meant, Segment):
        if meant.is_frozen:
            return frozen_members(meant)
        return members(meant.rule, now=now)
    read = _read(meant)
    with warehouse(seconds=120) as db:
        return segments.people(db, read, context(now))


def frozen_members(segment: Segment) -> pa.Array:
    """The people who were in the segment when it was frozen and have not been erased since."""
    rows = SegmentMember.objects.filter(
        segment=segment, person__erased_at=None, person__merged_into=None
    )
    return pa.array(rows.order_by("person_id").values_list("person_id", flat=True), pa.int64())


def explain(rule: Written, person: Person, *, now: datetime | None = None) -> reasons.Reason:
    """Why the person is meant or not, condition by condition."""
    read = _read(rule)
    with warehouse() as db:
        return reasons.explain(db, read, context(now), person.pk)


def masked(told: reasons.Reason) -> reasons.Reason:
    """The same for readers who may not see personal data: values of traits are masked."""
    facts = told.facts
    if isinstance(told.rule, Trait) and "value" in facts:
        facts = {**facts, "value": masked_facts({told.rule.name: facts["value"]})[told.rule.name]}
    return replace(told, facts=facts, parts=tuple(masked(part) for part in told.parts))


def containing(person: Person, *, most: int = 50) -> list[Segment]:
    """The segments that the person is in now, by name; of live ones the last changed are asked."""
    frozen = list(
        Segment.objects.filter(deleted_at=None, kind=Segment.Kind.FROZEN, members__person=person)
    )
    live = Segment.objects.filter(deleted_at=None, kind=Segment.Kind.LIVE)
    asked = [one for one in live.order_by("-updated_at")[:most] if _can_be_asked(one)]
    if asked:
        try:
            told = explain(AnyOf(tuple(parse(one.rule) for one in asked)), person)
        except Refused:  # nothing known of the person yet
            asked = []
        else:
            asked = [one for one, part in zip(asked, told.parts, strict=True) if part.ok]
    return sorted([*frozen, *asked], key=lambda one: one.name)


def _can_be_asked(segment: Segment) -> bool:
    try:
        check(segment.rule, within=segment)
    except Invalid:
        return False
    return True


def words(rule: Written) -> dict[str, str]:
    """The rule as a sentence: language → sentence. Raises Invalid where it cannot be read.

    A list has no rule.
    """
    if not rule:
        return dict(LISTED)
    read = _read(rule)
    return summaries(read, names_in(read))


def names_in(rule: Rule) -> dict[str, str]:
    """Id → name of the segments and topics that a rule speaks of."""
    leaves = list(walk(rule))
    found: dict[str, str] = {}
    for kind, named, rows in (
        ("segment", {leaf.id for leaf in leaves if isinstance(leaf, InSegment)}, Segment.objects),
        ("topic", {leaf.topic for leaf in leaves if isinstance(leaf, Consent)}, Topic.objects),
    ):
        numbers = {ids.number(kind, public_id): public_id for public_id in named}
        some = rows.filter(pk__in=[number for number in numbers if number is not None])
        found |= {numbers[pk]: name for pk, name in some.values_list("pk", "name")}
    return found


def _read(rule: Written) -> Rule:
    return parse(rule) if isinstance(rule, Mapping) else rule


def _check_send(public_id: str) -> None:
    number = ids.number("send", public_id)
    if number is None or not any(known(number) for known in _sends):
        raise Invalid.at(
            "",
            "unknown_send",
            _("There is no send %(send)s. It may have been removed; choose another."),
            send=public_id,
        )


def _segment_rule(public_id: str) -> Rule | pa.Array:
    segment = _named(public_id)
    return frozen_members(segment) if segment.is_frozen else parse(segment.rule)


def _named(public_id: str) -> Segment:
    number = ids.number("segment", public_id)
    segment = Segment.objects.filter(pk=number, deleted_at=None).first() if number else None
    if segment is None:
        raise Invalid.at(
            "",
            "unknown_segment",
            _("There is no segment %(segment)s. It may have been removed; choose another."),
            segment=public_id,
        )
    return segment
