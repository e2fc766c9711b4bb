"""Traits (PE1): whatever is said of a person becomes a typed column of its profile.

Names, addresses and phones are no traits here: they go to the record store.
"""

# ruff: noqa: S608 - the statements hold names of ours, and names of traits only as quoted text.

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import phonenumbers

from muster.warehouse import schema
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

LEARNT = {**IDENTIFIERS, **ALSO_LEARNT, "name": ("name",)}

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

AT_ONCE = 100
"""So many names at most are looked for in every row; more of them are sparse."""

LONGEST_NAME = 200
_IS_NAME = (
    f"trim({{0}}) <> '' AND length({{0}}) <= {LONGEST_NAME}"
    " AND NOT regexp_matches({0}, '\\p{{Cc}}')"
).format
"""SQL for whether a text can be the name of a trait: nobody can write control characters."""

_KIND_OF_JSON = {"VARCHAR": "text", "BOOLEAN": "boolean", "OBJECT": "text", "ARRAY": "text"}


def region(phone: str) -> str:
    """SQL for the country of a phone number; eleven digits without a country are Chinese."""
    codes = " ".join(
        f"WHEN starts_with({phone}, '+{code}') THEN '{country}'"
        for code, country in COUNTRIES.items()
    )
    chinese = f"regexp_matches({phone}, '^1[3-9][0-9]{{9}}$')"
    return f"CASE WHEN {phone} IS NULL THEN NULL {codes} WHEN {chinese} THEN 'CN' END"


def without_identifiers(column: str) -> str:
    """SQL for the JSON object in `column` without the traits that are kept out."""
    nothing = ", ".join(f'"{name}": null' for name in KEPT_OUT)
    return f"json_merge_patch({column}, '{{{nothing}}}')"


def spread(cursor: duckdb.DuckDBPyConnection) -> int:
    """Make the columns that the traits of `chunk` need; how many traits found no room, or have no
    name that can be written.

    Leaves the newest value for each person and trait in the table `wide`, a column for each trait.
    A trait that is said in two kinds becomes text. What was said at the same moment counts in the
    order of the log.
    """
    cursor.execute(
        """
        CREATE TEMP TABLE telling AS
        SELECT person_id, "at", n, kept_traits FROM chunk JOIN person USING (n)
        WHERE type = 'identify' AND json_type(traits) = 'OBJECT'
        """
    )
    row = cursor.execute(
        "SELECT (SELECT count(*) FROM telling) + (SELECT count(*) FROM link)"
    ).fetchone()
    if row == (0,):
        cursor.execute("CREATE OR REPLACE TEMP TABLE wide AS SELECT person_id FROM telling")
        return 0
    _recall(cursor)
    told = cursor.execute(
        f"""
        SELECT name, {_IS_NAME("name")}
        FROM (SELECT DISTINCT unnest(json_keys(kept_traits)) AS name FROM telling) ORDER BY name
        """
    ).fetchall()
    names = [name for name, is_name in told if is_name]
    nameless = len(told) - len(names)
    if len(names) <= AT_ONCE and is_once(cursor, "telling", "person_id"):
        return nameless + _spread_at_once(cursor, names)
    cursor.execute(
        f"""
        CREATE TEMP TABLE entry AS
        SELECT person_id, "at", n, e.key AS name, coalesce(e.value, 'null'::JSON) AS value
        FROM (SELECT person_id, "at", n,
                     unnest(map_entries(try_cast(kept_traits AS MAP(VARCHAR, JSON)))) AS e
              FROM telling)
        WHERE {_IS_NAME("e.key")};
        CREATE TEMP TABLE said AS
        SELECT person_id, name, arg_max(value, ("at", n)) AS value
        FROM entry GROUP BY person_id, name
        """
    )
    found = cursor.execute(
        """
        SELECT name, list(DISTINCT json_type(value)) FROM entry
        GROUP BY name HAVING bool_or(json_type(value) <> 'NULL') ORDER BY name
        """
    ).fetchall()
    left_out = _make_columns(cursor, found)
    _widen(cursor)
    return nameless + left_out


def _recall(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add to `telling` what the tables hold of people whose words come out of their order.

    That is who said something newer already, and whom a device now belongs to that told something
    before; so the traits are the same whichever lines are loaded together.
    """
    oldest = cursor.execute('SELECT min("at") FROM telling').fetchone()
    late = [
        """
        SELECT person_id FROM events
        WHERE type = 'identify' AND person_id IN (SELECT person_id FROM link)
          AND anonymous IN (SELECT hash FROM link)
        """
    ]
    if oldest and oldest[0]:
        # The engine skips all that is older, which is nearly everything, by the plain moment.
        late.append(
            f"""
            SELECT person_id FROM events
            JOIN (SELECT person_id, min("at") AS first_said FROM telling GROUP BY person_id)
                USING (person_id)
            WHERE type = 'identify' AND "at" > TIMESTAMP '{oldest[0]}' AND "at" > first_said
            """
        )
    cursor.execute(f"CREATE TEMP TABLE late AS {' UNION '.join(late)}")
    if cursor.execute("SELECT 1 FROM late LIMIT 1").fetchone():
        cursor.execute(
            f"""
            INSERT INTO telling
            SELECT person_id, "at", rowid - {_BEFORE}, CAST(props AS JSON) FROM events
            WHERE type = 'identify' AND props IS NOT NULL
              AND person_id IN (SELECT person_id FROM late)
            """
        )


_BEFORE = 1 << 62
"""What a number of a row of the tables is lowered by, to come before those of a chunk."""


def is_once(cursor: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    """Whether no value of the column stands in two rows."""
    found = cursor.execute(f"SELECT count(*) = count(DISTINCT {column}) FROM {table}").fetchone()
    return bool(found and found[0])


def _spread_at_once(cursor: duckdb.DuckDBPyConnection, names: Sequence[str]) -> int:
    """`spread` where every person is spoken of once: nothing has to be put in order."""
    paths = ", ".join(schema.literal(_pointer(name)) for name in names)
    # A column for each even if the list is empty.
    values = ", ".join(f"v[{i}] AS v{i}" for i in range(1, len(names) + 1)) or "NULL AS v0"
    cursor.execute(
        f"""
        CREATE TEMP TABLE told AS
        SELECT person_id, {values} FROM (
            SELECT person_id, json_extract(kept_traits, CAST([{paths}] AS VARCHAR[])) AS v
            FROM telling)
        """
    )
    kinds = ", ".join(
        f"list(DISTINCT json_type(v{i})) FILTER (v{i} IS NOT NULL)"
        for i in range(1, len(names) + 1)
    )
    row = cursor.execute(f"SELECT {kinds or 'NULL'} FROM told").fetchone() or ()
    found = [
        (name, seen) for name, seen in zip(names, row, strict=False) if set(seen or ()) - {"NULL"}
    ]
    left_out = _make_columns(cursor, found)
    place = {name: i for i, name in enumerate(names, 1)}
    columns = "".join(
        f", v{place[name]} AS {col}" for name, col, _kind in _registered(cursor) if name in place
    )
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE wide AS SELECT person_id{columns} FROM told")
    return left_out


def _pointer(name: str) -> str:
    """The JSON pointer to a member of this name."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _make_columns(
    cursor: duckdb.DuckDBPyConnection, found: Sequence[tuple[str, Sequence[str]]]
) -> int:
    """A column for each name, of the kind that its values (types of JSON) have."""
    known = {name: (col, kind) for name, col, kind in _registered(cursor)}
    left_out = 0
    were_numbers = []
    for name, json_kinds in found:
        kinds = {_KIND_OF_JSON.get(kind, "number") for kind in json_kinds if kind != "NULL"}
        kind = kinds.pop() if len(kinds) == 1 else "text"
        if name not in known and len(known) >= schema.MOST_TRAITS:
            left_out += 1
        elif name not in known:
            known[name] = (schema.trait_column(len(known) + 1), kind)
            _add_column(cursor, name, *known[name])
        elif known[name][1] not in (kind, "text"):
            _make_text(cursor, known[name][0])
            if known[name][1] == "number":
                were_numbers.append((name, known[name][0]))
    # Once its rows are changed, a table takes no other columns within the transaction.
    if were_numbers:
        _write_as_said(cursor, were_numbers)
    return left_out


def _widen(cursor: duckdb.DuckDBPyConnection) -> None:
    """`wide` from `said`."""
    named = {name for (name,) in cursor.execute("SELECT DISTINCT name FROM said").fetchall()}
    values = "".join(
        f", any_value(value) FILTER (name = {schema.literal(name)}) AS {col}"
        for name, col, _kind in _registered(cursor)
        if name in named
    )
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE wide AS"
        f" SELECT person_id{values} FROM said GROUP BY person_id"
    )


def typed(cursor: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The columns of `profiles` of which `wide` holds values, and each value's SQL."""
    held = {row[0] for row in cursor.execute("DESCRIBE wide").fetchall()}
    return {
        col: _typed(f"wide.{col}", kind) for _name, col, kind in _registered(cursor) if col in held
    }


def store(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the values of `wide` into `profiles` of people who are there; null clears a value."""
    changes = ", ".join(
        f"{col} = CASE WHEN wide.{col} IS NULL THEN profiles.{col} ELSE {value} END"
        for col, value in typed(cursor).items()
    )
    if changes:
        cursor.execute(
            f"UPDATE profiles SET {changes} FROM wide WHERE wide.person_id = profiles.person_id"
        )


def say_again(cursor: duckdb.DuckDBPyConnection) -> None:
    """Fill `wide` with what the events in the tables say of the people in `touched`."""
    cursor.execute(
        """
        CREATE OR REPLACE TEMP TABLE said AS
        WITH entry AS (
            SELECT person_id, "at", events.rowid AS n,
                   unnest(map_entries(try_cast(props::JSON AS MAP(VARCHAR, JSON)))) AS e
            FROM events JOIN touched USING (person_id)
            WHERE type = 'identify' AND props IS NOT NULL)
        SELECT person_id, e.key AS name,
               arg_max(coalesce(e.value, 'null'::JSON), ("at", n)) AS value
        FROM entry GROUP BY person_id, e.key
        """
    )
    _widen(cursor)


def said_of_people(column: str, struct: str, nulls: str) -> dict[str, str]:
    """SQL for what the JSON object in `column` says for the record store, by field.

    Null where nothing is said, "" where a value is taken away. `struct` holds the members of
    `MEMBERS`, in which what is null cannot be told from what is missing; `nulls` tells whether any
    may be.
    """

    def member(name: str) -> str:
        gone = f"json_type({column}, '$.{name}') = 'NULL'"
        said = f"{struct}.{name}"
        # Few say that something is gone; only those are looked at once more.
        is_gone = f"{nulls} AND {said} IS NULL AND {gone}"
        return f"CASE WHEN {is_gone} THEN '' ELSE {said} END"

    return {
        field: f"coalesce({', '.join(map(member, spellings))})"
        for field, spellings in LEARNT.items()
    }


MEMBERS = tuple(spelling for spellings in LEARNT.values() for spelling in spellings)


def newest(field: str) -> str:
    """SQL for what was said last in a group of lines."""
    return f'arg_max({field}, ("at", n))'


def _registered(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return cursor.execute("SELECT name, col, kind FROM traits").fetchall()


def _add_column(cursor: duckdb.DuckDBPyConnection, name: str, col: str, kind: str) -> None:
    cursor.execute(f"ALTER TABLE profiles ADD COLUMN {col} {schema.KINDS[kind]}")
    cursor.execute("INSERT INTO traits VALUES (?, ?, ?)", [name, col, kind])


def _make_text(cursor: duckdb.DuckDBPyConnection, col: str) -> None:
    if cursor.execute("SELECT current_database()").fetchall() == [(LAKE,)]:
        # A lake only widens a column, and a file does not swap one within a transaction.
        cursor.execute(f"ALTER TABLE profiles ADD COLUMN {col}_text VARCHAR")
        cursor.execute(f"UPDATE profiles SET {col}_text = {col}::VARCHAR")
        cursor.execute(f"ALTER TABLE profiles DROP COLUMN {col}")
        cursor.execute(f"ALTER TABLE profiles RENAME COLUMN {col}_text TO {col}")
    else:
        cursor.execute(f"ALTER TABLE profiles ALTER {col} SET DATA TYPE VARCHAR")
    cursor.execute("UPDATE traits SET kind = 'text' WHERE col = ?", [col])


def _write_as_said(cursor: duckdb.DuckDBPyConnection, named: Sequence[tuple[str, str]]) -> None:
    """Texts that were numbers, by their names and columns, read as they were said: 5, not 5.0."""
    paths = ", ".join(schema.literal(_pointer(name)) for name, _col in named)
    newest_of = ", ".join(f'arg_max(v[{i}], ("at", n)) AS v{i}' for i in range(1, len(named) + 1))
    changes = ", ".join(
        f"{col} = CASE WHEN {col} IS NOT NULL THEN said.v{i} ->> '$' END"
        for i, (_name, col) in enumerate(named, 1)
    )
    has_any = " OR ".join(f"{col} IS NOT NULL" for _name, col in named)
    cursor.execute(
        f"""
        UPDATE profiles SET {changes} FROM (
            SELECT person_id, {newest_of} FROM (
                SELECT person_id, "at", rowid AS n,
                       json_extract(props, CAST([{paths}] AS VARCHAR[])) AS v
                FROM events WHERE type = 'identify'
                  AND person_id IN (SELECT person_id FROM profiles WHERE {has_any}))
            GROUP BY person_id) AS said
        WHERE said.person_id = profiles.person_id
        """
    )


def _typed(value: str, kind: str) -> str:
    plain = f"CASE json_type({value}) WHEN 'NULL' THEN NULL ELSE {value} ->> '$' END"
    return f"try_cast({plain} AS {schema.KINDS[kind]})"
