"""Pairs of people who may be one (PE1, ME5): found, and put up for a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import Case, QuerySet, Value, When

from muster.kit.words import _
from muster.people.identity.models import Likeness
from muster.people.profile.given import BATCH, given, moment
from muster.people.profile.models import Person
from muster.people.profile.names import full_name
from muster.warehouse import alike

SIGNS = {
    "ids_disagree": _("Their ids contradict each other in one event"),
    "same_email": _("Same e-mail address"),
    "phone_and_name": _("Same phone and a similar name"),
    "same_mailbox": _("Same mailbox, written differently"),
    "same_phone": _("Same phone"),
    "name_and_mailbox": _("Same name and similar e-mail addresses"),
}
"""By what two people are alike, the strongest sign first."""
READ = 50_000


def search(*, now: datetime, tell: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Compare everybody with everybody they could be; how many pairs wait for a decision."""
    people = Person.objects.present()
    total, done, parts = people.count(), 0, []
    columns = ("id", "email", "phone", "first_name", "last_name")
    rows = people.order_by("pk").values_list(*columns).iterator(chunk_size=READ)
    while batch := list(islice(rows, READ)):
        named = [(*row[:3], full_name(*row[3:])) for row in batch]
        parts.append(pa.table(list(map(list, zip(*named, strict=True))), schema=alike.PEOPLE))
        done += len(batch)
        tell(done, total)
    if parts:
        found = alike.alike(pa.concat_tables(parts))
        for why in SIGNS:
            pairs = found.filter(pc.equal(found["why"], why))
            numbers = zip(pairs["first"].to_pylist(), pairs["second"].to_pylist(), strict=True)
            while some := list(islice(numbers, BATCH)):
                put_up(some, why=why, now=now)
    return open_pairs().count()


def open_pairs() -> QuerySet[Likeness]:
    """What is to be decided, the surest first; of people who are still two."""
    surest = Case(
        *(When(why=why, then=Value(place)) for place, why in enumerate(SIGNS)),
        default=Value(len(SIGNS)),
    )
    return (
        Likeness.objects.filter(state=Likeness.State.OPEN)
        .filter(first__erased_at=None, second__erased_at=None)
        .filter(first__merged_into=None, second__merged_into=None)
        .select_related("first", "second")
        .order_by(surest, "pk")
    )


def put_up(pairs: Iterable[tuple[int, int]], *, why: str, now: datetime) -> None:
    """Put these pairs up for a decision, unless somebody decided or was asked before."""
    rows = sorted({(min(pair), max(pair)) for pair in pairs})
    source, parameters = given(
        {"first": "bigint", "second": "bigint", "at": "timestamptz"},
        [(*pair, now.isoformat(timespec="microseconds")) for pair in rows],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO people_likeness (first_id, second_id, why, state, reason, found_at)
            SELECT least_id, greatest_id, '{why}', '{Likeness.State.OPEN}', '', min(at) FROM (
                SELECT CASE WHEN a < b THEN a ELSE b END AS least_id,
                    CASE WHEN a < b THEN b ELSE a END AS greatest_id, at
                FROM (SELECT coalesce(f.merged_into_id, f.id) AS a,
                        coalesce(s.merged_into_id, s.id) AS b, {moment("given.at")} AS at
                    FROM {source} JOIN people_person f ON f.id = given.first
                    JOIN people_person s ON s.id = given.second
                    WHERE f.erased_at IS NULL AND s.erased_at IS NULL) AS pair
                WHERE a <> b) AS pair
            GROUP BY least_id, greatest_id
            ON CONFLICT (first_id, second_id) DO NOTHING
            """,
            parameters,
        )
