"""Segment evaluation against hand-written SQL: 1 million people, 20 million events (PE4).

Run with `python benchmarks/evaluate_segments.py [PEOPLE] [EVENTS]`. Muster's time goes from the
JSON of the rule to the count, compiling included; the SQL is what a careful analyst would write
for that one question. Both must give the same number, or the exit code is not zero.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from muster.warehouse import duck, schema, segments
from muster.warehouse.compile import Context
from muster.warehouse.rules import parse

GOAL = 1.5
ROUNDS = 5
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
SINCE = "TIMESTAMP '2026-06-15 12:00' - INTERVAL"
HUMAN = "(actor IS NULL OR actor <> 'machine')"

RULES: list[tuple[str, dict[str, object], str]] = [
    (
        "bought 3 times in 90 days",
        {"event": "Order Completed", "within": "90d", "count": {"gte": 3}},
        f"""
        WITH e AS (SELECT person_id FROM events WHERE name = 'Order Completed' AND {HUMAN}
                   AND "at" >= {SINCE} 90 DAY GROUP BY person_id HAVING count(*) >= 3)
        SELECT count(*) FROM profiles JOIN e USING (person_id) WHERE known
        """,
    ),
    (
        "spent 2000 in a year",
        {"event": "Order Completed", "within": "1y", "sum": {"property": "revenue", "gte": 2000}},
        f"""
        WITH e AS (SELECT person_id FROM events WHERE name = 'Order Completed' AND {HUMAN}
                   AND "at" >= TIMESTAMP '2025-06-15 12:00'
                   GROUP BY person_id HAVING sum(revenue) >= 2000)
        SELECT count(*) FROM profiles JOIN e USING (person_id) WHERE known
        """,
    ),
    (
        "viewed shoes, bought nothing in 30 days",
        {
            "all": [
                {
                    "event": "Product Viewed",
                    "within": "30d",
                    "where": [{"property": "category", "op": "eq", "value": "shoes"}],
                },
                {"event": "Order Completed", "within": "30d", "count": {"eq": 0}},
            ]
        },
        f"""
        WITH e AS (SELECT person_id,
                          count(*) FILTER (name = 'Product Viewed'
                              AND json_extract_string(props, '$.category') = 'shoes') AS viewed,
                          count(*) FILTER (name = 'Order Completed') AS bought
                   FROM events WHERE name IN ('Product Viewed', 'Order Completed') AND {HUMAN}
                   AND "at" >= {SINCE} 30 DAY GROUP BY person_id)
        SELECT count(*) FROM profiles JOIN e USING (person_id)
        WHERE known AND viewed >= 1 AND bought = 0
        """,
    ),
    (
        "has not come by for 180 days",
        {"event": "Page Viewed", "within": "180d", "count": {"eq": 0}},
        f"""
        WITH e AS (SELECT DISTINCT person_id FROM events WHERE name = 'Page Viewed' AND {HUMAN}
                   AND "at" >= {SINCE} 180 DAY AND person_id IS NOT NULL)
        SELECT count(*) FROM profiles ANTI JOIN e USING (person_id) WHERE known
        """,
    ),
    (
        "Shanghai or Hangzhou, agreed, tagged",
        {
            "all": [
                {"trait": "city", "op": "in", "value": ["Shanghai", "Hangzhou"]},
                {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
                {"not": {"tag": "complained"}},
            ]
        },
        """
        WITH c AS (SELECT DISTINCT person_id FROM consents WHERE channel = 'email'
                   AND purpose = 'marketing' AND state = 'granted'),
             t AS (SELECT DISTINCT person_id FROM tags WHERE tag = 'complained')
        SELECT count(*) FROM profiles JOIN c USING (person_id) ANTI JOIN t USING (person_id)
        WHERE known AND t1 IN ('Shanghai', 'Hangzhou')
        """,
    ),
    (
        "the whole rule of the screen",
        {
            "all": [
                {"event": "Order Completed", "within": "90d", "count": {"gte": 2}},
                {
                    "event": "Order Completed",
                    "within": "1y",
                    "avg": {"property": "revenue", "gte": 150},
                },
                {"event": "Message Sent", "within": "14d", "count": {"eq": 0}},
                {
                    "any": [
                        {"trait": "city", "op": "in", "value": ["Shanghai", "Hangzhou"]},
                        {"tag": "member"},
                    ]
                },
                {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
            ]
        },
        f"""
        WITH e AS (SELECT person_id,
                          count(*) FILTER (name = 'Order Completed'
                                           AND "at" >= {SINCE} 90 DAY) AS bought,
                          avg(revenue) FILTER (name = 'Order Completed') AS mean,
                          count(*) FILTER (name = 'Message Sent'
                                           AND "at" >= {SINCE} 14 DAY) AS sent
                   FROM events WHERE name IN ('Order Completed', 'Message Sent') AND {HUMAN}
                   AND "at" >= TIMESTAMP '2025-06-15 12:00' GROUP BY person_id),
             c AS (SELECT DISTINCT person_id FROM consents WHERE channel = 'email'
                   AND purpose = 'marketing' AND state = 'granted'),
             t AS (SELECT DISTINCT person_id, true AS member FROM tags WHERE tag = 'member')
        SELECT count(*) FROM profiles JOIN e USING (person_id) JOIN c USING (person_id)
               LEFT JOIN t USING (person_id)
        WHERE known AND bought >= 2 AND mean >= 150 AND sent = 0
              AND (t1 IN ('Shanghai', 'Hangzhou') OR member)
        """,
    ),
]


def fill(con: duckdb.DuckDBPyConnection, people: int, events: int) -> None:
    """The tables of the loader, clustered by time as the loader leaves them."""
    for statement in schema.create_statements():
        con.execute(statement)
    con.execute("CREATE TEMP MACRO drawn(n, salt, size) AS CAST(hash(n, salt) % size AS BIGINT)")
    con.execute("ALTER TABLE profiles ADD COLUMN t1 VARCHAR")
    con.execute("INSERT INTO traits VALUES ('city', 't1', 'text')")
    con.execute(
        f"""
        INSERT INTO profiles (person_id, known, t1)
        SELECT range, drawn(range, 0, 50) <> 0,
               ['Shanghai', 'Beijing', 'Hangzhou', 'Suzhou', NULL][1 + drawn(range, 1, 5)]
        FROM range({people});
        INSERT INTO tags SELECT range, 'member', TIMESTAMP '2026-01-01' FROM range({people})
            WHERE drawn(range, 2, 5) = 0;
        INSERT INTO tags SELECT range, 'complained', TIMESTAMP '2026-01-01' FROM range({people})
            WHERE drawn(range, 3, 40) = 0;
        INSERT INTO consents
            SELECT range, 'email', 'marketing',
                   CASE WHEN drawn(range, 4, 5) = 0 THEN 'withdrawn' ELSE 'granted' END,
                   TIMESTAMP '2026-01-01', '', NULL, false
            FROM range({people}) WHERE drawn(range, 5, 10) < 7;
        """
    )
    slices = 10
    for i in range(slices):
        first, last = events * i // slices, events * (i + 1) // slices
        con.execute(
            f"""
            INSERT INTO events (event_id, "at", received_at, clamped, person_id, type, name, source,
                                actor, channel, send_id, order_id, currency, revenue, url, props)
            SELECT range,
                   TIMESTAMP '2024-06-15' + to_seconds(range * 63072000 // {events}) AS moment,
                   moment,
                   false, CASE WHEN drawn(range, 1, 20) <> 0 THEN drawn(range, 2, {people}) END,
                   'track', name, 'key:shop', CASE WHEN drawn(range, 3, 25) = 0 THEN 'machine'
                                                   ELSE 'human' END,
                   ['email', 'search', NULL][1 + drawn(range, 4, 3)],
                   CASE WHEN name LIKE 'Message%' THEN 'snd_' || drawn(range, 5, 200) END,
                   CASE WHEN name = 'Order Completed' THEN 'o' || range END,
                   CASE WHEN name = 'Order Completed' THEN 'CNY' END,
                   CASE WHEN name = 'Order Completed' THEN drawn(range, 6, 40000) / 100 END,
                   CASE WHEN name = 'Page Viewed' THEN '/p/' || drawn(range, 7, 5000) END,
                   '{{"category":"' || ['shoes', 'hats', 'coats'][1 + drawn(range, 8, 3)]
                       || '","price":' || drawn(range, 9, 900) || '}}'
            FROM (SELECT range, ['Page Viewed', 'Page Viewed', 'Page Viewed', 'Product Viewed',
                                 'Product Viewed', 'Product Added', 'Order Completed',
                                 'Message Sent', 'Message Opened', 'Message Clicked'
                                ][1 + drawn(range, 10, 10)] AS name
                  FROM range({first}, {last}))
            """
        )
    con.execute("CHECKPOINT")


Timed = tuple[float, float, int]
"""Seconds of the clock, seconds of the processors, and the answer."""


def timed(answer: Callable[[], int]) -> Timed:
    started, worked = time.perf_counter(), time.process_time()
    found = answer()
    return time.perf_counter() - started, time.process_time() - worked, found


def in_turn(*answers: Callable[[], int]) -> list[Timed]:
    """The median times of each after one warm round; they take turns, so both see the same load."""
    rounds = [[timed(answer) for answer in answers] for _ in range(1 + ROUNDS)][1:]
    return [
        (
            statistics.median(one[0] for one in mine),
            statistics.median(one[1] for one in mine),
            mine[0][2],
        )
        for mine in zip(*rounds, strict=True)
    ]


def main(people: int = 1_000_000, events: int = 20_000_000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"), config={"memory_limit": "4GB"})
        con.execute("SET TimeZone = 'UTC'")
        started = time.perf_counter()
        fill(con, people, events)
        print(f"{people:,} people, {events:,} events made in {time.perf_counter() - started:.0f} s")
        db = duck.over(con)
        context = Context(NOW)
        ratios, works, equal = [], [], True
        for name, rule, sql in RULES:
            (theirs, their_work, wanted), (ours, our_work, found) = in_turn(
                lambda sql=sql: con.execute(sql).fetchone()[0],
                lambda rule=rule: segments.count(db, parse(rule), context),
            )
            ratios.append(ours / theirs)
            works.append(our_work / their_work)
            equal &= found == wanted
            verdict = "equal" if found == wanted else f"NOT EQUAL to {wanted:,}"
            print(
                f"{name:42} {ours * 1000:7.0f} ms   SQL {theirs * 1000:7.0f} ms"
                f"   ratio {ratios[-1]:5.2f} (work {works[-1]:5.2f})   {found:9,} people"
                f"   {verdict}",
                flush=True,
            )
        con.close()
    ratio = statistics.geometric_mean(ratios)
    print(f"by the processors' time {statistics.geometric_mean(works):.2f}")
    print(
        f"segment evaluation  {ratio:.2f}  goal ≤{GOAL}  {'ok' if ratio <= GOAL else 'short'}"
        f"  {'equal' if equal else 'NOT EQUAL'}"
    )
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument.replace("_", "")) for argument in sys.argv[1:])))
