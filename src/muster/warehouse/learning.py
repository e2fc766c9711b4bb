"""What the record store learns of people (PE1): of each the newest word, whenever it comes.

Names, addresses and phones stay out of the warehouse. It only keeps when each of them was said
last of whom (`taught`), so that a word that comes late takes the place of nothing newer.
"""

# ruff: noqa: S608 - the statements hold names of ours alone.

from __future__ import annotations

import duckdb
import pyarrow as pa

from muster.warehouse import records, schema, traits

_KINDS = ("email", "phone")
MOST_ADDRESSES = 10
"""So many that one person says of each kind within one load are kept, the newest of them."""


def learnt(cursor: duckdb.DuckDBPyConnection) -> tuple[pa.Table, list[pa.Table]]:
    """What the identify calls of `chunk` say for the record store, as `records.PROFILES`.

    First the addresses that others have taken the place of, then what is to be learnt, one table
    after the other, one row a person in each: null where nothing is said, "" where a value is
    taken away. Left out is who was made by it: by one line alone, as `met` tells, or with all of
    it, as `made` does.
    """
    fields = {field: field for field in schema.TAUGHT}
    fields |= {kind: f"CASE WHEN {kind}_gone THEN '' ELSE {kind} END" for kind in _KINDS}
    said = ", ".join(
        f'CASE WHEN "at" < taught.{field} THEN NULL ELSE {sql.replace(field, f"c.{field}")} END'
        f" AS {field}"
        for field, sql in fields.items()
    )
    late = ", ".join(f'CASE WHEN "at" < taught.{k} THEN c.{k} END AS late_{k}' for k in _KINDS)
    cursor.execute(
        f"""
        CREATE TEMP TABLE lesson AS
        SELECT owner_id AS person_id, "at", n, {traits.DOOR} AS source, user_id AS external_id,
               user_id IS NOT NULL OR hint IS NOT NULL AS by_id, {said}, {late}
        FROM chunk AS c JOIN person USING (n) LEFT JOIN taught ON taught.person_id = owner_id
        WHERE teaches
        """
    )
    everybody_once = traits.is_once(cursor, "lesson", "person_id")
    _remember_when(cursor, everybody_once)
    tables = [] if everybody_once else [_said_by_id(cursor)]
    tables.append(_newest(cursor, everybody_once))
    return _former(cursor), [table for table in tables if table.num_rows]


def taught_together(people: str) -> str:
    """SQL for when the people of a table, with all who were merged into them, said an address."""
    return f"""
        (SELECT coalesce(a.person_id, t.person_id) AS person_id,
                max(t.email) AS email, max(t.phone) AS phone
         FROM taught AS t LEFT JOIN aliases AS a ON a.alias = t.person_id
         WHERE coalesce(a.person_id, t.person_id) IN (SELECT person_id FROM {people}) GROUP BY 1)
        """


def _newest(cursor: duckdb.DuckDBPyConnection, everybody_once: bool) -> pa.Table:
    """The last word of each person on everything."""
    own = {f"{kind}_by_id": f"CASE WHEN {kind} IS NOT NULL THEN by_id END" for kind in _KINDS}
    own |= {f"{f}_at": f'CASE WHEN {f} IS NOT NULL THEN "at" END' for f in records.LEARNT}
    chosen = [f"{sql} AS {column}" for column, sql in own.items()]
    one = f"SELECT *, {', '.join(chosen)} FROM lesson"
    if everybody_once:
        # Who was made by this very line knows all of it: that needs no comparing.
        one += """
            WHERE wecom_id IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM met
                WHERE made AND met.line = lesson.n AND met.person_id = lesson.person_id)
            """
    else:
        fields = (*schema.TAUGHT, "external_id", "source", *own)
        chosen = [f"{traits.newest(field)} AS {field}" for field in fields]
        one = f'SELECT person_id, {", ".join(chosen)}, max("at") AS "at" FROM ({one}) GROUP BY 1'
    same = " AND ".join(f"coalesce(made.{f}, '') = coalesce(one.{f}, '')" for f in _MADE_WITH)
    not_said_by_id = "" if everybody_once else "AND person_id NOT IN (SELECT person_id FROM by_id)"
    return _told(
        cursor,
        f"""
        SELECT {", ".join(map(schema.quoted, records.PROFILES.names))} FROM ({one}) AS one
        WHERE NOT EXISTS (
            SELECT 1 FROM made WHERE made.person_id = one.person_id AND {same}
            AND made."at" = one."at" AND one.wecom_id IS NULL {not_said_by_id})
        ORDER BY "at"
        """,
    )


_MADE_WITH = tuple(name for name in records.KEYS.names if name not in ("n", "at"))


def _said_by_id(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    """The addresses said by id behind which others came that were not.

    The record store may refuse those as somebody else's, and then these hold.
    """
    latest = [
        f'arg_max({kind}, ("at", n)) FILTER (by_id) AS {kind}_said,'
        f' arg_max(by_id, ("at", n)) FILTER ({kind} IS NOT NULL) AS {kind}_holds,'
        f' max("at") FILTER ({kind} IS NOT NULL AND by_id) AS {kind}_at,'
        f' arg_max(source, ("at", n)) FILTER ({kind} IS NOT NULL AND by_id) AS {kind}_source'
        for kind in _KINDS
    ]
    hidden = {kind: f"({kind}_said IS NOT NULL AND NOT {kind}_holds)" for kind in _KINDS}
    of_own = {kind: f"CASE WHEN {hidden[kind]} THEN {kind}_said END" for kind in _KINDS}
    more = {
        **{f"{kind}_by_id": "true" for kind in _KINDS},
        **{f"{kind}_at": f"{kind}_at" for kind in _KINDS},
        **of_own,
        "person_id": "person_id",
        "source": f"CASE WHEN {hidden['email']} THEN email_source ELSE phone_source END",
        "at": f"greatest({', '.join(f'CASE WHEN {hidden[k]} THEN {k}_at END' for k in _KINDS)})",
    }
    columns = _profile(more)
    cursor.execute(
        f"""
        CREATE TEMP TABLE by_id AS
        SELECT {", ".join(columns)} FROM (
            SELECT person_id, {", ".join(latest)} FROM lesson GROUP BY person_id)
        WHERE {" OR ".join(hidden.values())}
        """
    )
    return _told(cursor, "FROM by_id")


def _former(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    """The addresses that were said beside the newest ones: when first, and when last."""
    kinds = []
    for kind in _KINDS:
        own = {
            **{name: name for name in ("person_id", "source")},
            **dict.fromkeys(("at", "email_at", "phone_at"), "moment"),
            kind: "value",
            f"{kind}_by_id": "by_id",
        }
        columns = _profile(own)
        kinds.append(
            f"""
            SELECT {", ".join(columns)} FROM (
                SELECT person_id, value, by_id, source,
                       unnest(list_distinct([first, last])) AS moment
                FROM (SELECT person_id, coalesce(late_{kind}, {kind}) AS value,
                             bool_or(by_id) AS by_id, {traits.newest("source")} AS source,
                             min("at") AS first, max("at") AS last
                      FROM lesson WHERE value <> '' GROUP BY person_id, value)
                ANTI JOIN (SELECT person_id, {traits.newest(kind)} AS value
                           FROM lesson GROUP BY person_id) AS present USING (person_id, value)
                QUALIFY dense_rank() OVER (PARTITION BY person_id ORDER BY last DESC, value)
                    <= {MOST_ADDRESSES})
            """
        )
    return _told(cursor, " UNION ALL ".join(f"({one})" for one in kinds) + ' ORDER BY "at"')


def _remember_when(cursor: duckdb.DuckDBPyConnection, everybody_once: bool) -> None:
    """Keep when each field was said last."""
    moment = 'CASE WHEN {0} IS NOT NULL THEN "at" END AS {0}'
    if not everybody_once:
        moment = 'max("at") FILTER ({0} IS NOT NULL) AS {0}'
    group = "" if everybody_once else "GROUP BY person_id"
    changes = ", ".join(f"{field} = greatest(taught.{field}, m.{field})" for field in schema.TAUGHT)
    cursor.execute(
        f"""
        CREATE TEMP TABLE moment AS
        SELECT person_id, {", ".join(map(moment.format, schema.TAUGHT))} FROM lesson {group};
        UPDATE taught SET {changes} FROM moment AS m WHERE m.person_id = taught.person_id;
        INSERT INTO taught SELECT * FROM moment
        WHERE person_id NOT IN (SELECT person_id FROM taught)
        """
    )


def _profile(said: dict[str, str]) -> list[str]:
    """The columns of `records.PROFILES`, of which nothing is said of all but these."""
    moments = dict.fromkeys((f"{field}_at" for field in records.LEARNT), "NULL::TIMESTAMP")
    said = moments | said
    return [f"{said.get(f, 'NULL')} AS {schema.quoted(f)}" for f in records.PROFILES.names]


def _told(cursor: duckdb.DuckDBPyConnection, question: str) -> pa.Table:
    return cursor.execute(question).to_arrow_table().cast(records.PROFILES)
