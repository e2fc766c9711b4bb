"""From the event log into the warehouse: each event once, whatever is killed when (TR1, PE1, PE4).

The loader takes the new tail of the spool in chunks, lets the engine parse it, and writes the rows
and how far it came in one transaction. All work is set-based: a chunk is a few statements, however
many events it holds.
"""

# ruff: noqa: S608 - what the statements are put together from are names and expressions of ours;
# everything that a sender says is read from the file by the engine.

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from muster.events import names
from muster.events.shape import NO_IDS, OURS
from muster.events.spool import Position, positions
from muster.kit import clock
from muster.warehouse import learning, merging, orders, records, schema, traits
from muster.warehouse.changes import Changes, Unchanged
from muster.warehouse.mirror import Mirror
from muster.warehouse.records import Records
from muster.warehouse.store import Rebuilding, Warehouse, damaged_at, damaged_files

MOST_BYTES = 128 * 1024 * 1024
"""So much of the log is loaded in one transaction at most. Larger ones are quicker, as the engine
writes whole blocks of rows only once, but hold several times as much in memory."""
POLL_SECONDS = 1.0
"""So often the spool is looked at when nobody waits; small transactions are dear."""
MOST_RENEWALS = 3
"""A file that is damaged more often within a day lies on a disk that fails: no new one is made."""
_UNDER_WAY = ""
"""Stands among the positions while a rebuild is under way, so that the next start goes on."""
FUTURE_MINUTES = 10
"""An event may be this far ahead of our clock; beyond it is set to when it was received."""
EARLIEST = "1970-01-01"
"""So is what is said to have happened before: a clock that nobody set, or somebody who plays."""
_PART_OF_MEMORY = 16
_MOST_NAMES = 10_000
_TAIL_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Slice:
    """Some whole lines of a segment."""

    segment: str
    start: int
    end: int


class Loader:
    """Follows the spool in `folder`; the only writer of the warehouse.

    Where the warehouse is damaged or empty and the spool is not, the next load is a rebuild: until
    its end `rebuilding`, if given, takes the place of `records`.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        folder: Path,
        records: Records,
        *,
        rebuilding: Records | None = None,
        chunk_bytes: int | None = None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        """Events loaded, repeated and unreadable ones, and traits beyond the limit or nameless."""
        self.failure: str = ""
        """Why the last chunk could not be loaded; empty when all is well."""
        self.names = 0
        """Grows when events or traits were loaded whose name no load before had."""
        self._seen_names: set[str] = set()
        self._warehouse = warehouse
        self._folder = folder
        self._records = records
        self._rebuilding = rebuilding or records
        of_memory = warehouse.megabytes * 2**20 // _PART_OF_MEMORY
        self._chunk_bytes = chunk_bytes or min(MOST_BYTES, of_memory)
        self._one_at_a_time = threading.Lock()
        self._progress = threading.Condition()
        self._begun = self._ended = 0
        """Looks at the whole spool: how many were begun, and the last one that came to its end."""
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._mirror = Mirror(warehouse, warehouse.engine) if warehouse.engine else None
        self._loaded: dict[str, int] = self._begin()
        self._countable: dict[str, int] = {} if self._mirror else self._loaded
        """How far questions see the log."""

    @property
    def loaded_bytes(self) -> int:
        """How much of the log is in the tables; grows with every load."""
        return sum(self._loaded.values())

    def run_once(self) -> int:
        """Load everything that is in the spool now; the number of new events.

        Damage of the file that shows now, or showed to somebody who asked, ends in a rebuild.
        """
        with self._one_at_a_time:
            try:
                if self._warehouse.damage:
                    raise Rebuilding
                return self._load_all()
            except Rebuilding as damaged:
                _refuse_too_many(self._warehouse, damaged)
            self._warehouse.renew()
            self._start_over()
            return self._load_all()

    def rebuild(self) -> int:
        """Empty the warehouse and load the whole spool again; the number of events."""
        with self._one_at_a_time:
            try:
                self._warehouse.empty()
            except Rebuilding:
                self._warehouse.renew()
            self._warehouse.needs_rebuild = True
            self._start_over()
        return self.run_once()

    def _load_all(self) -> int:
        began = clock.now()
        with self._progress:
            self._begun += 1
            look = self._begun
        count = 0
        has_fresh = False
        there = positions(self._folder)
        if self._warehouse.needs_rebuild:
            self._note_rebuild()
        while slices := self._next_slices(there):
            loaded, fresh = self._load(slices)
            count += loaded
            has_fresh |= fresh
            if fresh and self._mirror is None:
                self.names += 1
            if self._stopping.is_set():
                return count
        if self._warehouse.damage:
            raise Rebuilding
        if self._warehouse.needs_rebuild:
            with self._warehouse.write() as cursor:
                cursor.execute("DELETE FROM loaded WHERE segment = ?", [_UNDER_WAY])
            self._warehouse.needs_rebuild = False
            with self._progress:
                self._progress.notify_all()
        if self._mirror is not None:
            self._mirror.follow()
            self.names += has_fresh
            with self._progress:
                self._countable = dict(self._loaded)
                self._progress.notify_all()
        self._warehouse.as_of = began
        with self._progress:
            self._ended = look
            self._progress.notify_all()
        return count

    def _start_over(self) -> None:
        self._loaded = {}
        self._countable = {} if self._mirror else self._loaded

    def _note_rebuild(self) -> None:
        with self._warehouse.write() as cursor:
            cursor.execute("DELETE FROM loaded WHERE segment = ?", [_UNDER_WAY])
            cursor.execute("INSERT INTO loaded VALUES (?, 0)", [_UNDER_WAY])

    def start(self) -> None:
        """Follow the spool in a thread of its own until `stop`."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._follow, name="loader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the chunk under way."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._stopping.clear()

    def wait_for(self, position: Position, timeout: float) -> bool:
        """Wait until everything before the position is loaded; False after `timeout` seconds.

        Without a running thread it loads by itself.
        """
        if self._thread is None:
            self.run_once()
        with self._progress:
            self._wanted.set()
            return self._progress.wait_for(lambda: self._has(position), timeout)

    def wait_for_all(self, timeout: float) -> bool:
        """Wait until everything that is in the spool now is loaded; False after `timeout` seconds.

        Without a running thread it loads by itself.
        """
        with self._progress:
            # One that is under way may have looked at the spool before.
            look = self._begun + 1
        if self._thread is None:
            self.run_once()
        with self._progress:
            self._wanted.set()
            return self._progress.wait_for(lambda: self._ended >= look, timeout)

    def _has(self, position: Position) -> bool:
        if self._warehouse.needs_rebuild:
            return False
        return self._countable.get(position.segment, 0) >= position.offset

    def _follow(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self.run_once()
                self.failure = ""
            except Exception as error:  # noqa: BLE001 - the log must be followed again after any failure
                self.failure = str(error)
                _log.exception("The events could not be loaded; trying again")
            # A load costs much the same for one event as for thousands: while events trickle in,
            # it takes at most a third of the time, unless somebody waits for it.
            self._wanted.wait(max(POLL_SECONDS, 2 * (time.monotonic() - began)))
            self._wanted.clear()

    def _begin(self) -> dict[str, int]:
        """How far the tables hold each segment."""
        try:
            with self._warehouse.write() as cursor:
                rows = cursor.execute("SELECT segment, position FROM loaded").fetchall()
        except Rebuilding:
            self._warehouse.renew()
            return {}
        held = dict(rows)
        is_under_way = held.pop(_UNDER_WAY, None) is not None
        if is_under_way or (not held and any(one.offset for one in positions(self._folder))):
            self._warehouse.needs_rebuild = True
        return held

    def _next_slices(self, written: Sequence[Position]) -> list[_Slice]:
        slices: list[_Slice] = []
        room = self._chunk_bytes
        for there in written:
            start = self._loaded.get(there.segment, 0)
            if start < there.offset:
                end = self._end_of_lines(there, start, room)
                if end > start:
                    slices.append(_Slice(there.segment, start, end))
                    room -= end - start
            if room <= 0:
                break
        return slices

    def _end_of_lines(self, there: Position, start: int, room: int) -> int:
        """Where the last whole line within `room` ends, or the first line if it is longer."""
        most = min(start + room, there.offset)
        with (self._folder / there.segment).open("rb") as file:
            before = most
            while before > start:
                before = max(before - _TAIL_BYTES, start)
                file.seek(before)
                if end := file.read(min(_TAIL_BYTES, most - before)).rfind(b"\n") + 1:
                    return before + end
            file.seek(most)
            end = most + len(file.readline())
            file.seek(end - 1)
            return end if most == start + room and file.read(1) == b"\n" else start

    def _load(self, slices: Sequence[_Slice]) -> tuple[int, bool]:
        """How many new events there were, and whether any name of an event or a trait was new."""
        place = self._warehouse.path.parent if self._warehouse.path else None
        # Read once nobody else can write: an erasure empties lines of the log, then the tables.
        with (
            self._warehouse.write() as cursor,
            tempfile.NamedTemporaryFile(dir=place, prefix="chunk-", suffix=".ndjson") as chunk,
        ):
            lines = 0
            for piece in slices:
                with (self._folder / piece.segment).open("rb") as file:
                    file.seek(piece.start)
                    data = file.read(piece.end - piece.start)
                # Where somebody was taken out there are only spaces: no line that could be read.
                lines += data.count(b"\n") - data.count(b"\n ") - data.startswith(b" ")
                chunk.write(data)
            chunk.flush()
            records_ = self._rebuilding if self._warehouse.needs_rebuild else self._records
            work = _Chunk(self._warehouse, cursor, records_)
            try:
                counts = work.load(Path(chunk.name))
            except BaseException:
                # What it is writing beside must not go on behind the next try.
                with suppress(Exception):
                    records_.settle()
                raise
            said = work.names()
            _write_positions(cursor, slices)
            # The record store first: whom it knows already is found there when it is asked again.
            records_.settle()
        with self._progress:
            self._loaded.update({piece.segment: piece.end for piece in slices})
            self._progress.notify_all()
        self.counters["unreadable"] += lines - counts["lines"]
        self.counters["repeated"] += counts["lines"] - counts["events"]
        self.counters["events"] += counts["events"]
        self.counters["traits_left_out"] += counts["traits_left_out"]
        fresh = not said <= self._seen_names
        self._seen_names |= said
        if len(self._seen_names) > _MOST_NAMES:
            self._seen_names = said
        return counts["events"], fresh


def _refuse_too_many(warehouse: Warehouse, damaged: Rebuilding) -> None:
    """Raises what showed the damage where too many files were moved aside within a day."""
    since = datetime.now(UTC) - timedelta(days=1)
    files = damaged_files(warehouse.path) if warehouse.path else []
    if sum(damaged_at(file) > since for file in files) >= MOST_RENEWALS:
        raise RuntimeError(
            f"The warehouse file was damaged {MOST_RENEWALS} times within a day, and is again: "
            f"{warehouse.damage}. Look at the disk; then delete {files[0].name} and its like, and "
            "the numbers are rebuilt."
        ) from damaged


def _write_positions(cursor: duckdb.DuckDBPyConnection, slices: Sequence[_Slice]) -> None:
    for piece in slices:
        cursor.execute("DELETE FROM loaded WHERE segment = ?", [piece.segment])
        cursor.execute("INSERT INTO loaded VALUES (?, ?)", [piece.segment, piece.end])


class _Chunk:
    """The statements that load one chunk, in their order, inside one transaction."""

    def __init__(
        self, warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, records: Records
    ) -> None:
        self._warehouse = warehouse
        self._cursor = cursor
        self._records = records
        self._changes = Changes(cursor) if warehouse.engine else Unchanged()

    def load(self, file: Path) -> Counter[str]:
        """Load the file of lines; counts of `lines` read, `events` new, `traits_left_out`."""
        counts: Counter[str] = Counter()
        counts["lines"] = self._parse(file)
        self._clean_contacts()
        counts["events"] = self._drop_repeated()
        if counts["events"]:
            self._find_people()
            self._compare_aliases()
            self._link_anonymous()
            counts["traits_left_out"] = traits.spread(self._cursor)
            self._remember_people()
            self._tell_records()
            self._keep_tags()
            self._keep_consents()
            self._keep_events()
            self._settle_consents()
            orders.keep(self._cursor)
            self._changes.events("SELECT event_id FROM chunk")
            self._changes.people("SELECT person_id FROM person UNION SELECT person_id FROM seen")
            others = "SELECT person_id FROM link"
            if merging.follow(self._cursor):
                others += " UNION SELECT person_id FROM touched"
                self._changes.people("SELECT person_id FROM touched")
                self._changes.events(
                    "SELECT event_id FROM events WHERE person_id IN (SELECT person_id FROM touched)"
                )
            if orders.settle(self._cursor, others):
                self._changes.events("SELECT event_id FROM settled")
            self._forget_erased()
            self._changes.finish()
        return counts

    def names(self) -> set[str]:
        """What the events of the chunk are called, and all traits that there are, with kind."""
        rows = self._cursor.execute(
            "SELECT 'event ' || name FROM chunk WHERE name IS NOT NULL"
            " UNION SELECT kind || ' ' || name FROM traits"
        ).fetchall()
        return {name for (name,) in rows}

    def _parse(self, file: Path) -> int:
        """The lines in their order, so that a row's number (`rowid`) is the place of its line."""
        calls = " ".join(
            f"WHEN '{call}' THEN '{name}'" for call, name in names.NAME_OF_CALL.items()
        )
        hash_of = self._warehouse.hash_sql
        said = traits.said_of_people("e.traits", "t", "nulls")
        # What is told of people is never later than now: what is said by hand then would not count.
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE line AS
            WITH read AS (
                SELECT "at" AS received_at, "from" AS source, actor, "from" = '{OURS}' AS ours, e,
                       json_transform(e.context, '{_CONTEXT}') AS c,
                       json_transform(e.properties, '{_PROPERTIES}') AS p,
                       CASE WHEN e.type = 'identify'
                            THEN json_transform(e.traits, '{_CONTACTS}') END AS t,
                       contains(e.traits, 'null') AS nulls
                FROM {_read_json(file)}
                WHERE e.type IS NOT NULL),
            picked AS (
                SELECT *, {self._warehouse.event_id(_SAID)} AS event_id,
                       {_utc("e.timestamp")} AS said_at,
                       {_id("e.userId")} AS user_id, {_id("e.anonymousId")} AS anonymous_id,
                       nullif(lower(trim(t.email)), '') AS email,
                       nullif(regexp_replace(t.phone, '[ ().-]', '', 'g'), '') AS phone,
                       {", ".join(f"{sql} AS said_{field}" for field, sql in said.items())},
                       CASE WHEN ours THEN try_cast(c.muster.person_id AS BIGINT) END AS hint
                FROM read),
            hashed AS (
                SELECT *, {hash_of("email", "email")} AS email_hash,
                       {hash_of("phone", "phone")} AS phone_hash,
                       {hash_of("anonymous", "anonymous_id")} AS anonymous
                FROM picked)
            SELECT event_id, source, ours, received_at, e.messageId AS own_id,
                   coalesce(said_at > received_at + INTERVAL {FUTURE_MINUTES} MINUTE
                            OR said_at < TIMESTAMP '{EARLIEST}', false) AS clamped,
                   CASE WHEN clamped OR said_at IS NULL
                            OR (e.type = 'identify' AND said_at > received_at)
                        THEN received_at ELSE said_at END AS "at",
                   e.type AS type,
                   CASE e.type {calls} ELSE e.event END AS name,
                   coalesce(actor, CASE WHEN ours THEN p.actor END, 'human') AS actor,
                   CASE WHEN ours AND e.event IN {_NO_TOUCH} THEN NULL
                        ELSE coalesce(p.channel, c.campaign.channel) END AS channel,
                   c.campaign.name AS campaign, c.campaign.campaign_id AS campaign_id,
                   CASE WHEN ours THEN c.campaign.send_id END AS send_id,
                   CASE WHEN ours THEN c.campaign.message_id END AS message_id,
                   CASE WHEN ours THEN c.campaign.variant END AS variant,
                   c.campaign.content AS content,
                   p.order_id AS order_id, upper(p.currency) AS currency,
                   coalesce(try_cast(p.revenue AS DECIMAL(18,4)),
                            try_cast(p.total AS DECIMAL(18,4))) AS revenue,
                   try_cast(p.discount AS DECIMAL(18,4)) AS discount,
                   coalesce(p.url, c.page.url) AS url,
                   e.properties AS properties, e.traits AS traits,
                   CASE WHEN e.traits IS NOT NULL
                        THEN {traits.without_identifiers("e.traits")} END AS kept_traits,
                   p.tag AS tag, p.purpose AS purpose,
                   p.source AS consent_source, p.proof AS proof,
                   p.topic AS topic, p.text_version AS text_version,
                   {_utc("p.expires_at")} AS expires_at,
                   coalesce(p.channel, c.campaign.channel) AS consent_channel,
                   hint, user_id, email, phone,
                   said_email = '' AS email_gone, said_phone = '' AS phone_gone,
                   said_wecom_id AS wecom_id, said_language AS language,
                   said_time_zone AS time_zone, said_last_name AS last_name,
                   CASE WHEN said_first_name IS NULL AND said_last_name IS NULL THEN said_name
                        ELSE said_first_name END AS first_name,
                   coalesce({", ".join(f"said_{field}" for field in said)}) IS NOT NULL AS teaches,
                   email_hash, phone_hash, anonymous,
                   CASE WHEN e.type = 'alias' THEN {_id("e.previousId")} END AS previous_id,
                   {self._who} AS who
            FROM hashed
            """,
            [str(file)],
        )
        return self._number("SELECT count(*) FROM line")

    @property
    def _who(self) -> str:
        """SQL for the name by which the person of an event is looked for."""
        kinds = {"external_id": "user_id", "email": "email", "phone": "phone"}
        named = [self._warehouse.name_sql(kind, column) for kind, column in kinds.items()]
        return f"CASE WHEN hint IS NULL THEN coalesce({', '.join(named)}) END"

    def _clean_contacts(self) -> None:
        """Write addresses and numbers in the one way; what is none leads to nobody."""
        for kind, plain in records.PLAIN.items():
            odd = self._cursor.execute(
                f"SELECT DISTINCT {kind} AS said FROM line"
                f" WHERE {kind} IS NOT NULL AND NOT regexp_matches({kind}, '{plain}')"
            ).to_arrow_table()
            if not odd.num_rows:
                continue
            normal = pa.array(self._records.normal(kind, odd["said"].to_pylist()), pa.string())
            self._with("odd", odd.append_column("normal", normal))
            self._cursor.execute(
                f"""
                UPDATE line SET {kind} = normal,
                    {kind}_hash = {self._warehouse.hash_sql(kind, "normal")}
                FROM odd WHERE {kind} = said;
                UPDATE line SET who = {self._who}
                WHERE type = 'identify' AND hint IS NULL AND user_id IS NULL
                """
            )

    def _drop_repeated(self) -> int:
        """Leave each event once, and none that is in the warehouse; `chunk` numbers them."""
        self._cursor.execute(
            """
            DELETE FROM line WHERE event_id IN (
                SELECT event_id FROM events WHERE event_id IN (SELECT event_id FROM line))
            """
        )
        if self._number("SELECT count(*) - count(DISTINCT event_id) FROM line"):
            self._cursor.execute(
                "DELETE FROM line WHERE rowid NOT IN "
                "(SELECT min(rowid) FROM line GROUP BY event_id)"
            )
        self._cursor.execute("CREATE TEMP VIEW chunk AS SELECT rowid AS n, * FROM line")
        return self._number("SELECT count(*) FROM chunk")

    def _find_people(self) -> None:
        """Who each event is about; `person` holds the person of each event that has one.

        The owner is who has the identifier; the person is who it was merged into, mostly the same.
        Nobody is made for what a machine did.
        """
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE named AS
            WITH name AS (
                SELECT who, {self._warehouse.hash_of_name("who")} AS hash
                FROM (SELECT DISTINCT who FROM chunk WHERE who IS NOT NULL))
            SELECT who, hash, person_id FROM name LEFT JOIN identities USING (hash)
            """
        )
        # Of somebody who is known, what says an address that a stranger says too: whose it is must
        # not depend on whether both are loaded together.
        who_says = """
            SELECT n, who, hash, user_id, email, phone, actor, source, ours, own_id, "at",
                   first_name, last_name, language, time_zone
            FROM chunk JOIN named USING (who) WHERE person_id IS"""
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE strange AS {who_says} NULL;
            CREATE TEMP TABLE bringing AS {who_says} NOT NULL
              AND (email IN (SELECT email FROM strange) OR phone IN (SELECT phone FROM strange))
            """
        )
        everybody_once = traits.is_once(self._cursor, "strange", "who")
        if everybody_once and not self._number("SELECT count(*) FROM bringing"):
            # As in an import: nothing has to be put together.
            query = f"""
                SELECT n, n AS line, who, hash, true AS is_strange, user_id AS external_id,
                       email, phone, {", ".join(_NAMES)}, {traits.DOOR} AS source, "at"
                FROM strange WHERE actor <> 'machine' ORDER BY n
                """
        else:
            named = ", ".join(f"{traits.newest(f)} AS {f}" for f in _NAMES)
            query = f"""
                SELECT row_number() OVER (ORDER BY min(n)) AS n,
                       CASE WHEN count(*) = 1 THEN min(n) END AS line, who, hash, is_strange,
                       any_value(user_id) AS external_id, arg_max(email, n) AS email,
                       arg_max(phone, n) AS phone, {named}, arg_max({traits.DOOR}, n) AS source,
                       max("at") AS "at"
                FROM (SELECT *, true AS is_strange FROM strange
                      UNION ALL SELECT *, false FROM bringing)
                GROUP BY who, hash, is_strange HAVING bool_or(actor <> 'machine') ORDER BY n
                """
        strangers = self._cursor.execute(query).to_arrow_table()
        keys = strangers.select(records.KEYS.names).cast(records.KEYS)
        found = self._records.people_for(keys) if keys.num_rows else records.FOUND.empty_table()
        self._with("stranger", strangers)
        self._with("found", found)
        said = ", ".join(map(schema.quoted, keys.drop_columns("n").column_names))
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE met AS
            SELECT who, hash, is_strange, person_id, made, line
            FROM stranger JOIN found USING (n);
            CREATE TEMP VIEW made AS
            SELECT person_id, {said} FROM stranger JOIN found USING (n) WHERE made;
            DELETE FROM named WHERE person_id IS NULL;
            INSERT INTO named SELECT who, hash, person_id FROM met WHERE is_strange;
            INSERT INTO identities SELECT hash, person_id FROM met WHERE is_strange
            """
        )
        self._cursor.execute(
            """
            CREATE TEMP TABLE person AS
            SELECT n, owner_id, coalesce(aliases.person_id, owner_id) AS person_id
            FROM (SELECT n, coalesce(hint, named.person_id) AS owner_id
                  FROM chunk LEFT JOIN named USING (who))
            LEFT JOIN aliases ON alias = owner_id WHERE owner_id IS NOT NULL
            """
        )
        for column in ("email_hash", "phone_hash"):
            # An address stays with the first person who had it, also within a chunk.
            self._cursor.execute(
                f"""
                INSERT INTO identities
                SELECT {column}, arg_min(owner_id, n) FROM chunk JOIN person USING (n)
                WHERE {column} IS NOT NULL AND {column} NOT IN
                    (SELECT hash FROM identities WHERE hash IN (SELECT {column} FROM chunk))
                GROUP BY {column}
                """
            )

    def _compare_aliases(self) -> None:
        """Of an id that means somebody else already, people decide whether the two are one."""
        if not self._number("SELECT count(*) FROM chunk WHERE previous_id IS NOT NULL"):
            return
        pairs = self._cursor.execute(
            f"""
            SELECT DISTINCT identities.person_id AS first, owner_id AS second
            FROM (SELECT n, {self._warehouse.hash_sql("external_id", "previous_id")} AS hash
                  FROM chunk WHERE previous_id IS NOT NULL)
            JOIN person USING (n) JOIN identities USING (hash)
            WHERE identities.person_id <> owner_id
            """
        ).to_arrow_table()
        if pairs.num_rows:
            self._records.compare(pairs.cast(records.PAIRS))

    def _link_anonymous(self) -> None:
        """A visitor who says who it is takes the earlier anonymous events along.

        An event of a device is of the person who said so last before it, else of the first who
        says so after it: then it is the same whichever lines are loaded together.
        """
        previous = self._warehouse.hash_sql("anonymous", "previous_id")
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE said_so AS
            SELECT hash, n, owner_id, person_id
            FROM (SELECT anonymous AS hash, n FROM chunk WHERE anonymous IS NOT NULL
                  UNION ALL
                  SELECT {previous}, n FROM chunk WHERE previous_id IS NOT NULL)
            JOIN person USING (n);
            CREATE TEMP TABLE before AS
            SELECT hash, person_id AS owner_id FROM identities
            WHERE hash IN (SELECT hash FROM said_so);
            CREATE TEMP TABLE link AS
            SELECT hash, arg_min(owner_id, n) AS owner_id, arg_min(person_id, n) AS person_id,
                   arg_max(owner_id, n) AS last_id
            FROM said_so GROUP BY hash;
            DELETE FROM link USING before
            WHERE before.hash = link.hash AND before.owner_id = link.last_id;
            """
        )
        if self._number("SELECT count(*) FROM link"):
            self._cursor.execute(
                """
                DELETE FROM identities WHERE hash IN (SELECT hash FROM link);
                INSERT INTO identities SELECT hash, last_id FROM link;
                INSERT INTO repointed SELECT event_id, owner_id FROM events JOIN link
                    ON hash = anonymous
                WHERE events.person_id IS NULL AND owner_id <> link.person_id;
                UPDATE events SET person_id = link.person_id FROM link
                WHERE events.person_id IS NULL AND events.anonymous = link.hash;
                UPDATE orders SET person_id = link.person_id, anonymous = NULL FROM link
                WHERE orders.person_id IS NULL AND orders.anonymous = link.hash;
                """
            )
            self._changes.events(
                "SELECT event_id FROM events WHERE anonymous IN (SELECT hash FROM link)"
            )
        shared = self._number(
            "SELECT count(*) FROM (SELECT hash FROM (SELECT hash, owner_id FROM said_so"
            " UNION SELECT hash, owner_id FROM before) GROUP BY hash HAVING count(*) > 1)"
        )
        if shared:
            self._cursor.execute(
                """
                INSERT INTO person
                SELECT n, owner_id, coalesce(aliases.person_id, owner_id)
                FROM (SELECT c.n, coalesce(s.owner_id, before.owner_id, link.owner_id) AS owner_id
                      FROM chunk AS c ASOF LEFT JOIN said_so AS s
                          ON c.anonymous = s.hash AND c.n >= s.n
                      LEFT JOIN before ON before.hash = c.anonymous
                      LEFT JOIN link ON link.hash = c.anonymous
                      WHERE c.anonymous IN (SELECT hash FROM said_so)
                        AND c.n NOT IN (SELECT n FROM person))
                LEFT JOIN aliases ON alias = owner_id
                """
            )
        self._cursor.execute(
            """
            INSERT INTO person
            SELECT n, identities.person_id, coalesce(aliases.person_id, identities.person_id)
            FROM chunk JOIN identities ON hash = anonymous
            LEFT JOIN aliases ON alias = identities.person_id
            WHERE n NOT IN (SELECT n FROM person);
            """
        )

    def _remember_people(self) -> None:
        of_one = f"""
            SELECT person.person_id, "at" AS first_seen,
                   CASE WHEN actor = 'human' AND NOT (ours AND name IN {names.SAID_BY_US})
                        THEN "at" END AS last_seen,
                   CASE WHEN "at" < taught.email THEN NULL ELSE email_hash END AS email_hash,
                   CASE WHEN "at" < taught.email THEN NULL
                        ELSE split_part(c.email, '@', 2) END AS mail_domain,
                   CASE WHEN "at" < taught.phone THEN NULL
                        ELSE {traits.region("c.phone")} END AS phone_region, "at", n
            FROM chunk AS c JOIN person USING (n)
            LEFT JOIN {learning.taught_together("person")} AS taught
                ON taught.person_id = person.person_id
            """
        if traits.is_once(self._cursor, "person", "person_id"):
            seen = f'SELECT * EXCLUDE ("at", n) FROM ({of_one})'
        else:
            seen = f"""
                SELECT person_id, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
                       {traits.newest("email_hash")} AS email_hash,
                       {traits.newest("mail_domain")} AS mail_domain,
                       {traits.newest("phone_region")} AS phone_region
                FROM ({of_one}) GROUP BY person_id
                """
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE seen AS {seen};
            INSERT INTO seen (person_id, first_seen, last_seen)
            SELECT person_id, min("at"), max("at") FILTER (
                actor = 'human' AND NOT (source = '{OURS}' AND name IN {names.SAID_BY_US}))
            FROM events
            WHERE person_id IN (SELECT person_id FROM link)
              AND anonymous IN (SELECT hash FROM link) GROUP BY person_id;
            CREATE TEMP TABLE seen_now AS
            SELECT person_id, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
                   any_value(email_hash) AS email_hash, any_value(mail_domain) AS mail_domain,
                   any_value(phone_region) AS phone_region,
                   person_id NOT IN (SELECT person_id FROM profiles) AS is_new
            FROM seen GROUP BY person_id;
            """
        )
        if self._number("SELECT count(*) FROM seen_now WHERE NOT is_new"):
            self._cursor.execute(
                """
                UPDATE profiles SET
                    first_seen = least(profiles.first_seen, s.first_seen),
                    last_seen = greatest(profiles.last_seen, s.last_seen),
                    email_hash = coalesce(s.email_hash, profiles.email_hash),
                    mail_domain = coalesce(s.mail_domain, profiles.mail_domain),
                    phone_region = coalesce(s.phone_region, profiles.phone_region)
                FROM seen_now AS s WHERE s.person_id = profiles.person_id
                """
            )
            traits.store(self._cursor)
        more = traits.typed(self._cursor)
        self._cursor.execute(
            f"""
            INSERT INTO profiles (person_id, known, {_SEEN}{"".join(f", {col}" for col in more)})
            SELECT person_id, true, {_SEEN}{"".join(f", {value}" for value in more.values())}
            FROM seen_now LEFT JOIN wide USING (person_id) WHERE is_new
            """
        )

    def _tell_records(self) -> None:
        if not self._number("SELECT count(*) FROM chunk WHERE teaches"):
            return
        former, lessons = learning.learnt(self._cursor)
        for said in lessons:
            self._records.learn(said)
        if former.num_rows:
            self._records.remember(former)

    def _keep_tags(self) -> None:
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE tagging AS
            SELECT person_id, tag, max("at") AS "at",
                   arg_max(name, ("at", n)) = '{names.PERSON_TAGGED}' AS tagged
            FROM chunk JOIN person USING (n)
            WHERE ours AND name IN {names.TAG_EVENTS} AND tag IS NOT NULL
            GROUP BY person_id, tag;
            """
        )
        oldest = self._cursor.execute('SELECT min("at") FROM tagging').fetchone()
        if not oldest or oldest[0] is None:
            return
        self._cursor.execute(
            f"""
            DELETE FROM tagging USING (
                SELECT person_id, (props ->> '$.tag') AS tag, max("at") AS "at" FROM events
                WHERE "at" > TIMESTAMP '{oldest[0]}' AND source = '{OURS}'
                  AND name IN {names.TAG_EVENTS}
                  AND person_id IN (SELECT person_id FROM tagging)
                GROUP BY ALL) AS said
            WHERE said.person_id = tagging.person_id AND said.tag = tagging.tag
              AND said."at" > tagging."at";
            DELETE FROM tags USING tagging
            WHERE tags.person_id = tagging.person_id AND tags.tag = tagging.tag;
            INSERT INTO tags SELECT person_id, tag, "at" FROM tagging WHERE tagged
            """
        )

    def _keep_consents(self) -> None:
        own = {"person_id": "owner_id AS person_id"}
        columns = ", ".join(own.get(c, schema.quoted(c)) for c in records.CONSENTS.names)
        changes = self._cursor.execute(
            f"""
            CREATE TEMP TABLE consent AS
            SELECT n, own_id AS message_id, owner_id, person_id, consent_channel AS channel,
                   coalesce(purpose, 'marketing') AS purpose,
                   CASE name WHEN '{names.CONSENT_GIVEN}' THEN '{schema.GRANTED}'
                             WHEN '{names.CONSENT_RETRACTED}' THEN '{schema.UNKNOWN}'
                             ELSE '{schema.WITHDRAWN}' END AS state,
                   "at", coalesce(consent_source, '') AS source, coalesce(proof, '') AS proof,
                   coalesce(topic, '') AS topic, expires_at,
                   coalesce(text_version, '') AS text_version
            FROM chunk JOIN person USING (n)
            WHERE ours AND name IN {names.CONSENT_EVENTS} AND consent_channel IS NOT NULL;
            SELECT {columns} FROM consent ORDER BY "at", n
            """
        ).to_arrow_table()
        if not changes.num_rows:
            return
        self._records.consents(changes.cast(records.CONSENTS))
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE newest AS
            SELECT DISTINCT ON (person_id, channel, purpose, topic)
                   person_id, channel, purpose, state, "at", topic, expires_at,
                   source IN {schema.CONFIRMED} AS confirmed
            FROM consent WHERE NOT starts_with(source, '{merging.UNDONE}')
            ORDER BY person_id, channel, purpose, topic, "at" DESC, n DESC;
            DELETE FROM newest USING consents AS c
            WHERE c.person_id = newest.person_id AND c.channel = newest.channel
              AND c.purpose = newest.purpose AND c.topic = newest.topic AND c."at" > newest."at";
            DELETE FROM consents USING newest
            WHERE consents.person_id = newest.person_id AND consents.channel = newest.channel
              AND consents.purpose = newest.purpose AND consents.topic = newest.topic;
            INSERT INTO consents SELECT * FROM newest
            """
        )

    def _keep_events(self) -> None:
        own = {
            "person_id": "person_id",
            "props": "CAST(CASE WHEN type = 'identify' THEN kept_traits"
            " ELSE coalesce(kept_traits, properties) END AS VARCHAR)",
        }
        columns = [own.get(name, schema.quoted(name)) for name in schema.EVENTS]
        # Live events come in the order of time, and sorting is the dearest part of an import.
        disorder = self._number(
            'SELECT count(*) FROM (SELECT "at" < lag("at") OVER (ORDER BY n) AS back FROM chunk) '
            "WHERE back"
        )
        order = 'ORDER BY "at", n' if disorder else ""
        self._cursor.execute(
            f"INSERT INTO events SELECT {', '.join(columns)} "
            f"FROM chunk LEFT JOIN person USING (n) {order}"
        )
        self._cursor.execute(
            "INSERT INTO repointed SELECT event_id, owner_id FROM chunk JOIN person USING (n) "
            "WHERE owner_id <> person_id"
        )

    def _settle_consents(self) -> None:
        """Of whom a word was taken back, what they had said before it counts again.

        What a word means to people who were merged depends on all that each of them said.
        """
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE unsettled AS
            SELECT DISTINCT person_id FROM chunk JOIN person USING (n)
            WHERE ours AND (name = '{names.CONSENT_RETRACTED}'
                OR name IN {names.CONSENT_EVENTS}
                   AND person_id IN (SELECT person_id FROM aliases))
            """
        )
        if self._number("SELECT count(*) FROM unsettled"):
            merging.say_consents_again(self._cursor, "unsettled")

    def _forget_erased(self) -> None:
        """What erased people did stays countable, without them."""
        self._cursor.execute(
            f"""
            CREATE TEMP TABLE gone AS
            SELECT DISTINCT hint AS person_id FROM chunk
            WHERE ours AND name = '{names.PERSON_ERASED}' AND hint IS NOT NULL
            """
        )
        if not self._number("SELECT count(*) FROM gone"):
            return
        self._changes.people("SELECT person_id FROM gone")
        self._changes.events(
            "SELECT event_id FROM events WHERE person_id IN (SELECT person_id FROM gone)"
        )
        for table in ("profiles", "tags", "consents", "identities", "taught"):
            self._cursor.execute(
                f"DELETE FROM {table} WHERE person_id IN (SELECT person_id FROM gone)"
            )
        self._cursor.execute(
            """
            UPDATE events SET person_id = NULL, anonymous = NULL, url = NULL, props = NULL
            WHERE person_id IN (SELECT person_id FROM gone);
            UPDATE orders SET person_id = NULL, anonymous = NULL
            WHERE person_id IN (SELECT person_id FROM gone)
            """
        )

    def _with(self, name: str, table: pa.Table) -> None:
        self._cursor.register(name, table)

    def _number(self, query: str) -> int:
        row = self._cursor.execute(query).fetchone()
        return int(row[0]) if row else 0


_SAID = "coalesce(nullif(e.messageId, ''), received_at || to_json(e))"
"""A line without an id of its own is known by all it says."""

_SEEN = "first_seen, last_seen, email_hash, mail_domain, phone_region"
_NAMES = ("first_name", "last_name", "language", "time_zone")

_CALL = {
    "type": "VARCHAR",
    "event": "VARCHAR",
    "userId": "VARCHAR",
    "anonymousId": "VARCHAR",
    "previousId": "VARCHAR",
    "messageId": "VARCHAR",
    "timestamp": "VARCHAR",
    "context": "JSON",
    "properties": "JSON",
    "traits": "JSON",
}
_LINE = {
    "at": "TIMESTAMP",
    "from": "VARCHAR",
    "actor": "VARCHAR",
    "e": "STRUCT(" + ", ".join(f'"{name}" {kind}' for name, kind in _CALL.items()) + ")",
}
_CONTEXT = json.dumps(
    {
        "muster": {"person_id": "VARCHAR"},
        "campaign": dict.fromkeys(
            ("name", "channel", "campaign_id", "send_id", "message_id", "variant", "content"),
            "VARCHAR",
        ),
        "page": {"url": "VARCHAR"},
    }
)
_PROPERTIES = json.dumps(
    dict.fromkeys(
        (
            *("actor", "channel", "order_id", "currency", "revenue", "total", "discount", "url"),
            *("tag", "purpose", "source", "proof", "topic", "expires_at", "text_version"),
        ),
        "VARCHAR",
    )
)
_CONTACTS = json.dumps(dict.fromkeys(traits.MEMBERS, "VARCHAR"))
"""What is read of an event's context, properties and traits, whatever else is there."""
_NO_TOUCH = (*names.CONSENT_EVENTS, *names.TAG_EVENTS)
"""Their `channel` says what was allowed, not where somebody came from."""


def ids_of(warehouse: Warehouse, cursor: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    """The ids of the events of a file of lines, as texts."""
    rows = cursor.execute(
        f"""
        SELECT CAST({warehouse.event_id(_SAID)} AS VARCHAR)
        FROM (SELECT "at" AS received_at, e FROM {_read_json(file)} WHERE e.type IS NOT NULL)
        """,
        [str(file)],
    ).fetchall()
    return [row[0] for row in rows]


def _read_json(file: Path) -> str:
    """SQL that reads the lines of the file, whose name is its parameter."""
    columns = ", ".join(f"\"{name}\": '{kind}'" for name, kind in _LINE.items())
    return (
        "read_json(?, format = 'newline_delimited', ignore_errors = true, "
        f"maximum_object_size = {_whole(file)}, columns = {{{columns}}})"
    )


def _whole(file: Path) -> int:
    """A size of buffers at which the first holds all of the file, with room to spare.

    Then one thread reads it. Where the lines lie in several buffers, what the threads make of them
    is put together in the order in which they are ready, and not in that of the lines.
    """
    return 2 * file.stat().st_size + _USUAL_BUFFER


_USUAL_BUFFER = 16 * 1024 * 1024


def _id(text: str) -> str:
    """SQL for an id, null where the text is one of those that stand for none."""
    return f"CASE WHEN lower(trim({text})) NOT IN {NO_IDS} THEN {text} END"


def _utc(text: str) -> str:
    """SQL for the moment in UTC that a text names; null where it names none."""
    # Most moments are said in UTC; to reckon with zones takes three times as long.
    return (
        f"CASE WHEN ends_with({text}, 'Z') OR ends_with({text}, '+00:00')"
        f" THEN try_cast({text} AS TIMESTAMP)"
        f" ELSE try_cast({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"
    )
