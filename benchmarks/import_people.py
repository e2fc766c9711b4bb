"""Importing people from a file against the bare way to the same rows (PE2).

Run with `python benchmarks/import_people.py [PEOPLE]`. The file is a CSV as shops export it: id,
name, e-mail, phone (six ways to write one), city, orders, spent, birthday. The bare way is what
somebody with a console would do: DuckDB's `read_csv`, each different phone brought into its normal
form once by `phonenumbers`, and one INSERT … SELECT into a table that is on disk. The import does
the whole job of the product: it looks through the file, puts an event per person into the log,
makes people, profiles and addresses by which they are found, and is over when all can be counted.
Both must hold the same people with the same addresses, phones and traits.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "src"))

GOAL = 2.0


def main(people: int = 1_000_000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MUSTER_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return measure(Path(folder), people)


def measure(folder: Path, people: int) -> int:
    from muster.team.users.models import Workspace

    Workspace.objects.create(name="Bench", currency="CNY", time_zone="Asia/Shanghai")
    file = folder / "people.csv"
    write(file, people)
    print(f"{people:,} people, {file.stat().st_size / 1e6:.0f} MB")
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, used = time.perf_counter(), time.process_time()
    ours = bring_in(folder, file)
    product, product_cpu = time.perf_counter() - started, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, used = time.perf_counter(), time.process_time()
    bare = the_bare_way(folder, file)
    seconds, bare_cpu = time.perf_counter() - started, time.process_time() - used
    equal = same(folder, ours, bare, people)
    ratio = product / seconds
    print(
        f"import {product:6.1f} s ({people / product:,.0f} people/s, {product_cpu:.0f} s of a core)"
        f"   bare way {seconds:6.1f} s ({bare_cpu:.0f} s of a core)"
        f"   memory {base / 1024:.0f} → {memory / 1024:.0f} MB"
    )
    print(
        f"people import  {ratio:.2f}  goal ≤{GOAL}"
        f"  {'ok' if ratio <= GOAL else 'short'}  {'equal' if equal else 'NOT EQUAL'}"
    )
    return 0 if equal else 1


def write(file: Path, people: int) -> None:
    """The file, the same in every run."""
    import duckdb

    number = "'1' || (ARRAY[38, 39, 50, 86, 77])[1 + i % 5] || lpad(CAST(i AS VARCHAR), 8, '0')"
    duckdb.sql(
        f"""
        COPY (
            SELECT 'c' || i AS id,
                   (ARRAY['王', '李', '张', '刘', '陈'])[1 + i % 5]
                       || (ARRAY['伟', '芳', '娜', '静', '敏', '小雨'])[1 + i % 6] AS name,
                   CASE WHEN i % 7 = 0 THEN 'Person.' ELSE 'person.' END || i
                       || (ARRAY['@example.com', '@qq.example', '@163.example'])[1 + i % 3]
                       AS email,
                   CASE i % 6
                       WHEN 0 THEN n
                       WHEN 1 THEN '+86 ' || n
                       WHEN 2 THEN '86' || n
                       WHEN 3 THEN n[:3] || ' ' || n[4:7] || ' ' || n[8:]
                       WHEN 4 THEN n[:3] || '-' || n[4:7] || '-' || n[8:]
                       ELSE '0086' || n END AS phone,
                   (ARRAY['上海', '杭州', '深圳', '成都'])[1 + i % 4] AS city,
                   i % 40 AS orders, round(i % 9973 / 10, 1) AS spent,
                   DATE '1960-01-01' + CAST(i % 16000 AS INTEGER) AS birthday
            FROM (SELECT range AS i, {number.replace("i ", "range ").replace("(i ", "(range ")} AS n
                  FROM range({people})))
        TO '{file}' (HEADER)
        """
    )


def bring_in(folder: Path, file: Path):  # type: ignore[no-untyped-def]
    """Through the actions and jobs of the product, with its loader in a thread as in the server."""
    from muster.events.spool import SpoolWriter
    from muster.kit.tokens import Signer
    from muster.people.identity.records import PeopleRecords
    from muster.people.imports import actions
    from muster.people.imports.models import Import
    from muster.team import stores
    from muster.team.jobs.runner import Runner
    from muster.warehouse.loader import Loader
    from muster.warehouse.store import Warehouse

    spool = folder / "bench-spool"
    spool.mkdir()
    warehouse = Warehouse(folder / "bench.duckdb", b"k" * 32)
    loader = Loader(warehouse, spool, PeopleRecords())
    stores.use(
        stores.Stores(SpoolWriter(spool, "bench"), Signer(b"s" * 32), warehouse, loader=loader)
    )
    loader.start()
    try:
        with file.open("rb") as opened:
            imported = actions.begin(opened, file.name, by=None)
        actions.match_by_name(imported, {})
        actions.start(imported, by=None)
        Runner().run_waiting()
    finally:
        loader.stop()
    imported.refresh_from_db()
    if imported.state != Import.State.DONE:
        raise SystemExit(imported.error)
    return warehouse


def the_bare_way(folder: Path, file: Path):  # type: ignore[no-untyped-def]
    """read_csv, each phone once, one INSERT … SELECT."""
    import duckdb
    import phonenumbers
    import pyarrow as pa

    con = duckdb.connect(str(folder / "bare.duckdb"))
    con.execute(
        "CREATE TEMP TABLE file AS SELECT * FROM read_csv(?, all_varchar = true)", [str(file)]
    )
    phones = [row[0] for row in con.execute("SELECT DISTINCT phone FROM file").fetchall()]
    normal = []
    for phone in phones:
        try:
            parsed = phonenumbers.parse(phone, "CN")
            valid = phonenumbers.is_valid_number(parsed)
        except phonenumbers.NumberParseException:
            valid = False
        normal.append(
            phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            if valid
            else None
        )
    con.register("phone_of", pa.table({"phone": phones, "normal": normal}))
    con.execute(
        "CREATE TABLE people (id VARCHAR, email VARCHAR, phone VARCHAR, name VARCHAR, city VARCHAR,"
        " orders DOUBLE, spent DOUBLE, birthday VARCHAR)"
    )
    con.execute(
        "INSERT INTO people SELECT id, lower(trim(email)), normal, name, city, orders, spent,"
        " birthday FROM file LEFT JOIN phone_of USING (phone)"
    )
    return con


def same(folder: Path, warehouse, bare, people: int) -> bool:  # type: ignore[no-untyped-def]
    """Whether both hold the same people, addresses, phones and traits, compared by checksum."""
    import pyarrow as pa
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, external_id, email, phone, last_name, first_name FROM people_person"
        )
        columns = list(zip(*cursor.fetchall(), strict=True))
    names = ("person_id", "id", "email", "phone", "last", "first")
    bare.register("record", pa.table(dict(zip(names, map(list, columns), strict=True))))
    with warehouse.read(seconds=600) as db:
        known = dict(db.con.execute("SELECT name, col FROM traits").fetchall())
        traits = ", ".join(f"{known[n]} AS {n}" for n in ("city", "orders", "spent", "birthday"))
        bare.register(
            "profile", db.con.execute(f"SELECT person_id, {traits} FROM profiles").to_arrow_table()
        )
    of = (
        "count(*), sum(hash(id, email, phone, name, city, orders, spent,"
        " CAST(birthday AS VARCHAR)))"
    )
    ours = bare.execute(
        f"SELECT {of} FROM (SELECT record.*, profile.* EXCLUDE (person_id), last || first AS name"
        " FROM record JOIN profile USING (person_id))"
    ).fetchone()
    theirs = bare.execute(f"SELECT {of} FROM people").fetchone()
    if ours != theirs:
        print(ours, theirs)
    return ours == theirs and ours[0] == people


if __name__ == "__main__":
    sys.exit(main(*(int(argument.replace("_", "")) for argument in sys.argv[1:])))
