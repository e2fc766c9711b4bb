"""How often short links and codes were followed (TR1), people and machines apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muster.events import names
from muster.events.shape import OURS

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Followed:
    """What became of one short link."""

    scans: int = 0
    clicks: int = 0
    machines: int = 0


def followed(db: Backend, links: list[str]) -> dict[str, Followed]:
    """Public id of a link → how often people scanned and clicked it, and machines fetched it."""
    rows = db.con.execute(
        """
        SELECT props ->> '$.link' AS link,
               count(*) FILTER (name = ? AND actor <> 'machine'),
               count(*) FILTER (name = ? AND actor <> 'machine'),
               count(*) FILTER (actor = 'machine')
        FROM events WHERE name IN (?, ?) AND source = ? AND link IN (SELECT unnest(?))
        GROUP BY 1
        """,
        [
            names.CODE_SCANNED,
            names.SHORT_LINK_FOLLOWED,
            names.CODE_SCANNED,
            names.SHORT_LINK_FOLLOWED,
            OURS,
            links,
        ],
    ).fetchall()
    return {link: Followed(scans, clicks, machines) for link, scans, clicks, machines in rows}
