"""Loading (TR1): from the log into the tables, against the engine's bare `read_json` and insert.

Run with `python benchmarks/load_events.py [EVENTS] [PEOPLE]`. The spool writes the log as for the
collector: page views, product views, orders and opened mails of known people, with ids of their
own. The people are known before, so that what is measured is the stream of every day. The floor
lets the engine parse the same bytes with declared columns and insert the fields that the events
have, and nothing else: no identities, no dropping of repetitions, no profiles. Both run on one
thread. Twin: events, people and revenue in the tables are those that were written.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from muster.events.spool import SpoolWriter, positions
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse

GOAL = 0.8
ROUNDS = 3
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = ("Product Viewed", "Product Added", "Message Opened", "Order Completed", "page")


def line(chance: random.Random, n: int, people: int) -> tuple[bytes, str, Decimal]:
    """One event as a client sends it, who it is about, and its revenue."""
    kind = KINDS[n % 5]
    at = (BEGIN + timedelta(milliseconds=70 * n)).isoformat(timespec="milliseconds")
    who = f"u{chance.randrange(people)}"
    total = Decimal(chance.randrange(1_000, 90_000)) / 100 if kind == "Order Completed" else None
    call = '"type":"page"' if kind == "page" else f'"type":"track","event":"{kind}"'
    more = f',"total":{total},"currency":"CNY","order_id":"o{n}"' if total else ""
    text = (
        f'{{{call},"userId":"{who}","messageId":"m-{n}","timestamp":"{at}",'
        f'"context":{{"campaign":{{"name":"autumn-{n % 50}"}}}},'
        f'"properties":{{"url":"https://shop.example.com/p/{n % 9999}","sku":"{n % 500}"{more}}}}}'
    )
    return text.encode(), who, total or Decimal(0)


def write(folder: Path, events: int, people: int) -> tuple[int, Decimal]:
    """Fill a log; (people in it, their revenue)."""
    chance = random.Random(1)
    spool = SpoolWriter(folder, "bench")
    seen: set[str] = set()
    revenue = Decimal(0)
    for start in range(0, events, 500):
        batch = []
        for n in range(start, min(start + 500, events)):
            text, who, total = line(chance, n, people)
            batch.append(text)
            seen.add(who)
            revenue += total
        spool.append("bench", batch)
    spool.close()
    return len(seen), revenue


def floor(log: Path, place: Path) -> float:
    """Seconds of the processor for `read_json` and one insert."""
    con = duckdb.connect(str(place))
    con.execute("SET threads = 1; SET TimeZone = 'UTC'")
    con.execute(
        "CREATE TABLE events (id VARCHAR, received_at TIMESTAMP, said_at TIMESTAMP, source VARCHAR,"
        " person VARCHAR, type VARCHAR, name VARCHAR, context JSON, properties JSON)"
    )
    files = [str(log / one.segment) for one in positions(log)]
    began = time.process_time()
    con.execute(
        """
        INSERT INTO events SELECT e.messageId, "at", e.timestamp, "from", e.userId, e.type, e.event,
               e.context, e.properties
        FROM read_json(?, format = 'newline_delimited', columns = {
            "at": 'TIMESTAMP', "from": 'VARCHAR', "e": 'STRUCT("type" VARCHAR, "event" VARCHAR,
            "userId" VARCHAR, "messageId" VARCHAR, "timestamp" TIMESTAMP, "context" JSON,
            "properties" JSON)'})
        """,
        [files],
    )
    took = time.process_time() - began
    con.close()
    return took


def loaded(log: Path, place: Path, people: int) -> tuple[float, Counter[str], tuple[int, ...]]:
    """Seconds of the processor for the loader, its counters, and what is in the tables."""
    warehouse = Warehouse(place, b"k" * 32)
    with warehouse.write() as con:
        con.execute("SET threads = 1")
    records = MemoryRecords()
    known = place.with_suffix(".known")
    known.mkdir()
    spool = SpoolWriter(known, "known")
    for start in range(0, people, 500):
        names = range(start, min(start + 500, people))
        spool.append("bench", [f'{{"type":"identify","userId":"u{n}"}}'.encode() for n in names])
    spool.close()
    Loader(warehouse, known, records).run_once()
    loader = Loader(warehouse, log, records)
    began = time.process_time()
    loader.run_once()
    took = time.process_time() - began
    with warehouse.write() as con:
        found = con.execute(
            "SELECT count(*), count(DISTINCT person_id), sum(revenue) FROM events"
            " WHERE type <> 'identify'"
        ).fetchone()
    warehouse.close()
    return took, loader.counters, found


def main(events: int = 400_000, people: int = 100_000) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log"
        log.mkdir()
        who, revenue = write(log, events, people)
        ratios, right = [], True
        for n in range(ROUNDS):
            bare = floor(log, folder / f"floor{n}.duckdb")
            took, counters, found = loaded(log, folder / f"own{n}.duckdb", people)
            right &= tuple(found) == (events, who, revenue) and counters["events"] == events
            ratios.append(bare / took)
            print(
                f"bare {events / bare:9,.0f} events per CPU-s   loader {events / took:9,.0f}"
                f"   {bare / took:.2f}"
            )
        ratio = sorted(ratios)[ROUNDS // 2]
    print(
        f"loader  {ratio:.2f}  goal ≥{GOAL}  {'ok' if ratio >= GOAL else 'short'}"
        f"  {'equal' if right else 'NOT EQUAL'}"
    )
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
