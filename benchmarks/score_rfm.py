"""RFM of all buyers against `lifetimes` of PyPI: 100 thousand people, 1 million orders (PE5).

Run with `python benchmarks/score_rfm.py [PEOPLE] [ORDERS]` and `MUSTER_LIFETIMES`, a Python in
which lifetimes is installed. Muster's time goes from the events, of which every fifth is an order,
to the buyers in each of 125 cells; that of lifetimes from a table with nothing but the orders, in
memory, to its summary of each buyer, without steps or cells. The rounds take turns.

Both say the same of the same orders once two definitions are met. lifetimes counts days with an
order where Muster counts orders, so nobody orders twice a day here; and it leaves the first order
out unless `include_first_transaction` is set. Its recency goes from the first order to the last
and T from the first to the end: Muster's recency is T − recency. Its monetary value is the mean of
the days: Muster's is that times frequency. It knows no refunds, so there are none. From its numbers
the fifths and cells are worked out anew; all must be those of Muster, or the exit code is not zero.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from muster.warehouse import duck, schema
from muster.warehouse import orders as orders_of
from muster.warehouse.rfm import Rfm, rfm

GOAL = 0.15
ROUNDS = 5
UNTIL = date(2026, 6, 14)
MEASURES = ("recency", "frequency", "monetary")
MISSING = """\
RFM  not measured: lifetimes is not here. Install it apart from Muster and say where:
  python -m venv /tmp/lifetimes && /tmp/lifetimes/bin/pip install Lifetimes==0.11.3
  MUSTER_LIFETIMES=/tmp/lifetimes/bin/python python benchmarks/score_rfm.py"""


def fill(con: duckdb.DuckDBPyConnection, people: int, orders: int) -> None:
    """Orders of two years, some people with many and most with few, among four times as much else.

    Nobody orders twice a day.
    """
    for statement in schema.create_statements():
        con.execute(statement)
    con.execute("CREATE TEMP MACRO drawn(n, salt, size) AS CAST(hash(n, salt) % size AS BIGINT)")
    con.execute(
        f"""
        CREATE TEMP TABLE happened AS
        SELECT DISTINCT ON (person_id, day) * FROM (
            SELECT range AS n, drawn(range, 2, 730) AS day,
                   drawn(range, 0, {people}) * drawn(range, 1, {people}) // {people} AS person_id
            FROM range({orders}));
        INSERT INTO events (event_id, "at", received_at, clamped, person_id, type, name, source,
                            actor, order_id, currency, revenue, props)
        SELECT n, moment, moment, false, person_id, 'track', name, 'key:shop', 'human',
               CASE WHEN name = 'Order Completed' THEN 'o' || n END,
               CASE WHEN name = 'Order Completed' THEN 'CNY' END,
               CASE WHEN name = 'Order Completed' THEN (100 + drawn(n, 4, 40000)) / 100 END, '{{}}'
        FROM (SELECT n, person_id, name, TIMESTAMP '2024-06-15'
                     + to_seconds(86400 * day + drawn(n, 3, 86400)) AS moment
              FROM happened, (VALUES ('Order Completed'), ('Page Viewed'), ('Page Viewed'),
                                     ('Product Viewed'), ('Message Sent')) AS kinds(name))
        ORDER BY moment;
        DROP TABLE happened;
        CREATE TEMP VIEW chunk AS SELECT rowid AS n, * EXCLUDE (person_id) FROM events;
        CREATE TEMP VIEW person AS SELECT rowid AS n, person_id FROM events
        """
    )
    orders_of.keep(con)
    orders_of.settle(con, "SELECT NULL::BIGINT")
    con.execute("CHECKPOINT")


def agrees(found: Rfm, theirs: dict[str, np.ndarray]) -> bool:
    """Whether Muster's steps and cells are those that follow from the summary of lifetimes."""
    days = theirs["frequency"]
    measures = {
        "recency": theirs["T"] - theirs["recency"],
        "frequency": days,
        "monetary": np.round(theirs["monetary_value"] * days, 2),
    }
    edges = {name: np.quantile(measures[name], (0.2, 0.4, 0.6, 0.8)) for name in MEASURES}
    steps = {name: 1 + np.searchsorted(edges[name], measures[name]) for name in MEASURES}
    steps["recency"] = 6 - steps["recency"]
    cells: dict[tuple[int, ...], list[int]] = {}
    cents = np.rint(measures["monetary"] * 100).astype(np.int64)
    places = zip(*(steps[name].tolist() for name in MEASURES), strict=True)
    for place, value in zip(places, cents.tolist(), strict=True):
        cell = cells.setdefault(place, [0, 0])
        cell[0] += 1
        cell[1] += value
    mine = {
        (cell.recency, cell.frequency, cell.monetary): [cell.people, int(cell.value * 100)]
        for cell in found.cells
    }
    return (
        found.people == len(days)
        and int(found.value * 100) == int(cents.sum())
        and all(np.allclose(found.edges[name], edges[name], rtol=1e-12) for name in MEASURES)
        and mine == cells
    )


def main(people: int = 100_000, orders: int = 1_000_000) -> int:
    python = os.environ.get("MUSTER_LIFETIMES", sys.executable)
    if subprocess.call(
        [python, "-W", "ignore", "-c", "import lifetimes"], stderr=subprocess.DEVNULL
    ):
        print(MISSING)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"), config={"memory_limit": "4GB"})
        con.execute("SET TimeZone = 'UTC'")
        fill(con, people, orders)
        bought = con.execute(
            """SELECT person_id AS person, "at", revenue::DOUBLE AS value FROM events
               WHERE name = 'Order Completed'"""
        ).fetchnumpy()
        given, answer = Path(folder) / "orders.npz", Path(folder) / "summary.npz"
        np.savez(given, until=np.array(UNTIL.isoformat()), **bought)
        print(f"{len(bought['person']):,} orders of {len(np.unique(bought['person'])):,} people")
        db = duck.over(con)
        ours, theirs = [], []
        with subprocess.Popen(
            [python, str(Path(__file__).parent / "lifetimes_summary.py"), str(given), str(answer)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as peer:
            assert peer.stdin is not None
            assert peer.stdout is not None
            for _round in range(1 + ROUNDS):
                started, worked = time.perf_counter(), time.process_time()
                found = rfm(db, UNTIL, ZoneInfo("UTC"), "CNY")
                ours.append((time.perf_counter() - started, time.process_time() - worked))
                print("again", file=peer.stdin, flush=True)
                theirs.append(tuple(map(float, peer.stdout.readline().split())))
            peer.stdin.close()
        equal = agrees(found, dict(np.load(answer)))
        con.close()
    # The first round warms both.
    (mine, worked), (other, their_work) = (
        [statistics.median(column) for column in zip(*rounds[1:], strict=True)]
        for rounds in (ours, theirs)
    )
    print(
        f"Muster {mine * 1000:,.0f} ms (work {worked * 1000:,.0f} ms)"
        f"   lifetimes {other * 1000:,.0f} ms (work {their_work * 1000:,.0f} ms)"
    )
    ratio = mine / other
    print(
        f"RFM  {ratio:.3f}  goal ≤{GOAL}  {'ok' if ratio <= GOAL else 'short'}"
        f"  {'equal' if equal else 'NOT EQUAL'}"
    )
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument.replace("_", "")) for argument in sys.argv[1:])))
