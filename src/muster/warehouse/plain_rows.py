"""Rows of a file of people that are plainly clean, understood by the engine all at once (PE2).

Whatever is not surely clean is left for the rules that look at single cells: what is said here of
a row must be what they would say.
"""

# ruff: noqa: S608 - the statements hold names of ours and patterns; cells stay in the tables.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from muster.warehouse.records import PLAIN
from muster.warehouse.schema import literal

MOST_LISTED = 10_000
PIECE = 16 * 1024 * 1024
SPLIT_AT_ONCE = 50_000
LONGEST_ID = 200
LONGEST_EMAIL = 254
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
_MIXED_EMAIL = PLAIN["email"].replace("a-z", "A-Za-z")
_MOBILE = "1[3-9][0-9]{9}"
_NAMES = ("first_name", "last_name", "language", "time_zone")


@dataclass(frozen=True)
class Rules:
    """How the columns of a file are understood."""

    targets: Sequence[str]
    """Per column: field, trait, `consent:…`, or "" for what is left out."""
    region: str
    """Country of phone numbers without a country code."""
    longest: int
    """Letters of a cell that is no matter for the single rules."""
    odd_text: str
    """Pattern of texts that might be mended."""
    traits: Sequence[str]
    consents: Sequence[str]
    """The consents of the table, `consent:…` as the targets say them."""
    agreed: frozenset[str]
    """Those that everybody gave who does not say otherwise."""
    ends: str
    text: str
    word: Callable[[str], str | None]
    """What a cell of a consent says."""
    split: Callable[[str], tuple[str, str]]
    """First and last name of a whole name."""


@dataclass
class Taken:
    """What became of the rows."""

    rows: int = 0
    """Of the whole file, without those that are empty."""
    left: int = 0
    """Rows that are not plainly clean."""
    forms: dict[str, tuple[int, list[tuple[int, str, str]]]] = field(default_factory=dict)
    """`email`, `phone` → how many were written otherwise, and some: row, before, after."""


def read(con: duckdb.DuckDBPyConnection, path: Path, separator: str, width: int) -> bool:
    """Put the cells of a CSV file in UTF-8 into the table `raw`, stripped, with the row's number.

    False if it is not so plain that every line is a row: then there is no such table.
    """
    lines = _lines(path)
    if lines is None:
        return False
    columns = ", ".join(f"'cell{i}': 'VARCHAR'" for i in range(width))
    cells = ", ".join(f"{_stripped(f'cell{i}')} AS cell{i}" for i in range(width))
    try:
        con.execute(
            f"""
            CREATE TABLE raw AS SELECT row_number() OVER () AS n, {cells} FROM read_csv(
                {literal(path)}, columns = {{{columns}}}, auto_detect = false, header = false,
                delim = {literal(separator)}, quote = '', escape = '', comment = '',
                null_padding = false, strict_mode = true, encoding = 'utf-8')
            """
        )
    except duckdb.Error:
        return False
    some = " OR ".join(f"cell{i} <> ''" for i in range(width))
    found = con.execute(f"SELECT count(*), bool_or(n = 1 AND ({some})) FROM raw").fetchone() or (
        0,
        False,
    )
    if found != (lines, True):
        con.execute("DROP TABLE raw")
        return False
    # The first one is the header.
    con.execute(f"DELETE FROM raw WHERE n = 1 OR NOT ({some})")
    return True


def _lines(path: Path) -> int | None:
    """How many lines there are; None if a mark in it could make something else of a line."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            if b'"' in piece or b"\x00" in piece:
                return None
            ends = (last[-1:] + piece).count(b"\r\n") + piece.endswith(b"\r")
            if last.endswith(b"\r"):
                ends -= 1 if piece[:1] == b"\n" else 0
                if piece[:1] != b"\n":
                    return None
            if piece.count(b"\r") != ends:
                return None
            lines += piece.count(b"\n")
            last = piece[-1:]
    return None if last == b"\r" else lines + (last != b"\n")


def _stripped(column: str) -> str:
    cell = f"coalesce({column}, '')"
    # To strip is dear, and most cells neither begin nor end with what may have to go.
    ends = f"unicode({cell})", f"unicode(right({cell}, 1))"
    is_bare = " AND ".join(
        f"NOT ({end} BETWEEN 1 AND 39 OR {end} BETWEEN 133 AND 160 OR {end} BETWEEN 5760 AND 12288)"
        for end in ends
    )
    # Our error files put ' before what a spreadsheet would take for a formula.
    stripped = f"regexp_replace(trim({cell}, {literal(_SPACES)}), '^''([=+@-])', '\\1')"
    return f"CASE WHEN {is_bare} THEN {cell} ELSE {stripped} END"


def take(con: duckdb.DuckDBPyConnection, rules: Rules) -> Taken:
    """Move the rows of `raw` that are plainly clean into `file`."""
    column = {target: f"cell{i}" for i, target in enumerate(rules.targets) if target}
    plain = [f"length({c}) <= {rules.longest}" for c in column.values()]
    texts, source = [], "raw"
    state = {}
    for target, c in column.items():
        if target == "external_id":
            plain += [f"length({c}) <= {LONGEST_ID}", f"NOT contains({c}, 'E')"]
        elif target in ("consent_expires_at", "consent_text"):
            plain.append(f"{c} = ''")
        elif target.startswith("consent:"):
            _put_words(con, c, rules)
            source += f" LEFT JOIN word_{c} ON word_{c}.word = {c}"
            state[target] = f"word_{c}.state"
            plain.append(f"({c} = '' OR {state[target]} IS NOT NULL)")
        elif target not in ("email", "phone"):
            texts.append(c)
    for c in texts:
        # In ASCII only these are odd; to look for a pattern takes many times as long.
        ascii_odd = f"contains({c}, '  ') OR contains({c}, chr(9)) OR contains({c}, chr(13))"
        odd = f"regexp_matches({c}, {literal(rules.odd_text)})"
        plain.append(f"NOT CASE WHEN strlen({c}) = length({c}) THEN {ascii_odd} ELSE {odd} END")
    value = {target: f"nullif({c}, '')" for target, c in column.items()}
    if email := column.get("email"):
        clean = f"regexp_matches({email}, '{_MIXED_EMAIL}') AND length({email}) <= {LONGEST_EMAIL}"
        plain.append(f"({email} = '' OR {clean})")
        value["email"] = f"nullif(lower({email}), '')"
    if phone := column.get("phone"):
        country = r"(\+?86|0086)?" if rules.region == "CN" else r"\+86"
        bare = f"translate({phone}, ' ()-', '')"
        plain.append(f"({phone} = '' OR regexp_full_match({bare}, '{country}{_MOBILE}'))")
        value["phone"] = f"CASE WHEN {phone} <> '' THEN '+86' || right({bare}, 11) END"
    said = [column[kind] for kind in ("external_id", "email", "phone") if kind in column]
    plain.append("(" + " OR ".join(f"{c} <> ''" for c in said or ["''"]) + ")")
    if whole := column.get("name"):
        _put_names(con, whole, rules)
        source += f" LEFT JOIN split ON split.name = {whole}"
        for name in ("first_name", "last_name"):
            value[name] = f"coalesce({value.get(name, 'NULL')}, split.{name})"
    fields = [value.get(name, "NULL") for name in ("external_id", "email", "phone", *_NAMES)]
    fields += [value[t] for t in rules.traits]
    for target in rules.consents:
        own = state.get(target, "NULL")
        fields.append(f"coalesce({own}, 'granted')" if target in rules.agreed else own)
    fields += [literal(one) if one else "NULL" for one in (rules.ends, rules.text)]
    con.execute(
        f"INSERT INTO file SELECT raw.n, {', '.join(fields)} FROM {source}"
        f" WHERE {' AND '.join(plain)}"
    )
    taken = Taken()
    taken.rows, taken.left = con.execute(
        "SELECT count(*), count(*) - (SELECT count(*) FROM file) FROM raw"
    ).fetchone() or (0, 0)
    for kind in ("email", "phone"):
        if kind in column:
            taken.forms[kind] = _rewritten(con, kind, column[kind])
    return taken


def _rewritten(
    con: duckdb.DuckDBPyConnection, kind: str, cell: str
) -> tuple[int, list[tuple[int, str, str]]]:
    where = f"FROM raw JOIN file USING (n) WHERE {cell} <> '' AND {cell} <> {kind}"
    count = (con.execute(f"SELECT count(*) {where}").fetchone() or (0,))[0]
    rows = con.execute(
        f"SELECT n, {cell}, {kind} {where} ORDER BY n LIMIT {MOST_LISTED}"
    ).fetchall()
    return count, rows


def left(con: duckdb.DuckDBPyConnection, width: int, size: int) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of the rows that `take` has left, in their order; `raw` is gone then."""
    cells = ", ".join(f"cell{i}" for i in range(width))
    rows = con.cursor().execute(
        f"SELECT n, {cells} FROM raw WHERE n NOT IN (SELECT n FROM file) ORDER BY n"
    )
    while batch := rows.fetchmany(size):
        for number, *row in batch:
            yield number, row


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Remove the table of cells."""
    con.execute("DROP TABLE raw")


def _put_words(con: duckdb.DuckDBPyConnection, c: str, rules: Rules) -> None:
    words = [row[0] for row in con.execute(f"SELECT DISTINCT {c} FROM raw").fetchall()]
    states = [rules.word(word) if word else None for word in words]
    table = pa.table({"word": pa.array(words, pa.string()), "state": pa.array(states, pa.string())})
    con.register("given", table)
    con.execute(f"CREATE TABLE word_{c} AS SELECT * FROM given")
    con.unregister("given")


def _put_names(con: duckdb.DuckDBPyConnection, c: str, rules: Rules) -> None:
    con.execute("CREATE TABLE split (name VARCHAR, first_name VARCHAR, last_name VARCHAR)")
    asked = con.cursor().execute(f"SELECT DISTINCT {c} FROM raw WHERE {c} <> ''")
    while names := [row[0] for row in asked.fetchmany(SPLIT_AT_ONCE)]:
        columns = [names, *zip(*map(rules.split, names), strict=True)]
        arrays = [pa.array(column, pa.string()) for column in columns]
        con.register("given", pa.table(arrays, names=["name", "first", "last"]))
        con.execute("INSERT INTO split SELECT name, nullif(first, ''), nullif(last, '') FROM given")
        con.unregister("given")
