"""Traits (PE1): whatever is said of a person becomes a typed column of its profile.

Names, addresses and phones are no traits here: they go to the record store.
"""

# ruff: noqa: S608 - the statements hold names of ours, and names of traits only as quoted text.

from __future__ import annotations

import duckdb
import phonenumbers
import pyarrow as pa

from muster.warehouse import records, schema
from muster.warehouse.lake import NAME as LAKE

IDENTIFIERS = {
    "email": ("email",),
    "phone": ("phone",),
    "first_name": ("first_name", "firstName"),
    "last_name": ("last_name", "lastName"),
    "wecom_id": ("wecom_id", "wecomId", "wecom_external_userid"),
}
"""What goes to the record store and stays out of the warehouse, and how senders spell it."""

ALSO_LEARNT = {"language": ("language", "locale"), "time_zone": ("time_zone", "timezone")}
"""What is a trait and goes to the record store too."""

KEPT_OUT = (
    *(spelling for spellings in IDENTIFIERS.values() for spelling in spellings),
    *("name", "address", "external_id", "externalId", "userId", "id"),
)

COUNTRIES = {code: regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}
"""Calling code → country; no code begins with another one."""

DOOR = (
    "CASE WHEN ours AND starts_with(own_id, 'import:')"
    " THEN 'import:' || split_part(own_id, ':', 2) ELSE source END"
)
"""SQL for the door through which a line of `chunk` was said; an import names itself in its ids."""

_KIND_OF_JSON = {"VARCHAR": "text", "BOOLEAN": "boolean", "OBJECT": "text", "ARRAY": "text"}


def without_identifiers(column: str) -> str:
    """SQL for the JSON object in `column` without the traits that are kept out."""
    nothing = ", ".join(f'"{name}": null' for name in KEPT_OUT)
    return f"json_merge_patch({column}, '{{{nothing}}}')"


def spread(cursor: duckdb.DuckDBPyConnection) -> int:
    """Make the columns that the traits of `chunk` need; how many traits found no room.

    Leaves the newest value for each person and trait in the table `said`. A trait that is said in
    two kinds becomes text.
    """
    cursor.execute(
        """
        CREATE TEMP TABLE said AS
        WITH entry AS (
            SELECT person_id, "at", n,
                   unnest(map_entries(try_cast(kept_traits AS MAP(VARCHAR, JSON)))) AS e
            FROM chunk JOIN person USING (n)
            WHERE type = 'identify' AND json_type(traits) = 'OBJECT')
        SELECT person_id, e.key AS name,
               arg_max(coalesce(e.value, 'null'::JSON), ("at", n)) AS value
        FROM entry WHERE trim(e.key) <> '' AND length(e.key) <= 200 GROUP BY person_id, e.key
        """
    )
    found = cursor.execute(
        """
        SELECT name, list(DISTINCT json_type(value)) FROM said
        GROUP BY name HAVING bool_or(json_type(value) <> 'NULL') ORDER BY name
        """
    ).fetchall()
    known = {name: (col, kind) for name, col, kind in _registered(cursor)}
    left_out = 0
    for name, json_kinds in found:
        kinds = {_KIND_OF_JSON.get(kind, "number") for kind in json_kinds if kind != "NULL"}
        kind = kinds.pop() if len(kinds) == 1 else "text"
        if name not in known and len(known) >= schema.MOST_TRAITS:
            left_out += 1
        elif name not in known:
            known[name] = (schema.trait_column(len(known) + 1), kind)
            _add_column(cursor, name, *known[name])
        elif known[name][1] not in (kind, "text"):
            _make_text(cursor, *known[name])
    return left_out


def store(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the values of `said` into `profiles`; null clears a value."""
    named = {name for (name,) in cursor.execute("SELECT DISTINCT name FROM said").fetchall()}
    columns = [row for row in _registered(cursor) if row[0] in named]
    if not columns:
        return
    values = ", ".join(
        f"any_value(value) FILTER (name = {schema.literal(name)}) AS {col}"
        for name, col, _kind in columns
    )
    changes = ", ".join(
        f"{col} = CASE WHEN wide.{col} IS NULL THEN profiles.{col} "
        f"ELSE {_typed(f'wide.{col}', kind)} END"
        for _name, col, kind in columns
    )
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE wide AS
        SELECT person_id, {values} FROM said GROUP BY person_id;
        UPDATE profiles SET {changes} FROM wide WHERE wide.person_id = profiles.person_id
        """
    )


def say_again(cursor: duckdb.DuckDBPyConnection) -> None:
    """Fill `said` with what the events in the tables say of the people in `touched`.

    What comes later in the table was loaded later, and wins as it did then.
    """
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE said AS
        WITH entry AS (
            SELECT person_id, events.rowid AS n,
                   unnest(map_entries(try_cast(props::JSON AS MAP(VARCHAR, JSON)))) AS e
            FROM events JOIN touched USING (person_id)
            WHERE type = 'identify' AND props IS NOT NULL)
        SELECT person_id, e.key AS name, arg_max(coalesce(e.value, 'null'::JSON), n) AS value
        FROM entry GROUP BY person_id, e.key
        """
    )


def learnt(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    """What the identify calls of `chunk` say for the record store, one row a person.

    Null where nothing is said, "" where a value is taken away. A `name` alone stands as the first
    name.
    """
    wanted = {**IDENTIFIERS, **ALSO_LEARNT, "name": ("name",)}
    paths = ", ".join(f"'$.{s}'" for spellings in wanted.values() for s in spellings)
    picked, position = [], 0
    for field, spellings in wanted.items():
        places = [f"v[{position + i + 1}]" for i in range(len(spellings))]
        position += len(spellings)
        picked.append(f"coalesce({', '.join(places)}) AS {field}")
    newest = ", ".join(
        [
            *(f'arg_max({field}, ("at", n)) AS {field}' for field in (*wanted, "external_id")),
            *(
                f'arg_max(by_id, ("at", n)) FILTER ({kind} IS NOT NULL) AS {kind}_by_id'
                for kind in ("email", "phone")
            ),
        ]
    )
    return (
        cursor.execute(
            f"""
        WITH value AS (
            SELECT owner_id AS person_id, "at", n, {DOOR} AS source, user_id AS external_id,
                   user_id IS NOT NULL OR hint IS NOT NULL AS by_id,
                   email AS clean_email, phone AS clean_phone,
                   list_transform(json_extract(traits, [{paths}]), lambda x:
                       CASE WHEN x = 'null' THEN '' WHEN x IS NOT NULL THEN x ->> '$' END) AS v
            FROM chunk JOIN person USING (n)
            WHERE type = 'identify' AND json_type(traits) = 'OBJECT'),
        field AS (
            SELECT person_id, "at", n, source, external_id, by_id, {", ".join(picked)},
                   clean_email, clean_phone FROM value),
        clean AS (
            SELECT * REPLACE (CASE WHEN email = '' THEN '' ELSE clean_email END AS email,
                              CASE WHEN phone = '' THEN '' ELSE clean_phone END AS phone,
                              CASE WHEN first_name IS NULL AND last_name IS NULL THEN name
                                   ELSE first_name END AS first_name) FROM field)
        SELECT person_id, {newest}, max("at") AS "at", arg_max(source, ("at", n)) AS source
        FROM clean
        WHERE coalesce({", ".join(wanted)}) IS NOT NULL GROUP BY person_id
        """
        )
        .to_arrow_table()
        .drop_columns(["name"])
        .select(records.PROFILES.names)
    )


def _registered(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return cursor.execute("SELECT name, col, kind FROM traits").fetchall()


def _add_column(cursor: duckdb.DuckDBPyConnection, name: str, col: str, kind: str) -> None:
    cursor.execute(f"ALTER TABLE profiles ADD COLUMN {col} {schema.KINDS[kind]}")
    cursor.execute("INSERT INTO traits VALUES (?, ?, ?)", [name, col, kind])


def _make_text(cursor: duckdb.DuckDBPyConnection, col: str, kind: str) -> None:
    # A whole number reads 5, not 5.0.
    plain = (
        f"regexp_replace({col}::VARCHAR, '\\.0$', '')" if kind == "number" else f"{col}::VARCHAR"
    )
    if cursor.execute("SELECT current_database()").fetchall() == [(LAKE,)]:
        # A lake only widens a column, and a file does not swap one within a transaction.
        cursor.execute(f"ALTER TABLE profiles ADD COLUMN {col}_text VARCHAR")
        cursor.execute(f"UPDATE profiles SET {col}_text = {plain}")
        cursor.execute(f"ALTER TABLE profiles DROP COLUMN {col}")
        cursor.execute(f"ALTER TABLE profiles RENAME COLUMN {col}_text TO {col}")
    else:
        cursor.execute(f"ALTER TABLE profiles ALTER {col} SET DATA TYPE VARCHAR USING {plain}")
    cursor.execute("UPDATE traits SET kind = 'text' WHERE col = ?", [col])


def _typed(value: str, kind: str) -> str:
    plain = f"CASE json_type({value}) WHEN 'NULL' THEN NULL ELSE {value} ->> '$' END"
    return f"try_cast({plain} AS {schema.KINDS[kind]})"
