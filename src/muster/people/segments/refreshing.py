"""Keeps live segments true (PE4): who came, who left, without asking about everybody again.

A refresh asks only about people with new events and those over whose events a window moved; a new
or changed rule, and tables that were built again, are worked out for everybody. All segments that
were looked at together are asked in one pass.
"""

# ruff: noqa: S608 - the statements hold names of ours; numbers of people travel as parameters.

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.urls import reverse

from muster.kit import ids
from muster.kit.errors import Invalid, Refused, Unavailable, written_down
from muster.kit.words import _
from muster.people.identity.erasing import on_erasure
from muster.people.profile.given import BATCH, given, written_moment
from muster.people.scoring.due import due, remember
from muster.people.segments.counting import context
from muster.people.segments.models import Segment, SegmentMember, SegmentMove
from muster.people.segments.telling import tell
from muster.people.segments.trend import record
from muster.team.notices.actions import notify
from muster.team.stores import stores, warehouse
from muster.warehouse import following
from muster.warehouse.compile import Context
from muster.warehouse.elsewhere import NoAnswer
from muster.warehouse.following import Place
from muster.warehouse.rules import Consent, Rule, Score, parse, to_json, walk
from muster.warehouse.rules import Segment as InSegment
from muster.warehouse.scorecard import written
from muster.warehouse.segments import known, memberships
from muster.warehouse.store import TooSlow
from muster.warehouse.turning import steps, turning

if TYPE_CHECKING:
    import numpy.typing as npt

    from muster.warehouse.store import Backend

    Numbers = npt.NDArray[np.int64]

_log = logging.getLogger(__name__)

AT_MOST = 0.3
"""If a larger share of all people is concerned, everybody is asked: that is one plain scan."""


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did."""

    segments: int
    asked: int
    """People who were asked about, over all passes."""
    entered: int
    left: int


@dataclass(frozen=True)
class _Followed:
    """A segment with the rule that it has now, other segments put in."""

    segment: Segment
    rule: Rule
    fingerprint: str

    @property
    def is_new(self) -> bool:
        return self.segment.refreshed_at is None

    @property
    def is_changed(self) -> bool:
        return self.fingerprint != self.segment.refreshed_rule


def refresh(now: datetime, only: Iterable[Segment] | None = None) -> Refreshed:
    """Bring the members of live segments up to `now`; tell the log who came and left.

    Nothing is done while the warehouse does not yet hold all that was acknowledged: people whose
    events are still to be loaded would seem to leave.
    """
    store = stores().warehouse
    if store is None or store.as_of is None or store.needs_rebuild:
        return Refreshed(0, 0, 0, 0)
    asked = context(now)
    followed = _followed(asked, only)
    if not followed:
        return Refreshed(0, 0, 0, 0)
    with warehouse(seconds=600) as db:
        place = following.place(db, [_place(one.segment) for one in followed])
    done = [
        part for group in _groups(followed, place) for part in _refresh_group(group, place, asked)
    ]
    tell()
    return Refreshed(
        sum(one.segments for one in done),
        sum(one.asked for one in done),
        sum(one.entered for one in done),
        sum(one.left for one in done),
    )


def fingerprint(rule: Rule, asked: Context) -> str:
    """Names what the resolved rule means: equal ones find the same people at the same moment."""
    lists = [ids.number("segment", leaf.id) for leaf in walk(rule) if isinstance(leaf, InSegment)]
    versions: list[tuple[int, int]] = []
    if lists:
        rows = Segment.objects.filter(pk__in=[number for number in lists if number is not None])
        versions = sorted(rows.values_list("pk", "version"))
    leaves = list(walk(rule))
    law = repr(asked.lapsing) if any(isinstance(leaf, Consent) for leaf in leaves) else ""
    said = [to_json(rule), asked.time_zone.key, versions, law]
    if asked.scorecard is not None and any(isinstance(leaf, Score) for leaf in leaves):
        said.append(written(asked.scorecard))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _followed(asked: Context, only: Iterable[Segment] | None) -> list[_Followed]:
    rows = Segment.objects.filter(deleted_at=None, kind=Segment.Kind.LIVE)
    if only is not None:
        rows = rows.filter(pk__in=[segment.pk for segment in only])
    found = []
    for segment in rows.order_by("pk"):
        try:
            rule = following.resolved(parse(segment.rule), asked, (segment.public_id,))
        except Invalid as invalid:  # such as a segment that it builds on and that is gone
            _failed(segment, invalid)
            continue
        found.append(_Followed(segment, rule, fingerprint(rule, asked)))
    return found


def _groups(followed: Sequence[_Followed], place: Place) -> list[list[_Followed]]:
    """Those that can be asked in one pass: looked at together before, or for the first time.

    One that could not be worked out the last time is asked alone, so that it stops no others.
    """
    groups: dict[tuple[str, datetime | None, int], list[_Followed]] = {}
    for one in followed:
        segment = one.segment
        is_whole = one.is_new or one.is_changed or _place(segment).built != place.built
        since = ("", None) if is_whole else (segment.refreshed_to, segment.refreshed_at)
        key = (*since, segment.pk if segment.failure else 0)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _place(segment: Segment) -> Place:
    built, _colon, rows = segment.refreshed_to.partition(":")
    return Place(built, int(rows or 0))


def _refresh_group(group: Sequence[_Followed], place: Place, now: Context) -> Iterator[Refreshed]:
    try:
        yield _refresh(group, place, now)
    except (Unavailable, NoAnswer, OperationalError) as error:
        # It passes, and says nothing of the rules, unless one alone takes too long.
        if not isinstance(error, TooSlow) or len(group) > 1:
            raise
        _failed(group[0].segment, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        if len(group) == 1:
            _failed(group[0].segment, error)
        else:
            for one in group:
                yield from _refresh_group([one], place, now)


def _failed(segment: Segment, error: Exception) -> None:
    """Mark the segment until it can be worked out again, and tell its owner once."""
    if isinstance(error, Refused):
        why = error
    else:
        _log.error("Segment %s cannot be worked out", segment.public_id, exc_info=error)
        why = Refused(
            _("Muster met an error of its own (%(error)s); the log has more."),
            error=type(error).__name__,
        )
    kept = written_down(why)
    if kept == segment.failure:
        return
    Segment.objects.filter(pk=segment.pk).update(failure=kept)
    if segment.failure:
        return
    notify(
        "segment_failed",
        segment,
        segment.keepers,
        _(
            "The members of the segment “%(name)s” cannot be worked out any more and stay as they"
            " were. Its page says why; change its definition before you send to it."
        ),
        url=reverse("people:segment", args=[segment.pk]),
        params={"name": segment.name},
    )


def _refresh(group: Sequence[_Followed], place: Place, now: Context) -> Refreshed:
    rules = [one.rule for one in group]
    # The place among those who ask is free again while the record store is written.
    with warehouse(seconds=600) as db:
        everyone = known(db)
        among = _among(db, group, place, now)
        if among is not None and len(among) > AT_MOST * everyone:
            among = None
        someone = among is None or len(among) > 0
        means = memberships(db, rules, now, among) if someone else []
        turns = turning(db, rules, now, among) if someone else []
    # In their order, since rows of neighbours are read and written together.
    asked = among.sort().to_numpy() if among is not None else None
    were = _members(group, asked) if someone else {}
    entered = left = 0
    with transaction.atomic():
        for segment, came, went in _write(list(_moves(group, means, were, place)), now.now):
            entered, left = entered + came, left + went
            # Merges and erasures change it meanwhile.
            size: CombinedExpression | int = F("size") + came - went
            if asked is None:
                size = SegmentMember.objects.filter(segment=segment).count()
            Segment.objects.filter(pk=segment.pk).update(
                size=size, last_count=size, last_counted_at=now.now
            )
        for one, turn in zip(group, turns, strict=False):
            if steps(one.rule):
                remember(one.segment.public_id, asked, turn, now.now)
        _remember(group, place, now.now)
        record([one.segment for one in group], now.now, now.time_zone)
    return Refreshed(len(group), everyone if asked is None else len(asked), entered, left)


def _among(db: Backend, group: Sequence[_Followed], place: Place, now: Context) -> pa.Array | None:
    """The people who have to be asked about; None for everybody."""
    first = group[0].segment
    since = _place(first)
    if first.refreshed_at is None or since.built != place.built or group[0].is_changed:
        return None
    then = replace(now, now=first.refreshed_at)
    turned = due([one.segment.public_id for one in group], now.now)
    return following.affected(db, [one.rule for one in group], since, then, now, turned)


_NOBODY: Numbers = np.array([], dtype=np.int64)


def _cause(one: _Followed, place: Place) -> str:
    """Why people move; empty for those who are in a new segment from the beginning."""
    if one.is_new:
        return ""
    if one.is_changed:
        return SegmentMove.Cause.RULE
    if _place(one.segment).built != place.built:
        return SegmentMove.Cause.CORRECTION
    return SegmentMove.Cause.BEHAVIOUR


def _without(people: Numbers, others: Numbers) -> Numbers:
    """Those of the people who are not among the others; both in order, and so is the answer."""
    if not len(others):
        return people
    places = np.searchsorted(others, people)
    places[places == len(others)] = 0
    left: Numbers = people[others[places] != people]
    return left


def _among_them(people: Numbers, others: Numbers) -> Numbers:
    """Those of the people who are among the others too; all in order."""
    return _without(people, _without(people, others))


def _members(group: Sequence[_Followed], asked: Numbers | None) -> Mapping[int, Numbers]:
    """Segment → the members as kept, in order; only those who are asked about."""
    numbers = [one.segment.pk for one in group]
    found: dict[int, list[Numbers]] = {}
    sql = "SELECT segment_id, person_id FROM people_segmentmember"
    with connection.cursor() as cursor:
        if asked is None:
            among = ", ".join(["%s"] * len(numbers))
            cursor.execute(f"{sql} WHERE segment_id IN ({among})", numbers)
            _gather(cursor.fetchall(), found)
        else:
            # By person alone: to look for each in each of the segments would take longer.
            for source, parameters in _given(asked):
                cursor.execute(f"{sql} WHERE person_id IN (SELECT id FROM {source})", parameters)
                _gather(cursor.fetchall(), found)
    return {pk: np.sort(np.concatenate(found[pk])) for pk in numbers if pk in found}


def _gather(rows: Sequence[tuple[int, int]], found: dict[int, list[Numbers]]) -> None:
    if not rows:
        return
    # Twice as quick as an array of the tuples.
    flat = np.fromiter(chain.from_iterable(rows), np.int64, 2 * len(rows))
    segments, people = flat[::2].copy(), flat[1::2].copy()
    for pk in np.unique(segments).tolist():
        found.setdefault(pk, []).append(people[segments == pk])


@dataclass(frozen=True)
class _Move:
    """Who comes into a segment and who leaves it."""

    segment: Segment
    came: Numbers
    went: Numbers
    cause: str


def _moves(
    group: Sequence[_Followed],
    means: Sequence[pa.Array],
    were: Mapping[int, Numbers],
    place: Place,
) -> Iterator[_Move]:
    for one, array in zip(group, means, strict=False):
        is_, was = np.sort(array.to_numpy()), were.get(one.segment.pk, _NOBODY)
        yield _Move(one.segment, _without(is_, was), _without(was, is_), _cause(one, place))


def _write(moves: Sequence[_Move], at: datetime) -> Iterator[tuple[Segment, int, int]]:
    """Members and history written down; for each segment how many came and left.

    Who is gone from the record store meanwhile comes nowhere; of the erased nothing is told.
    """
    concerned = [numbers for move in moves for numbers in (move.came, move.went)]
    there, present = _there(np.unique(np.concatenate(concerned))) if concerned else (_NOBODY,) * 2
    stamp = written_moment(at)
    for move in moves:
        pk, came = move.segment.pk, _among_them(move.came, present)
        went = _take_out(pk, move.went)
        _put("people_segmentmember", came, segment_id=pk, since=stamp)
        if move.cause:
            said: dict[str, str | int | bool] = {
                "segment_id": pk,
                "cause": move.cause,
                "at": stamp,
                "told": False,
            }
            _put("people_segmentmove", came, entered=True, **said)
            _put("people_segmentmove", _among_them(move.went, there), entered=False, **said)
        yield move.segment, len(came), went


def _put(table: str, people: Numbers, **same: str | int | bool) -> None:
    """Insert a row for each person, with what is the same in all of them."""
    # As a list of mere numbers: rows one by one would take longer where they are many.
    for source, parameters in _given(people):
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (person_id, {', '.join(same)})"
                f" SELECT id, {', '.join('%s' for _value in same)} FROM {source}",
                [*same.values(), *parameters],
            )


def _there(people: Numbers) -> tuple[Numbers, Numbers]:
    """Those of them who were not erased, and of these who is nobody else now; both in order."""
    found: list[tuple[int, bool]] = []
    with connection.cursor() as cursor:
        for source, parameters in _given(people):
            cursor.execute(
                f"SELECT p.id, p.merged_into_id IS NULL FROM {source}"
                " JOIN people_person p ON p.id = given.id WHERE p.erased_at IS NULL",
                parameters,
            )
            found += cursor.fetchall()
    there = np.array([number for number, _is_present in found], dtype=np.int64)
    present = np.array([number for number, is_present in found if is_present], dtype=np.int64)
    return np.sort(there), np.sort(present)


def _take_out(segment: int, people: Numbers) -> int:
    """Delete the members; how many there still were."""
    deleted = 0
    for source, parameters in _given(people):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM people_segmentmember WHERE segment_id = %s"
                f" AND person_id IN (SELECT id FROM {source})",
                [segment, *parameters],
            )
            deleted += cursor.rowcount
    return deleted


def _given(people: Numbers) -> Iterator[tuple[str, list[Any]]]:
    """The people as `id` of `given`, in batches."""
    for start in range(0, len(people), BATCH):
        some = people[start : start + BATCH].tolist()
        yield given({"id": "bigint"}, [(number,) for number in some])


def _remember(group: Sequence[_Followed], place: Place, now: datetime) -> None:
    for one in group:
        Segment.objects.filter(pk=one.segment.pk).update(
            refreshed_at=now,
            refreshed_to=f"{place.built}:{place.rows}",
            refreshed_rule=one.fingerprint,
            failure="",
        )


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Nobody can read in a list or a history that an erased person was somewhere."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        for table in (SegmentMember, SegmentMove):
            name = connection.ops.quote_name(table._meta.db_table)
            cursor.execute(
                f"DELETE FROM {name} WHERE person_id IN (SELECT id FROM {source})", parameters
            )
    for segment in Segment.objects.filter(refreshed_at__isnull=False):
        Segment.objects.filter(pk=segment.pk).update(size=segment.members.count())
