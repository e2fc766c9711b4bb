"""A file of people on its way in, as a table that can be asked (PE2, ME5).

What goes beyond a set amount of memory lies on disk beside the file while the work goes on, so that
memory does not grow with the rows; questions about the whole file are one statement each.
"""

# ruff: noqa: S608 - the statements hold names of ours, and names of traits only as quoted text.

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from muster.warehouse import plain_rows
from muster.warehouse.plain_rows import Taken
from muster.warehouse.schema import literal

IDENTITIES = ("external_id", "email", "phone")
NAMES = ("first_name", "last_name", "language", "time_zone")
MEMORY = "512MB"
MOST_LISTED = 10_000
_FIRST_LOOK = 10_000
SHARED_BY = 10
"""So many people with one address are no household any more."""
OUTLIER_ROWS = 20
"""A column of fewer numbers has no median worth naming."""
_NUMBER = r"-?(0|[1-9]\d{0,14})(\.\d{1,12})?"
_KEY = (
    "CASE WHEN external_id IS NOT NULL THEN 'x' || external_id"
    " WHEN email IS NOT NULL THEN 'e' || email ELSE 'p' || phone END"
)

Found = tuple[int, list[tuple[int, str, str, str]]]
"""How many, and some: row number, column, what it says, what it becomes or may mean."""


@dataclass(frozen=True)
class Identify:
    """What the events of an import say beside what the rows say."""

    own: str
    """Beginning of the ids of its events."""
    numbers: frozenset[str]
    """Traits that are written as numbers."""
    more: Mapping[str, str]
    """Traits of everybody."""


class Intake:
    """The rows of one file; `traits` and `consents` name its further columns."""

    def __init__(self, path: Path, traits: Sequence[str], consents: Sequence[str]) -> None:
        self._spilled = Path(f"{path}.tmp")
        self.traits = tuple(traits)
        self.consents = tuple(consents)
        self.close()
        self._con = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY,
                "threads": "2",
                "python_enable_replacements": "false",
                "temp_directory": str(self._spilled),
            },
        )
        self._column = {name: f"t{i}" for i, name in enumerate(self.traits)}
        self.schema = pa.schema(
            [
                ("n", pa.int64()),
                *((name, pa.string()) for name in (*IDENTITIES, *NAMES)),
                *((f"t{i}", pa.string()) for i in range(len(self.traits))),
                *((f"c{i}", pa.string()) for i in range(len(self.consents))),
            ]
        )
        columns = ", ".join(
            f"{one.name} {'BIGINT' if one.name == 'n' else 'VARCHAR'}" for one in self.schema
        )
        self._con.execute(f"CREATE TABLE file ({columns})")

    def close(self) -> None:
        """Let go of the table and remove it."""
        con = getattr(self, "_con", None)
        if con is not None:
            con.close()
        shutil.rmtree(self._spilled, ignore_errors=True)

    def add(self, columns: Sequence[Sequence[object]]) -> None:
        """Some rows, given by column in the order of `schema`."""
        arrays = [
            pa.array(values, one.type) for values, one in zip(columns, self.schema, strict=True)
        ]
        self._con.register("given", pa.table(arrays, schema=self.schema))
        self._con.execute("INSERT INTO file SELECT * FROM given")
        self._con.unregister("given")

    def take_plain(self, path: Path, separator: str, rules: plain_rows.Rules) -> Taken | None:
        """Take the rows of a CSV file in UTF-8 that are plainly clean.

        None, and nothing is taken, if not every line of it is surely a row.
        """
        if not plain_rows.read(self._con, path, separator, len(rules.targets)):
            return None
        return plain_rows.take(self._con, rules)

    def left(self, width: int, size: int) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of the rows that `take_plain` has left, in their order."""
        yield from plain_rows.left(self._con, width, size)

    def distinct(self, most: int) -> dict[str, dict[str, int]]:
        """Trait → its values in the rows taken so far and how often; more than `most` are many."""
        found = {}
        for name, col in self._column.items():
            some = f"(SELECT {col} FROM file LIMIT {_FIRST_LOOK})"
            is_many = self._one(f"SELECT count(DISTINCT {col}) > {most} FROM {some}")[0]
            rows = self._con.execute(
                f"SELECT {col}, count(*) FROM {some if is_many else 'file'}"
                f" WHERE {col} IS NOT NULL GROUP BY {col} LIMIT {most + 1}"
            ).fetchall()
            found[name] = dict(rows)
        return found

    # -- what can be mended over a whole column -------------------------------------------------

    def zeros(self, column: str, *, apply: bool) -> Found:
        """Ids of digits that are shorter than those that begin with a zero, all equally long."""
        (width, widths) = self._one(
            "SELECT max(length(external_id)), count(DISTINCT length(external_id)) FROM file"
            " WHERE regexp_full_match(external_id, '0\\d+')"
        )
        if widths != 1:
            return 0, []
        short = f"regexp_full_match(external_id, '[1-9]\\d*') AND length(external_id) < {width}"
        padded = f"lpad(external_id, {width}, '0')"
        found = self._found(column, "external_id", padded, short)
        if apply and found[0]:
            self._con.execute(f"UPDATE file SET external_id = {padded} WHERE {short}")
        return found

    def dates(self, name: str, *, is_named: bool, apply: bool) -> tuple[Found, Found]:
        """Dates of a trait in other forms than ISO: those that are mended, and the ambiguous.

        `is_named`: the name of the column says that it holds dates, so 20260504 is one as well.
        """
        col = self._column[name]
        ymd = f"regexp_extract({col}, '{_YMD}', ['y', 'm', 'd'])"
        dmy = f"regexp_extract({col}, '{_DMY}', ['a', 'b', 'y'])"
        compact = f"regexp_full_match({col}, '(19|20)\\d{{6}}')" if is_named else "false"
        counts = self._one(
            f"""
            SELECT count(*), count(*) FILTER (iso), count(*) FILTER (ymd), count(*) FILTER (dmy),
                   count(*) FILTER (compact),
                   count(*) FILTER (dmy AND try_cast(parts.a AS INTEGER) > 12),
                   count(*) FILTER (dmy AND try_cast(parts.b AS INTEGER) > 12)
            FROM (SELECT regexp_full_match({col}, '\\d{{4}}-\\d\\d-\\d\\d') AS iso,
                         NOT iso AND regexp_matches({col}, '{_YMD}') AS ymd,
                         regexp_matches({col}, '{_DMY}') AS dmy,
                         {compact} AS compact, {dmy} AS parts
                  FROM file WHERE {col} BETWEEN '0' AND ':')
            """
        )
        _digits, iso, by_year, by_day, compacts, day_first, month_first = map(int, counts)
        total = int(self._one(f"SELECT count(*) FROM file WHERE {col} <> ''")[0])
        if not total or iso + by_year + by_day + compacts < 0.8 * total:
            return (0, []), (0, [])
        made = [_iso(ymd, "y", "m", "d"), f"CASE WHEN {compact} THEN {_COMPACT.format(col)} END"]
        is_clear = bool(day_first) != bool(month_first)
        if is_clear:
            made.append(_iso(dmy, "y", "b", "a") if day_first else _iso(dmy, "y", "a", "b"))
        better = f"coalesce({', '.join(made)})"
        where = f"{better} IS NOT NULL AND {better} <> {col}"
        mended = self._found(name, col, better, where)
        unclear: Found = (0, [])
        if by_day and not is_clear:
            unclear = self._found(name, col, "''", f"regexp_matches({col}, '{_DMY}')")
        if apply and mended[0]:
            self._con.execute(f"UPDATE file SET {col} = {better} WHERE {where}")
        return mended, unclear

    # -- who is who -----------------------------------------------------------------------------

    def settle(self) -> tuple[int, int]:
        """Find the last row of each person: (people, rows that a later one replaces)."""
        self._con.execute(
            f"CREATE TABLE last AS SELECT max(n) AS n FROM file GROUP BY {_KEY};"
            "ALTER TABLE file ADD COLUMN is_last BOOLEAN;"
            "UPDATE file SET is_last = n IN (SELECT n FROM last); DROP TABLE last"
        )
        people, rows = self._one("SELECT count(*) FILTER (is_last), count(*) FROM file")
        return int(people), int(rows) - int(people)

    def who(self, size: int) -> Iterator[list[tuple[int, str | None, str | None, str | None]]]:
        """Number, id, address and phone of the rows that count, in batches."""
        yield from self._batches("n, external_id, email, phone", size)

    def rows(self, size: int) -> Iterator[list[tuple[int | str | None, ...]]]:
        """Number, identities and consents of the rows that count, in batches."""
        consents = "".join(f", c{i}" for i in range(len(self.consents)))
        yield from self._batches(f"n, external_id, email, phone{consents}", size)

    def said(self, numbers: Sequence[int]) -> dict[int, tuple[str | None, ...]]:
        """Row number → address, phone and names that these rows say."""
        self._con.register("asked", pa.table({"n": pa.array(numbers, pa.int64())}))
        rows = self._con.execute(
            f"SELECT n, email, phone, {', '.join(NAMES)} FROM file JOIN asked USING (n)"
        ).fetchall()
        self._con.unregister("asked")
        return {row[0]: row[1:] for row in rows}

    def identities(self, numbers: Sequence[int]) -> dict[int, tuple[str | None, ...]]:
        """Row number → id, address and phone of these rows."""
        self._con.register("asked", pa.table({"n": pa.array(numbers, pa.int64())}))
        rows = self._con.execute(
            f"SELECT n, {', '.join(IDENTITIES)} FROM file JOIN asked USING (n)"
        ).fetchall()
        self._con.unregister("asked")
        return {row[0]: row[1:] for row in rows}

    def repeated(self, kind: str) -> frozenset[str]:
        """Addresses or phones that stand in several of the rows that count."""
        rows = self._con.execute(
            f"SELECT {kind} FROM file WHERE is_last AND {kind} IS NOT NULL"
            f" GROUP BY {kind} HAVING count(*) > 1"
        ).fetchall()
        return frozenset(value for (value,) in rows)

    def numbers(self) -> frozenset[str]:
        """Traits that hold nothing but numbers."""
        return frozenset(
            name
            for name, col in self._column.items()
            if self._one(
                f"SELECT coalesce(bool_and(regexp_full_match({col}, '{_NUMBER}')), false)"
                f" FROM file WHERE {col} <> ''"
            )[0]
        )

    # -- what looks wrong -----------------------------------------------------------------------

    def disposable(self, domains: Sequence[str], column: str) -> Found:
        """Addresses at one of these domains."""
        self._con.register("thrown", pa.table({"domain": pa.array(domains)}))
        return self._found(
            column, "email", "''", "split_part(email, '@', 2) IN (SELECT domain FROM thrown)"
        )

    def typos(self, providers: Sequence[str], genuine: Sequence[str], column: str) -> Found:
        """Addresses whose domain is one slip away from that of a large provider."""
        self._con.register("provider", pa.table({"name": pa.array(providers)}))
        self._con.register("genuine", pa.table({"name": pa.array([*providers, *genuine])}))
        self._con.execute(
            """
            CREATE OR REPLACE TEMP TABLE slip AS
            SELECT domain, arg_min(name, damerau_levenshtein(domain, name)) AS meant
            FROM (SELECT DISTINCT split_part(email, '@', 2) AS domain FROM file
                  WHERE email IS NOT NULL), provider
            WHERE domain NOT IN (SELECT name FROM genuine) AND length(name) >= 6
              AND abs(length(domain) - length(name)) <= 1
              AND damerau_levenshtein(domain, name) = 1
              -- 123.com is no slip of 163.com: digits are typed with more care.
              AND regexp_replace(domain, '[^0-9]', '', 'g')
                  = regexp_replace(name, '[^0-9]', '', 'g')
            GROUP BY domain
            """
        )
        return self._found(
            column,
            "email",
            "split_part(email, '@', 1) || '@' || meant",
            "true",
            "file JOIN slip ON domain = split_part(email, '@', 2)",
        )

    def shared(self, kind: str, column: str) -> Found:
        """Rows of different people with the same address or phone."""
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE crowd AS SELECT {kind} AS value,"
            f" count(DISTINCT {_KEY}) AS people FROM file WHERE {kind} IS NOT NULL"
            f" GROUP BY {kind} HAVING people >= {SHARED_BY}"
        )
        return self._found(
            column, kind, "CAST(people AS VARCHAR)", "true", f"file JOIN crowd ON value = {kind}"
        )

    def birthdays(self, name: str, today: str) -> Found:
        """Birthdays that are placeholders, too long ago, or to come."""
        col = self._column[name]
        day = f"try_cast({col} AS DATE)"
        return self._found(
            name,
            col,
            "''",
            f"{day} IN (DATE '1900-01-01', DATE '1970-01-01', DATE '1899-12-30')"
            f" OR {day} < DATE '{today}' - INTERVAL 121 YEAR OR {day} > DATE '{today}'",
        )

    def ages(self, name: str) -> Found:
        """Ages that nobody has."""
        col = self._column[name]
        return self._found(name, col, "''", f"try_cast({col} AS DOUBLE) NOT BETWEEN 0 AND 120")

    def amounts(self, name: str) -> Found:
        """Numbers at least a hundred times the median and, by the median distance, far from all."""
        col = self._column[name]
        value = f"try_cast({col} AS DOUBLE)"
        count, median = self._one(
            f"SELECT count(*), median(abs({value})) FROM file WHERE {value} <> 0"
        )
        if count < OUTLIER_ROWS or not median:
            return 0, []
        (mad,) = self._one(
            f"SELECT mad(abs({value})) FROM file WHERE {value} <> 0",
        )
        return self._found(
            name,
            col,
            "''",
            # Literals would be decimals here, whose products overflow.
            f"abs({value}) >= CAST({100 * median!r} AS DOUBLE)"
            f" AND abs({value}) > CAST({median + 3.5 * mad / 0.6745!r} AS DOUBLE)",
        )

    # -- on the way into the log ----------------------------------------------------------------

    def people_through(self, number: int) -> int:
        """How many people stand in the rows up to this one."""
        return int(self._one(f"SELECT count(*) FROM file WHERE is_last AND n <= {number:d}")[0])

    def lines(self, said: Identify, size: int, after: int) -> Iterator[tuple[int, list[bytes]]]:
        """Identify calls for the rows behind `after`, in batches with their last row number."""
        pairs = [_member(name, f"CAST(to_json({name}) AS VARCHAR)") for name in _SAID]
        pairs += [
            _member(name, col if name in said.numbers else f"CAST(to_json({col}) AS VARCHAR)", col)
            for name, col in self._column.items()
            if name not in said.more
        ]
        pairs += [
            literal(f",{msgspec.json.encode(name).decode()}:{msgspec.json.encode(value).decode()}")
            for name, value in said.more.items()
        ]
        # An empty cell says nothing.
        call = (
            '\'{"type":"identify","traits":{\' || substr('
            f"{' || '.join(pairs)}, 2) || '}},\"messageId\":\"{said.own}:' || n || '\"'"
            " || coalesce(',\"userId\":' || to_json(external_id), '') || '}'"
        )
        for batch in self._batches(f"n, {call}", size, after):
            yield int(batch[-1][0]), [str(line).encode() for _n, line in batch]

    def _batches(self, columns: str, size: int, after: int = 0) -> Iterator[list[tuple]]:  # type: ignore[type-arg]
        cursor = self._con.cursor()
        (last,) = self._one("SELECT coalesce(max(n), 0) FROM file")
        # Rows lie in their order, so a range of numbers is found without looking at all.
        for start in range(after, last, size):
            rows = cursor.execute(
                f"SELECT {columns} FROM file WHERE is_last AND n > {start:d}"
                f" AND n <= {start + size:d} ORDER BY n"
            ).fetchall()
            if rows:
                yield rows

    def _found(self, label: str, col: str, becomes: str, where: str, source: str = "file") -> Found:
        count = int(self._one(f"SELECT count(*) FROM {source} WHERE {where}")[0])
        if not count:
            return 0, []
        rows = self._con.execute(
            f"SELECT n, {col}, {becomes} FROM {source} WHERE {where} ORDER BY n LIMIT {MOST_LISTED}"
        ).fetchall()
        return count, [(n, label, str(said), str(better or "")) for n, said, better in rows]

    def _one(self, query: str) -> tuple:  # type: ignore[type-arg]
        return self._con.execute(query).fetchone() or ()


_SAID = ("email", "phone", *NAMES)


def _member(name: str, value: str, col: str = "") -> str:
    """SQL for a member of an object with a comma before it; "" where the column is empty."""
    begin = literal(f",{msgspec.json.encode(name).decode()}:")
    return f"CASE WHEN {col or name} <> '' THEN {begin} || {value} ELSE '' END"


_REST = r"(?:[ T]0{1,2}:00(?::00)?(?:\.0+)?Z?)?$"
_YMD = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _REST
_DMY = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _REST
_COMPACT = "strftime(try_strptime({}, '%Y%m%d'), '%Y-%m-%d')"


def _iso(parts: str, year: str, month: str, day: str) -> str:
    """SQL for the ISO date of a struct of texts; null if there is no such day."""
    text = (
        f"({parts}).{year} || '-' || lpad(({parts}).{month}, 2, '0')"
        f" || '-' || lpad(({parts}).{day}, 2, '0')"
    )
    return f"CAST(try_cast({text} AS DATE) AS VARCHAR)"
