"""What each source knows of the people it tells of (ME5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from muster.events import names
from muster.warehouse import schema

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as Backend

IMPORTS = "import"
"""The source of what files say."""


@dataclass(frozen=True)
class Coverage:
    """One source, and how much is known of its people from wherever."""

    source: str
    people: int
    with_email: int
    with_phone: int
    allowed: int
    """People who allowed anything on any channel."""
    last_event: datetime


def coverage(db: Backend, import_trait: str) -> list[Coverage]:
    """Every source with its people, the largest first.

    A person whom several sources know counts for each. `import_trait` is what the `identify`
    calls of files carry.
    """
    rows = db.con.execute(
        f"""
        WITH told AS (
            SELECT person_id,
                   CASE WHEN source = 'muster' AND type = 'identify' AND (props ->> ?) IS NOT NULL
                        THEN '{IMPORTS}' ELSE source END AS origin,
                   max("at") AS last
            FROM events WHERE person_id IS NOT NULL GROUP BY ALL),
        allowed AS (
            SELECT DISTINCT person_id FROM consents
            WHERE state = '{schema.GRANTED}' AND purpose NOT IN {names.WISHES})
        SELECT origin, count(*), count(profiles.email_hash), count(profiles.phone_region),
               count(allowed.person_id), max(last)
        FROM told JOIN profiles USING (person_id) LEFT JOIN allowed USING (person_id)
        GROUP BY origin ORDER BY 2 DESC, 1
        """,  # noqa: S608 - names of ours only
        [f'$."{import_trait}"'],
    ).fetchall()
    return [
        Coverage(source, people, mails, phones, allowed, last.replace(tzinfo=UTC))
        for source, people, mails, phones, allowed, last in rows
    ]
