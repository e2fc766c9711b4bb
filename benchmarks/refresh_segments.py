"""Live segments: following them against working them out again, and many against one by one (PE4).

Run with `python benchmarks/refresh_segments.py [PEOPLE] [EVENTS]`. One per cent of new events comes
as visits of ten events each, nine of ten visits by people who came the time before. A rebuild
forgets the members of twenty segments and works them out for everybody; a refresh asks those who
may have moved. Both end in the record store, a refresh with history and events besides, and the
members must be those of a full look. The second line asks twenty segments on one kind of event in
one pass and one by one.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "src"))
sys.path.insert(0, str(HERE))

GOAL_REFRESH = 0.05
GOAL_MANY = 0.35
ROUNDS = 3

BUY = {"event": "Order Completed"}
VIEW = {"event": "Product Viewed"}
RULES: list[dict[str, object]] = [
    {**BUY, "within": "90d", "count": {"gte": 3}},
    {**BUY, "count": {"eq": 1}},
    {**BUY, "within": "1y", "sum": {"property": "revenue", "gte": 500}},
    {"all": [BUY, {**BUY, "within": "180d", "count": {"eq": 0}}]},
    {**BUY, "last": {"within": "30d"}},
    {**BUY, "first": {"within": "90d"}},
    {"all": [{**VIEW, "within": "14d"}, {**BUY, "within": "14d", "count": {"eq": 0}}]},
    {**VIEW, "within": "60d", "where": [{"property": "category", "op": "eq", "value": "shoes"}]},
    {**VIEW, "within": "60d", "where": [{"property": "category", "op": "eq", "value": "hats"}]},
    {"event": "Page Viewed", "within": "7d", "count": {"gte": 2}},
    {"event": "Product Added", "within": "this_month"},
    {"all": [{"event": "Product Added", "within": "7d"}, {"not": {**BUY, "within": "7d"}}]},
    {"event": "Message Opened", "within": "30d"},
    {"all": [{"event": "Message Sent", "within": "30d"}, {"not": {"event": "Message Opened"}}]},
    {"all": [{"trait": "city", "op": "eq", "value": "Shanghai"}, {**BUY, "within": "90d"}]},
    {"all": [{"tag": "member"}, {**BUY, "within": "90d", "count": {"gte": 2}}]},
    {
        "all": [
            {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
            {"event": "Page Viewed", "within": "30d"},
        ]
    },
    {"trait": "city", "op": "in", "value": ["Hangzhou", "Suzhou"]},
    {"all": [{"tag": "member"}, {"not": {"tag": "complained"}}]},
    {"all": [{"random": {"percent": 10, "salt": "a"}}, BUY]},
]

SAME: list[dict[str, object]] = [
    {**BUY, "within": window, **more}
    for window in ("30d", "60d", "90d", "180d", "1y")
    for more in (
        {"count": {"gte": 2}},
        {"count": {"gte": 1, "lte": 3}},
        {"sum": {"property": "revenue", "gte": 300}},
        {"count": {"eq": 0}},
    )
]


def main(people: int = 1_000_000, events: int = 20_000_000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MUSTER_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(Path(folder), people, events)


def measure(folder: Path, people: int, events: int) -> int:
    from evaluate_segments import NOW, fill

    from muster.events.spool import SpoolWriter
    from muster.kit.tokens import Signer
    from muster.people.segments import actions
    from muster.people.segments.models import Segment, SegmentMember, SegmentMove
    from muster.people.segments.refreshing import refresh
    from muster.team import stores
    from muster.team.users.models import Workspace
    from muster.warehouse.store import Warehouse

    Workspace.objects.create(name="Bench", currency="CNY", time_zone="UTC")
    spool = folder / "bench-spool"
    spool.mkdir()
    warehouse = Warehouse(folder / "bench.duckdb", b"k" * 32, megabytes=4000)
    stores.use(stores.Stores(SpoolWriter(spool, "bench"), Signer(b"s" * 32), warehouse))
    started = time.perf_counter()
    with warehouse._cursor() as con:
        fill(con, people, events)
    record_people(people)
    warehouse.as_of = NOW
    print(f"{people:,} people, {events:,} events made in {time.perf_counter() - started:.0f} s")
    many = ask_many(warehouse)

    segments = [actions.create(f"{i}", rule, by=None) for i, rule in enumerate(RULES)]
    with warehouse.write() as con:
        visit(con, people, events, 0)
    refresh(NOW)
    refreshes, rebuilds, equal = [], [], True
    for n in range(1, ROUNDS + 1):
        now = NOW + timedelta(hours=n)
        with warehouse.write() as con:
            visit(con, people, events, n)
        started = time.perf_counter()
        done = refresh(now)
        refreshes.append(time.perf_counter() - started)
        followed = members(segments)
        SegmentMember.objects.all().delete()
        SegmentMove.objects.all().delete()
        Segment.objects.update(refreshed_at=None, size=0)
        started = time.perf_counter()
        refresh(now)
        rebuilds.append(time.perf_counter() - started)
        equal &= followed == members(segments)
        print(
            f"refresh {refreshes[-1] * 1000:7.0f} ms ({done.asked:,} asked, {done.entered:,} came,"
            f" {done.left:,} left)   rebuild {rebuilds[-1] * 1000:7.0f} ms"
            f" ({sum(size for size, _hash in followed):,} members)"
        )
    ratio = sorted(refreshes)[ROUNDS // 2] / sorted(rebuilds)[ROUNDS // 2]
    print(
        f"segment refresh  {ratio:.3f}  goal ≤{GOAL_REFRESH}"
        f"  {'ok' if ratio <= GOAL_REFRESH else 'short'}  {'equal' if equal else 'NOT EQUAL'}"
    )
    share, same = many
    print(
        f"many segments  {share:.2f}  goal ≤{GOAL_MANY}"
        f"  {'ok' if share <= GOAL_MANY else 'short'}  {'equal' if same else 'NOT EQUAL'}"
    )
    warehouse.close()
    return 0 if equal and same else 1


def record_people(people: int) -> None:
    """The people of the warehouse in the record store."""
    from django.db import connection

    from muster.people.models import Person

    empty = {
        field.column: "''"
        for field in Person._meta.concrete_fields
        if not field.null and not field.primary_key
    }
    empty |= {name: "'2026-01-01 00:00:00'" for name in empty if name.endswith("_at")}
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n"
            f" WHERE id < {people - 1}) INSERT INTO people_person (id, {', '.join(empty)})"
            f" SELECT id, {', '.join(empty.values())} FROM n"
        )


def visit(con, people: int, events: int, n: int) -> None:  # type: ignore[no-untyped-def]
    """One per cent of new events: visits of ten events each, in the last hour."""
    count = events // 100
    con.execute(
        f"""
        INSERT INTO events (event_id, "at", received_at, clamped, person_id, type, name, source,
                            actor, currency, revenue, props)
        SELECT {events * n} + range,
               TIMESTAMP '2026-06-15 12:00' + to_seconds({3600 * (n - 1)} + range * 3600 // {count})
                   AS moment, moment, false,
               CAST(hash(range // 10, CASE WHEN range // 10 % 10 = 0 THEN {n} ELSE 0 END) % {people}
                    AS BIGINT), 'track', name, 'key:shop',
               'human', CASE WHEN name = 'Order Completed' THEN 'CNY' END,
               CASE WHEN name = 'Order Completed' THEN range % 400 END,
               '{{"category":"' || ['shoes', 'hats', 'coats'][1 + range % 3] || '"}}'
        FROM (SELECT range, ['Page Viewed', 'Page Viewed', 'Page Viewed', 'Product Viewed',
                             'Page Viewed', 'Product Viewed', 'Product Viewed', 'Page Viewed',
                             'Product Added', CASE WHEN range % 50 = 9 THEN 'Order Completed'
                                                   ELSE 'Page Viewed' END][1 + range % 10] AS name
              FROM range({count}))
        """
    )


def members(segments) -> list[tuple[int, int]]:  # type: ignore[no-untyped-def]
    """Size and fingerprint of each segment's members."""
    from muster.people.segments.models import SegmentMember

    found = []
    for segment in segments:
        numbers = SegmentMember.objects.filter(segment=segment).order_by("person_id")
        ids = tuple(numbers.values_list("person_id", flat=True).iterator(chunk_size=100_000))
        found.append((len(ids), hash(ids)))
    return found


def ask_many(warehouse) -> tuple[float, bool]:  # type: ignore[no-untyped-def]
    """Twenty segments on one kind of event: one pass against twenty; whether all are equal."""
    from evaluate_segments import NOW

    from muster.warehouse.compile import Context
    from muster.warehouse.rules import parse
    from muster.warehouse.segments import memberships

    rules = [parse(rule) for rule in SAME]
    with warehouse.read(seconds=600) as db:
        apart, together = [], []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            one_by_one = [memberships(db, [rule], Context(NOW))[0] for rule in rules]
            apart.append(time.perf_counter() - started)
            started = time.perf_counter()
            at_once = memberships(db, rules, Context(NOW))
            together.append(time.perf_counter() - started)
    same = all(
        sorted(a.to_pylist()) == sorted(b.to_pylist())
        for a, b in zip(one_by_one, at_once, strict=True)
    )
    print(f"20 one by one {min(apart) * 1000:7.0f} ms   in one pass {min(together) * 1000:7.0f} ms")
    return min(together) / min(apart), same


if __name__ == "__main__":
    sys.exit(main(*(int(argument.replace("_", "")) for argument in sys.argv[1:])))
