"""Companies (PE8): who has an address there, and what all their people did together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from muster.events import names
from muster.warehouse.clocks import shown
from muster.warehouse.compile import Context, question
from muster.warehouse.lending import lent
from muster.warehouse.scoring import COLUMNS
from muster.warehouse.tables import EVENTS, answer, human, profiles, vouched

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

WEEKS = 12
MOST_THERE = 300
"""Where more people than this are known to have an address, it is no company but a provider."""
_PASSIVE = (*names.SAID_BY_US, names.PROFILE_UPDATED, names.ALIAS_MADE, names.GROUP_JOINED)
"""What happened to people without their doing, or was only written down, is no engagement."""


@dataclass(frozen=True)
class Engagement:
    """How warm a company is: the points of its people added up."""

    score: float = 0.0
    """The sum of the lead scores of its people."""
    people: int = 0
    """How many of its people are known."""
    active: int = 0
    """How many of them have a score above nothing."""
    last: datetime | None = None
    """When any of them last did something."""
    weeks: Mapping[date, int] = field(default_factory=dict)
    """Monday → how much they did in that week, of the last twelve."""


def people_at(db: Backend, domains: Sequence[str]) -> pa.Table:
    """The known people whose address has one of the domains: person_id, mail_domain."""
    rows = pa.table({"mail_domain": pa.array(domains, pa.string())})
    with lent(db, rows) as wanted:
        people = profiles({})
        rows = people.filter(people.known, people.mail_domain.isin(wanted.mail_domain))
        return answer(db, rows.select("person_id", "mail_domain").order_by("person_id"))


def domains(db: Backend, without: Sequence[str], *, least: int, most: int) -> list[tuple[str, int]]:
    """Domains of at least so many known people and their number, the largest first."""
    people = profiles({})
    rows = people.filter(
        people.known, people.mail_domain.notnull(), people.mail_domain.notin(list(without))
    )
    counts = rows.group_by("mail_domain").agg(people=rows.count())
    counts = counts.filter(counts.people >= least, counts.people <= MOST_THERE)
    counts = counts.order_by([counts.people.desc(), counts.mail_domain]).limit(most)
    return [(row["mail_domain"], row["people"]) for row in answer(db, counts).to_pylist()]


def engagement(
    db: Backend, context: Context, members: Sequence[tuple[int, int]]
) -> dict[int, Engagement]:
    """Company → its engagement; `members` are pairs of company and person. One pass for all."""
    if not members:
        return {}
    companies, people = zip(*members, strict=True)
    pairs = pa.table(
        {"company": pa.array(companies, pa.int64()), "person_id": pa.array(people, pa.int64())}
    )
    with lent(db, pairs) as table:
        scores = _scores(db, context, table)
        weeks = _weeks(db, context, table)
    return {
        row["company"]: Engagement(
            round(row["score"] or 0.0, 1),
            row["people"],
            int(row["active"] or 0),
            *weeks.get(row["company"], (None, {})),
        )
        for row in scores
    }


def _scores(db: Backend, context: Context, members: ir.Table) -> list[dict[str, Any]]:
    with question(db, [], context, among=members, scored=True) as asked:
        points = asked.table.select(who="person_id", points=asked.table[COLUMNS["lead"]])
        rows = members.join(points, members.person_id == points.who)
        counted = rows.group_by("company").agg(
            score=rows.points.sum(), people=rows.count(), active=(rows.points > 0).sum()
        )
        found: list[dict[str, Any]] = answer(db, counted).to_pylist()
        return found


def _weeks(
    db: Backend, context: Context, members: ir.Table
) -> dict[int, tuple[datetime | None, dict[date, int]]]:
    zone = context.time_zone
    today = context.now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    since = datetime.combine(first, datetime.min.time(), zone).astimezone(UTC).replace(tzinfo=None)
    rows = EVENTS.filter(
        human(EVENTS),
        vouched(EVENTS),
        EVENTS.name.notin(_PASSIVE),
        EVENTS.at <= context.clock.utc_now,
    )
    done = rows.select(who="person_id", at="at")
    joined = members.join(done, members.person_id == done.who)
    last = joined.group_by("company").agg(last=joined.at.max())
    late = joined.filter(joined.at >= since)
    counted = (
        late.mutate(week=shown(zone.key, late.at).truncate("week").date())
        .group_by(["company", "week"])
        .agg(n=lambda t: t.count())
    )
    found: dict[int, tuple[datetime | None, dict[date, int]]] = {
        row["company"]: (row["last"].replace(tzinfo=UTC), {})
        for row in answer(db, last).to_pylist()
    }
    for row in answer(db, counted).to_pylist():
        found[row["company"]][1][row["week"]] = int(row["n"])
    return found
