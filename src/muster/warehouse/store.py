"""The warehouse file: one process owns it, many may ask, one loader writes (PF1, PF3)."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from muster.kit.clients import while_there
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.warehouse import duck, schema
from muster.warehouse.elsewhere import Elsewhere, NoAnswer, Session, Stopped

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as Backend

    from muster.warehouse.engines.engine import Engine, Held
    from muster.warehouse.lake import Lake

_KEY_VARIABLE = "muster_key"
_SAFE_KIND = re.compile(r"^[a-z_]+$")
_log = logging.getLogger(__name__)


class Rebuilding(NoAnswer):
    """Not everything that happened is in the tables yet: what they say would be too little."""

    code = "rebuilding"
    text = _(
        "The numbers are being rebuilt from the event log. Nothing is lost, and new events are "
        "kept meanwhile. Try again in a few minutes."
    )


class TooSlow(NoAnswer):
    """The question took longer than it may, or found no free place in time."""

    code = "too_slow"
    text = _(
        "The answer took longer than %(seconds)s seconds and was stopped. Ask about fewer people, "
        "fewer conditions or a shorter time, or try again when less is going on."
    )


class Superseded(Refused):
    """Whoever asked has asked anew meanwhile."""

    code = "superseded"
    text = _("A newer question took the place of this one.")


class _Asking:
    """A question under way that a newer one of the same asker may stop."""

    def __init__(self) -> None:
        self.is_stopped = False
        self.interrupts: list[Callable[[], None]] = []
        """What ends the work, of every connection at work."""
        self._over = threading.Event()

    def over(self) -> None:
        self._over.set()

    def stop(self) -> None:
        """Interrupt it until it is gone: between two statements an interruption is lost."""
        self.is_stopped = True
        while not self._over.wait(0.02):
            self.interrupt()

    def interrupt(self) -> None:
        """End what is being done now."""
        for interrupt in tuple(self.interrupts):
            interrupt()


class InUse(Refused):
    """Another process has the file open."""

    code = "warehouse_in_use"
    text = _(
        "Another Muster has the warehouse %(path)s open. Stop it, or let the command talk to it "
        "by using the same data folder."
    )


class Warehouse:
    """The DuckDB file with the tables of `schema`; `path` None keeps all of it in memory.

    With a `lake` the tables are there instead of in a file. With an `engine` the file is the
    stage: events become rows in it, single people are looked up in it, and `mirror` brings what
    changed to the engine, which answers the questions about sets of people.

    A file that cannot be opened is moved aside and an empty one takes its place; `needs_rebuild`
    then says that the spool must be loaded again. Damage that shows later, inside the file, is
    kept in `damage` until the loader lets `renew` do the same. Meanwhile nobody is answered.
    """

    def __init__(
        self,
        path: Path | None,
        hash_key: bytes,
        *,
        readers: int | None = None,
        megabytes: int | None = None,
        lake: Lake | None = None,
        engine: Engine | None = None,
    ) -> None:
        cores = os.cpu_count() or 1
        self.path = path
        self.lake = lake
        self.engine = engine
        self.mirrored: Held | None = None
        """What the engine has, as far as this process knows."""
        self.needs_rebuild = False
        self.damage = ""
        """What showed that the file that is open is damaged; empty when nothing did."""
        self.as_of: datetime | None = None
        """Every event that was acknowledged before this moment is in the tables; None before the
        first load."""
        self._hash_key = hash_key.hex()
        # Free readers slowed the loader to a fifth; with one place less than cores it keeps pace.
        self._number_of_places = readers or max(1, cores - 1)
        self._places = threading.BoundedSemaphore(self._number_of_places)
        self._reading = threading.local()
        self._asking: dict[str, _Asking] = {}
        self._taking_over = threading.Lock()
        self._writing = threading.RLock()
        self.megabytes = megabytes or max(_memory_megabytes() // 3, 512)
        """How much memory the engine of this process may use."""
        self._con = self._open()

    @contextmanager
    def read(self, seconds: float = 30, *, asker: str = "") -> Iterator[Backend]:
        """An Ibis backend on a cursor of its own, to be used and left within `seconds`.

        Raises TooSlow when no place becomes free or the work inside is not done by then, and
        Rebuilding while the tables do not hold all that happened. With an `asker` it first stops
        what the same one asked before, there with Superseded, and it ends when the client of the
        request at hand leaves. Inside another `read` of the same thread it gives the same backend.
        """
        held: Backend | None = getattr(self._reading, "backend", None)
        if held is not None:
            yield held
            return
        started = datetime.now(UTC)
        with self._only_one_of(asker) as asking:
            if not self._places.acquire(timeout=seconds):
                raise TooSlow(seconds=seconds)
            try:
                if self.needs_rebuild:
                    raise Rebuilding
                left = seconds - (datetime.now(UTC) - started).total_seconds()
                with (
                    self._cursor() as cursor,
                    _stopped_after(left, cursor, seconds, asking),
                    self._backend(cursor, left, asking) as backend,
                ):
                    self._reading.backend = backend
                    try:
                        yield backend
                    finally:
                        self._reading.backend = None
            finally:
                self._places.release()

    @contextmanager
    def _backend(
        self, cursor: duckdb.DuckDBPyConnection, left: float, asking: _Asking
    ) -> Iterator[Backend]:
        if self.engine is None:
            yield duck.over(cursor)
            return
        engine = self.engine
        with ExitStack() as stack:

            def session() -> Session:
                one = stack.enter_context(engine.session())
                one.limit(left)
                asking.interrupts.append(one.stop)
                stack.callback(asking.interrupts.remove, one.stop)
                return one

            held = self.mirrored
            built, rows = (held.built, held.rows) if held else ("", 0)
            yield Elsewhere.beside(cursor, session, rows, built)

    @contextmanager
    def stage(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that sees the tables as they are now, however long it looks."""
        with self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")

    @contextmanager
    def _only_one_of(self, asker: str) -> Iterator[_Asking]:
        """Take the place of what the asker asked before."""
        mine = _Asking()
        with self._taking_over:
            before = self._asking.get(asker) if asker else None
            if asker:
                self._asking[asker] = mine
        if before is not None:
            before.stop()
        try:
            with while_there(mine.stop) if asker else nullcontext():
                yield mine
        finally:
            mine.over()
            with self._taking_over:
                if asker and self._asking.get(asker) is mine:
                    del self._asking[asker]

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside one transaction; for the loader only, one at a time."""
        with self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield cursor
            except BaseException:
                # Where the file failed there may be nothing left to take back.
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def checkpoint(self) -> None:
        """Move what was written from the log into the file."""
        with self._writing, self._cursor() as cursor:
            cursor.execute("CHECKPOINT")

    def clear_values(self, until: datetime, found_in: Callable[[str], Collection[str]]) -> int:
        """Write null for values of properties of events up to that moment; of how many events.

        `found_in` is given JSON that holds some of the properties and says which of its values, as
        they are written there, have to go.
        """
        values = r"""regexp_extract_all(props, '"(?:[^"\\]|\\.)*"|\d{7,15}')"""
        might = r"@|\d{7}|\d[ ().-]+\d"
        some = f"props IS NOT NULL AND received_at <= ? AND regexp_matches(props, '{might}')"
        moment = until.astimezone(UTC).replace(tzinfo=None)
        gone: set[str] = set()
        cleared = 0
        # No chunk of the log may come in between what is looked for and what is cleared.
        with self.write() as cursor:
            cursor.execute(
                f"SELECT DISTINCT unnest({values}) AS value FROM events WHERE {some}",  # noqa: S608
                [moment],
            )
            while rows := cursor.fetchmany(10_000):
                gone |= set(found_in("[" + ",".join(row[0] for row in rows) + "]"))
            told = "|".join(map(re.escape, sorted(gone)))
            # Between what stands round a value: a name of a member, or a part of a number, stays.
            pattern = rf"([:\[,]\s*)(?:{told})(\s*[,}}\]])"
            while gone:
                # Of two beside each other in a list the second is found the second time.
                hits = f"{some} AND regexp_matches(props, ?)"
                done = cursor.execute(
                    r"UPDATE events SET props = regexp_replace(props, ?, '\1null\2', 'g')"  # noqa: S608
                    f" WHERE {hits}",
                    [pattern, moment, pattern],
                ).fetchone()
                if not done or not done[0]:
                    break
                cleared = cleared or int(done[0])
        return cleared

    def compact(self) -> None:
        """Write the tables into a new file: what was deleted stays in no free block of the old.

        Waits until nobody asks, and lets nobody ask meanwhile. Where rows of events were taken
        out the others move up, so the tables have another name afterwards.
        """
        with self._writing:
            with self.write() as cursor:
                moves = _may_move(cursor) or (self.lake is None and _has_gaps(cursor))
                if moves:
                    # Remembered in the tables: a kill may come at any place from here on.
                    let_move(cursor)
            if self.lake is not None:
                with self._cursor() as cursor:
                    self.lake.compact(cursor)
            if self.path is not None:
                self._write_anew(self.path)
            elif moves and self.lake is None:
                with self.write() as cursor:
                    cursor.execute("CREATE TABLE fresh AS SELECT * FROM events")
                    cursor.execute("DROP TABLE events")
                    cursor.execute("ALTER TABLE fresh RENAME TO events")
            if moves:
                with self.write() as cursor:
                    _name_anew(cursor)

    def owes_compacting(self) -> bool:
        """Whether rows were taken out of which the file still holds what they said."""
        with self._cursor() as cursor:
            return _may_move(cursor)

    def _write_anew(self, path: Path) -> None:
        fresh = path.with_name(f"{path.name}.fresh")
        with self._alone(), self._watched():
            fresh.unlink(missing_ok=True)
            self._con.execute(f"ATTACH {schema.literal(fresh)} AS fresh")
            try:
                self._con.execute(f"COPY FROM DATABASE {_database_of(self._con)} TO fresh")
            finally:
                self._con.execute("DETACH fresh")
            self._con.close()
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            fresh.replace(path)
            self._con = self._open()
            if self.engine is not None:
                # Another engine keeps what was deleted too: it gets everything anew.
                self._con.execute("UPDATE followed SET id = ?", [uuid.uuid4().hex])

    def renew(self) -> None:
        """Move the damaged file aside; an empty one takes its place, to be filled again.

        Waits until nobody asks, and lets nobody ask meanwhile.
        """
        if self.path is None:
            return
        with self._alone():
            with suppress(duckdb.Error):
                self._con.close()
            if self.damage != _MOVED:
                _move_aside(self.path, self.damage)
            # The new one may not come to be, as on a full disk: what lies there is no damage then.
            self.damage = _MOVED
            self.needs_rebuild = True
            self.as_of = None
            self._con = self._open()
            self.damage = ""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody writes or asks in the block."""
        with self._writing:
            for _place in range(self._number_of_places):
                self._places.acquire()
            try:
                yield
            finally:
                for _place in range(self._number_of_places):
                    self._places.release()

    def empty(self) -> None:
        """Forget everything; the spool can bring it back."""
        with self._writing, self._cursor() as cursor:
            cursor.execute("BEGIN")
            for table in self._tables:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in schema.create_statements(self._tables):
                cursor.execute(statement)
            _name_anew(cursor)
            self._note_changes(cursor)
            cursor.execute("COMMIT")
        self.as_of = None

    def hash_of(self, kind: str, value: str) -> str:
        """The keyed hash under which `identities` knows a value of this kind.

        Kinds are `external_id`, `email` (lower case), `phone` and `anonymous`.
        """
        return hashlib.sha256(f"{self._hash_key}{kind}:{value}".encode()).hexdigest()[:32]

    def hash_sql(self, kind: str, value: str) -> str:
        """`hash_of` as an SQL expression over the SQL expression `value`."""
        return self.hash_of_name(self.name_sql(kind, value))

    def name_sql(self, kind: str, value: str) -> str:
        """SQL for a name that says its kind, to be hashed by `hash_of_name`."""
        if not _SAFE_KIND.match(kind):
            raise ValueError(kind)
        return f"'{kind}:' || {value}"

    def hash_of_name(self, name: str) -> str:
        """SQL for the keyed hash of what `name_sql` gives."""
        return f"left(sha256(getvariable('{_KEY_VARIABLE}') || {name}), 32)"

    def event_id(self, said: str) -> str:
        """SQL for the id of an event that is known by the SQL expression `said`."""
        number = f"md5_number({said})"
        return f"lpad(hex({number}), 32, '0')::UUID" if self.lake else number

    def close(self) -> None:
        """Write everything into the file and let go of it."""
        with self._writing:
            self._con.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._watched():
            cursor = self._con.cursor()
            try:
                cursor.execute("SET TimeZone = 'UTC'")
                cursor.execute(f"SET VARIABLE {_KEY_VARIABLE} = '{self._hash_key}'")
                if self.lake is not None:
                    self.lake.use(cursor)
                yield cursor
            finally:
                cursor.close()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Damage of the file that shows in the block is remembered, and told as Rebuilding."""
        try:
            yield
        except duckdb.Error as error:
            if self.path is None or not _is_damage(error):
                raise
            self.damage = str(error)
            self.needs_rebuild = True
            self.as_of = None
            raise Rebuilding from error

    def _open(self) -> duckdb.DuckDBPyConnection:
        try:
            return self._connect()
        except duckdb.Error as error:
            if self.path is None or _is_not_damage(self.path, error):
                raise
            if "Could not set lock" in str(error):
                raise InUse(path=str(self.path)) from error
            _move_aside(self.path, str(error))
            self.needs_rebuild = True
            return self._connect()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{self.megabytes}MB",
            "autoinstall_known_extensions": "false",
            "python_enable_replacements": "false",
        }
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            settings["temp_directory"] = str(self.path.with_suffix(".tmp"))
        con = duckdb.connect(str(self.path or ":memory:"), config=settings)
        try:
            if self.lake is not None:
                self.lake.attach(con)
            self._prepare(con)
        except BaseException:
            con.close()
            raise
        return con

    @property
    def _tables(self) -> Mapping[str, Mapping[str, str]]:
        tables = {**schema.TABLES, **schema.CHANGES} if self.engine else schema.TABLES
        return self.lake.tables(tables) if self.lake else tables

    def _prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        con.execute("CREATE TABLE IF NOT EXISTS version (number INTEGER)")
        found = con.execute("SELECT max(number) FROM version").fetchone()
        number = found[0] if found else None
        if number not in (None, schema.VERSION):
            for table in self._tables:
                con.execute(f"DROP TABLE IF EXISTS {table}")
            self.needs_rebuild = True
        for statement in schema.create_statements(self._tables):
            con.execute(statement)
        if number != schema.VERSION:
            con.execute("DELETE FROM version")
            con.execute("INSERT INTO version VALUES (?)", [schema.VERSION])
            _name_anew(con)
        self._note_changes(con)

    def _note_changes(self, con: duckdb.DuckDBPyConnection) -> None:
        """What changes is noted from here on; what was noted before a gap is worth nothing."""
        if self.engine is None:
            for table in schema.CHANGES:
                con.execute(f"DROP TABLE IF EXISTS {table}")
        elif con.execute("SELECT count(*) FROM followed").fetchall() == [(0,)]:
            con.execute("INSERT INTO followed VALUES (?)", [uuid.uuid4().hex])


def _name_anew(con: duckdb.DuckDBPyConnection, mark: str = "") -> None:
    """Give the tables another name, by which those who remember a row know that it moved."""
    con.execute("DELETE FROM built")
    con.execute("INSERT INTO built VALUES (?)", [mark + uuid.uuid4().hex])


def let_move(con: duckdb.DuckDBPyConnection) -> None:
    """Note, where rows of events are taken out, that the others may move until `compact`.

    The engine closes the gaps when it likes. The note stands in the name of the tables, so it
    holds from the moment on at which the rows are gone, whatever is killed when.
    """
    _name_anew(con, schema.MOVING)


def _may_move(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute("SELECT max(id) FROM built").fetchone()
    return found is not None and str(found[0]).startswith(schema.MOVING)


def _has_gaps(con: duckdb.DuckDBPyConnection) -> bool:
    found = con.execute("SELECT coalesce(max(rowid) + 1, 0) <> count(*) FROM events").fetchone()
    return bool(found and found[0])


def _database_of(con: duckdb.DuckDBPyConnection) -> str:
    row = con.execute("SELECT current_database()").fetchone()
    return schema.quoted(row[0] if row else "")


def _is_not_damage(path: Path, error: duckdb.Error) -> bool:
    readable = not path.exists() or os.access(path, os.R_OK | os.W_OK)
    return not readable or any(sign in str(error) for sign in _OF_THE_MACHINE)


def _is_damage(error: duckdb.Error) -> bool:
    """Whether an open file turned out to be damaged.

    Once it did in a transaction, all that follows fails by repeating the first error.
    """
    # What is said of a question repeats its words, and those may be anything.
    if isinstance(error, _OF_QUESTIONS):
        return False
    said = str(error)
    return _CORRUPT in said and not any(sign in said for sign in _OF_THE_MACHINE)


_CORRUPT = "Corrupt database file"
_OF_THE_MACHINE = (
    "No space left",
    "Permission denied",
    "Read-only file system",
    "Disk quota exceeded",
    "Too many open files",
    "Out of Memory",
)
"""Errors of the engine that say nothing of the file."""


def look(path: Path) -> str:
    """Read all of a file that nobody has open; what is wrong with it, empty if nothing is."""
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                name = schema.quoted(table)
                # What stands in the rows does not matter, only that every block is read.
                con.execute(f"SELECT bit_xor(hash(t)) FROM {name} AS t").fetchall()  # noqa: S608
    except duckdb.Error as error:
        return str(error).strip().partition("\n")[0]
    return ""


def damaged_files(path: Path) -> list[Path]:
    """The files that were moved aside from the place of this one, oldest first."""
    found = path.parent.glob(f"{path.name}{_ASIDE}*")
    return sorted(file for file in found if _OF_A_MOMENT.search(file.name))


def damaged_at(aside: Path) -> datetime:
    """When a file was moved aside, in UTC."""
    moment = aside.name.rpartition(_ASIDE)[2]
    return datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)


_MOVED = "moved aside"
"""Stands for the damage of a file whose place is still empty."""
_OF_QUESTIONS = (
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.CatalogException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)
_ASIDE = ".damaged-"
_OF_A_MOMENT = re.compile(r"\.damaged-\d{8}T\d{12}$")
_MOMENT = "%Y%m%dT%H%M%S%f"


def _move_aside(path: Path, why: str) -> None:
    aside = f"{_ASIDE}{datetime.now(UTC).strftime(_MOMENT)}"
    for file in (path, path.with_name(path.name + ".wal")):
        if file.exists():
            file.rename(file.with_name(file.name + aside))
    _log.warning(
        "The warehouse file was damaged (%s). It lies now in %s; the numbers are being rebuilt "
        "from the event log.",
        why.strip().partition("\n")[0],
        path.name + aside,
    )


@contextmanager
def _stopped_after(
    left: float, cursor: duckdb.DuckDBPyConnection, seconds: float, asking: _Asking
) -> Iterator[None]:
    asking.interrupts.append(cursor.interrupt)
    timer = threading.Timer(max(left, 0), asking.interrupt)
    timer.daemon = True
    timer.start()
    try:
        if asking.is_stopped:
            raise Superseded
        yield
    except (duckdb.InterruptException, Stopped) as error:
        refusal = Superseded() if asking.is_stopped else TooSlow(seconds=seconds)
        raise refusal from error
    finally:
        asking.interrupts.clear()
        timer.cancel()


def _memory_megabytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
