"""What one person did, moment by moment (PE1), and who came from nowhere but one file (PE2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from muster.events.names import OURS_ALONE
from muster.events.shape import OURS

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

    from muster.warehouse.store import Warehouse


_IS_HEARSAY = "(source IS DISTINCT FROM ? AND name IN (SELECT unnest(?)))"
_HEARSAY = (OURS, list(OURS_ALONE))


@dataclass(frozen=True)
class Moment:
    """One thing that a person did, or that happened to them."""

    id: str
    at: datetime
    name: str
    source: str
    """`muster`, or from whom it came, such as `key:shop`."""
    actor: str
    channel: str | None
    campaign: str | None
    campaign_id: str | None
    content: str | None
    url: str | None
    order_id: str | None
    revenue: Decimal | None
    currency: str | None
    properties: dict[str, Any]

    @property
    def is_hearsay(self) -> bool:
        """Whether another says what only Muster itself can know."""
        return self.source != OURS and self.name in OURS_ALONE


@dataclass(frozen=True)
class Orders:
    """What a person bought in one currency."""

    currency: str
    orders: int
    revenue: Decimal
    last: datetime


def moments(
    db: Backend,
    person_id: int,
    *,
    names: Sequence[str] | None = None,
    without: Sequence[str] = (),
    before: str = "",
    limit: int = 50,
) -> list[Moment]:
    """The newest events of a person, those before the moment with id `before` if it is given.

    `names` narrows to events of these names, `without` leaves some out; hearsay goes by no name.
    """
    conditions = ["person_id = ?"]
    parameters: list[Any] = [person_id]
    if names is not None:
        conditions.append(f"name IN (SELECT unnest(?)) AND NOT {_IS_HEARSAY}")
        parameters += [list(names), *_HEARSAY]
    if without:
        conditions.append(f"(name NOT IN (SELECT unnest(?)) OR {_IS_HEARSAY})")
        parameters += [list(without), *_HEARSAY]
    if before:
        at, _dash, number = before.partition("-")
        conditions.append('("at", event_id) < (make_timestamp(?::BIGINT), ?::UHUGEINT)')
        parameters += [at, number]
    rows = db.con.execute(
        f"""
        SELECT epoch_us("at") || '-' || event_id, "at", name, coalesce(source, ''), actor,
               channel, campaign, campaign_id, content, url, order_id, revenue, currency, props
        FROM events WHERE {" AND ".join(conditions)}
        ORDER BY "at" DESC, event_id DESC LIMIT ?
        """,  # noqa: S608
        [*parameters, limit],
    ).fetchall()
    return [_moment(row) for row in rows]


def traits_of(db: Backend, person_id: int) -> dict[str, Any]:
    """What is known of the person, by the names of the traits."""
    columns = db.con.execute("SELECT name, col FROM traits ORDER BY name").fetchall()
    row = db.con.execute("SELECT * FROM profiles WHERE person_id = ?", [person_id])
    found = row.fetchone()
    if found is None:
        return {}
    values = dict(zip([column[0] for column in row.description], found, strict=True))
    built_in = {"first_seen": values["first_seen"], "last_seen": values["last_seen"]}
    named = {name: values[col] for name, col in columns}
    return {name: value for name, value in {**built_in, **named}.items() if value is not None}


def tags_of(db: Backend, person_id: int) -> list[str]:
    """The tags that the person has now."""
    rows = db.con.execute("SELECT tag FROM tags WHERE person_id = ? ORDER BY tag", [person_id])
    return [tag for (tag,) in rows.fetchall()]


@dataclass(frozen=True)
class Device:
    """A browser or device on which a person was recognised, known by a hash alone."""

    code: str
    source: str
    first_seen: datetime
    last_seen: datetime


def devices_of(db: Backend, person_id: int, *, limit: int = 8) -> list[Device]:
    """The devices on which the person was recognised, the latest first."""
    rows = db.con.execute(
        """
        SELECT upper(left(anonymous, 6)), arg_max(source, "at"), min("at"), max("at") FROM events
        WHERE person_id = ? AND anonymous IS NOT NULL GROUP BY anonymous ORDER BY 4 DESC LIMIT ?
        """,
        [person_id, limit],
    ).fetchall()
    return [
        Device(code, source or "", first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))
        for code, source, first, last in rows
    ]


def person_of_device(store: Warehouse, db: Backend, anonymous_id: str) -> int | None:
    """Whom an anonymous id belongs to."""
    row = db.con.execute(
        f"""
        SELECT coalesce(aliases.person_id, identities.person_id) FROM identities
        LEFT JOIN aliases ON alias = identities.person_id
        WHERE hash = (SELECT {store.hash_sql("anonymous", "said")} FROM (SELECT ? AS said))
        """,  # noqa: S608
        [anonymous_id],
    ).fetchone()
    return int(row[0]) if row else None


def orders_of(db: Backend, person_id: int, currency: str) -> list[Orders]:
    """What the person bought, the greatest currency first; refunds are taken off.

    `currency` is that of orders which name none.
    """
    rows = db.con.execute(
        """
        SELECT coalesce(currency, ?) AS currency, sum(orders), coalesce(sum(amount), 0), max("at")
        FROM orders WHERE person_id = ? GROUP BY 1 ORDER BY 3 DESC
        """,
        [currency, person_id],
    ).fetchall()
    return [Orders(c, orders, revenue, at.replace(tzinfo=UTC)) for c, orders, revenue, at in rows]


def known_only_from(db: Backend, trait: str, import_id: str) -> tuple[list[int], int]:
    """The people all of whose events come from one import, and how many others it spoke of.

    Its `identify` calls carry the trait, its consents name it as their source.
    """
    path = f'$."{trait}"'
    rows = db.con.execute(
        """
        WITH mine AS (
            SELECT DISTINCT person_id FROM events
            WHERE person_id IS NOT NULL AND type = 'identify' AND source = 'muster'
              AND (props ->> ?) = ?)
        SELECT person_id,
               bool_and(coalesce((props ->> ?) = ?, (props ->> '$.source') = ?, false))
        FROM events JOIN mine USING (person_id) GROUP BY person_id
        """,
        [path, import_id, path, import_id, f"import:{import_id}"],
    ).fetchall()
    alone = sorted(person for person, is_alone in rows if is_alone)
    return alone, len(rows) - len(alone)


def traits_before(
    db: Backend, trait: str, import_id: str, people: Sequence[int]
) -> dict[int, dict[str, str]]:
    """Person → trait → JSON of the value before an import, where the import said it last.

    The `identify` calls of the import carry the `trait`. What comes later in the table was loaded
    later; a trait that nobody had said before is null again.
    """
    rows = db.con.execute(
        """
        WITH call AS (
            SELECT person_id, rowid AS n, props, coalesce((props ->> ?) = ?, false) AS mine
            FROM events WHERE type = 'identify' AND props IS NOT NULL
              AND person_id IN (SELECT unnest(?::BIGINT[]))),
        entry AS (
            SELECT person_id, n, mine,
                   unnest(map_entries(try_cast(props::JSON AS MAP(VARCHAR, JSON)))) AS e
            FROM call)
        SELECT person_id, e.key, coalesce(arg_max(e.value, n) FILTER (NOT mine), 'null'::JSON)
        FROM entry GROUP BY person_id, e.key
        HAVING max(n) FILTER (mine) = max(n)
           AND arg_max(e.value, n) IS DISTINCT FROM
               coalesce(arg_max(e.value, n) FILTER (NOT mine), 'null'::JSON)
        """,
        [f'$."{trait}"', import_id, list(people)],
    ).fetchall()
    found: dict[int, dict[str, str]] = {}
    for person, name, value in rows:
        found.setdefault(person, {})[name] = value
    return found


def _moment(row: tuple[Any, ...]) -> Moment:
    values = list(row)
    values[1], values[-1] = row[1].replace(tzinfo=UTC), _object(row[-1])
    return Moment(*values)


def _object(text: str | None) -> dict[str, Any]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
