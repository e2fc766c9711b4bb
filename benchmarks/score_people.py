"""Scoring everybody against hand-written SQL: 1 million people, 10 million events (PE7).

Run with `python benchmarks/score_people.py [PEOPLE] [EVENTS]`. Muster's time goes from the JSON of
the scorecard to the people who are ready for sales; the SQL is what a careful analyst would write
for that one scorecard. Both must name the same people, or the exit code is not zero.
"""

from __future__ import annotations

import statistics
import sys
import time
from datetime import UTC, datetime

import duckdb

from muster.warehouse import duck, schema
from muster.warehouse.compile import Context
from muster.warehouse.rules import parse
from muster.warehouse.scorecard import read
from muster.warehouse.scores import meant

GOAL = 1.5
ROUNDS = 3
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
CARD = {
    "behaviour": [
        {"event": "Page Viewed", "points": 1, "half_life": 14, "cap": 15},
        {"event": "Product Viewed", "points": 3, "half_life": 14, "cap": 30},
        {"event": "Form Submitted", "points": 25, "half_life": 30, "cap": 50},
        {"event": "Order Completed", "points": 15, "half_life": 60, "cap": 45},
        {"event": "Unsubscribed", "points": -30, "half_life": 90, "cap": 30},
    ],
    "fit": [
        {"trait": "level", "op": "in", "value": ["L3", "L4"], "points": 40},
        {"trait": "mail_domain", "op": "exists", "points": 10},
    ],
    "grades": {"A": 50, "B": 35, "C": 10},
}
RULE = {
    "all": [
        {"score": "lead", "op": "gte", "value": 40},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}
LEFT = "exp(-ln(2) * (epoch(TIMESTAMP '2026-06-15 12:00') - epoch(\"at\")) / 86400 / {})"
SQL = f"""
WITH e AS (
  SELECT person_id,
    least(15, coalesce(sum(1 * {LEFT.format(14)}) FILTER (name = 'Page Viewed'), 0))
    + least(30, coalesce(sum(3 * {LEFT.format(14)}) FILTER (name = 'Product Viewed'), 0))
    + least(50, coalesce(sum(25 * {LEFT.format(30)}) FILTER (name = 'Form Submitted'), 0))
    + least(45, coalesce(sum(15 * {LEFT.format(60)}) FILTER (name = 'Order Completed'), 0))
    + greatest(-30, coalesce(sum(-30 * {LEFT.format(90)}) FILTER (name = 'Unsubscribed'), 0))
      AS points
  FROM events
  WHERE name IN ('Page Viewed', 'Product Viewed', 'Form Submitted', 'Order Completed',
                 'Unsubscribed')
    AND (actor IS NULL OR actor <> 'machine') AND person_id IS NOT NULL
    AND (name <> 'Unsubscribed' OR source = 'muster')
  GROUP BY person_id)
SELECT person_id FROM profiles JOIN e USING (person_id)
WHERE known AND round(points, 1) >= 40
  AND CASE WHEN t0 IN ('L3', 'L4') THEN 40 ELSE 0 END
      + CASE WHEN mail_domain IS NOT NULL THEN 10 ELSE 0 END >= 35
ORDER BY person_id
"""


def build(people: int, events: int) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    for statement in schema.create_statements():
        con.execute(statement)
    con.execute("INSERT INTO built VALUES ('bench')")
    con.execute("INSERT INTO traits VALUES ('level', 't0', 'text')")
    con.execute("ALTER TABLE profiles ADD COLUMN t0 VARCHAR")
    con.execute("SELECT setseed(0.42)")
    con.execute(
        """
        INSERT INTO profiles (person_id, known, mail_domain, t0)
        SELECT i, true, CASE WHEN random() < 0.8 THEN 'a.cn' END, 'L' || (1 + i % 4)
        FROM range(?) t(i)
        """,
        [people],
    )
    con.execute(
        """
        INSERT INTO events (event_id, "at", received_at, clamped, person_id, type, name, source,
                            actor, props)
        SELECT i, TIMESTAMP '2026-06-15 12:00' - to_seconds(floor(random() * 15552000)::BIGINT),
               TIMESTAMP '2026-06-15 12:00', false, floor(random() * ?)::BIGINT, 'track',
               CASE WHEN r < 0.6 THEN 'Page Viewed' WHEN r < 0.85 THEN 'Product Viewed'
                    WHEN r < 0.9 THEN 'Form Submitted' WHEN r < 0.95 THEN 'Order Completed'
                    WHEN r < 0.96 THEN 'Unsubscribed' ELSE 'Message Sent' END,
               'muster', CASE WHEN random() < 0.05 THEN 'machine' END, '{}'
        FROM (SELECT i, random() AS r FROM range(?) t(i)) ORDER BY 2
        """,
        [people, events],
    )
    return con


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    began = time.perf_counter()
    con = build(people, events)
    db = duck.over(con)
    print(f"{people:,} people, {events:,} events, built in {time.perf_counter() - began:.0f} s")
    ours, theirs = [], []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        found = meant(db, parse(RULE), Context(NOW, scorecard=read(CARD)))
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        wanted = con.execute(SQL).to_arrow_table()
        theirs.append(time.perf_counter() - began)
        if found.column("person_id").to_pylist() != wanted.column("person_id").to_pylist():
            print(f"DIFFERENT PEOPLE: {len(found):,} and {len(wanted):,}")
            return 1
    mine, sql = statistics.median(ours), statistics.median(theirs)
    print(
        f"{len(found):,} ready for sales: Muster {mine:.2f} s, SQL {sql:.2f} s, {mine / sql:.2f}×"
    )
    return int(mine / sql > GOAL)


if __name__ == "__main__":
    sys.exit(main())
