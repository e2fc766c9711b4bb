"""Pairs of people who may be one (PE1, ME5): found, and put up for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from muster.kit.words import _
from muster.people.identity.models import Likeness
from muster.people.profile.given import given, moment

SIGNS = {
    "ids_disagree": _("One event names both: their ids disagree"),
    "same_email": _("Same e-mail address"),
    "same_phone": _("Same phone"),
    "same_mailbox": _("Same mailbox, written differently"),
    "name_and_domain": _("Same name, addresses that resemble"),
}
"""By what two people are alike, the strongest sign first."""


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
