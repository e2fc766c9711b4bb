"""Who is to be asked again about a score though nothing new is known of them (PE7).

With every look at a rule is kept when points may have faded over one of its steps
(`warehouse/turning.py`), so the next look need not ask everybody.
"""

# ruff: noqa: S608 - the statements hold names of ours; numbers of people travel as parameters.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pyarrow as pa
from django.db import connection

from muster.people.identity.erasing import on_erasure
from muster.people.profile.given import BATCH, given, moment
from muster.people.scoring.models import ScoreDue


def due(askers: Iterable[str], now: datetime) -> pa.Array:
    """Whose points may have faded over a step of one of the rules of these by now."""
    rows = ScoreDue.objects.filter(asker__in=list(askers), at__lte=now)
    return pa.array(rows.values_list("person_id", flat=True), pa.int64())


def remember(asker: str, asked: Sequence[int] | None, turns: pa.Table, now: datetime) -> None:
    """Keep of those who were asked now, None for everybody, when they turn."""
    if asked is None:
        ScoreDue.objects.filter(asker=asker).delete()
    else:
        for start in range(0, len(asked), BATCH):
            source, parameters = given(
                {"id": "bigint"}, [(int(one),) for one in asked[start : start + BATCH]]
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM people_scoredue WHERE asker = %s"
                    f" AND person_id IN (SELECT id FROM {source})",
                    [asker, *parameters],
                )
    people, days = (turns.column(name).to_pylist() for name in ("person_id", "days"))
    rows = [
        (person, (now + timedelta(days=left)).isoformat(timespec="microseconds"))
        for person, left in zip(people, days, strict=True)
    ]
    for start in range(0, len(rows), BATCH):
        source, parameters = given(
            {"id": "bigint", "at": "timestamptz"}, rows[start : start + BATCH]
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO people_scoredue (asker, person_id, at)"
                f" SELECT %s, p.id, {moment('given.at')} FROM {source}"
                " JOIN people_person p ON p.id = given.id WHERE p.erased_at IS NULL",
                [asker, *parameters],
            )


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Nothing of an erased person is looked at again."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM people_scoredue WHERE person_id IN (SELECT id FROM {source})", parameters
        )
