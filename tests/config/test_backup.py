"""A backup holds everything, and what it brings back sends nothing by itself (PF4)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def database() -> Callable[[], str]:
    """Addresses of empty databases: none of SQLite, since it lies in the data folder."""
    server = os.environ.get("MUSTER_TEST_DATABASE_URL", "")

    def fresh() -> str:
        if not server:
            return ""
        import psycopg

        name = f"backup_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"{server.rpartition('/')[0]}/{name}"

    return fresh


def muster(folder: Path, database: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
    outside = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "HOME": str(folder),
        "MUSTER_DATABASE_URL": database,
    }
    return subprocess.run(
        [sys.executable, "-m", "muster", "--data", folder, "--json", *map(str, arguments)],
        env=outside,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_was_kept_comes_back_held(tmp_path: Path, database: Callable[[], str]) -> None:
    here, there = (tmp_path / "here", database()), (tmp_path / "there", database())
    file, people, rule = (tmp_path / name for name in ("m.tgz", "p.csv", "r.json"))
    people.write_text("external_id,email,city\nu1,u1@example.com,Suzhou\nu2,,Hangzhou\n")
    rule.write_text(json.dumps({"trait": "city", "op": "eq", "value": "Suzhou"}))
    answer(muster(*here, "import", "people", people))
    kept = answer(muster(*here, "backup", file))
    assert kept["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0

    over = answer(muster(*here, "restore", file))
    assert (over["held"], over["made_at"], over["events"]) == (True, kept["made_at"], 2)
    assert any(Path(over["set_aside"]).glob("spool/*"))
    elsewhere = answer(muster(*there, "restore", file))
    assert (elsewhere["events"], elsewhere["set_aside"]) == (2, None)
    assert answer(muster(*there, "segment", "count", rule)) == {"count": 1}
    assert (there[0] / "secret.key").read_text() == (here[0] / "secret.key").read_text()
    # The next thing that is made does not collide with what came back.
    people.write_text("external_id,city\nu3,Suzhou\n")
    assert answer(muster(*there, "import", "people", people))["new"] == 1


def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path) -> None:
    junk = tmp_path / "junk"
    junk.write_bytes(b"no backup")
    refused = muster(tmp_path / "data", "", "restore", junk)
    assert refused.returncode == 1
    assert f"{junk} is no backup of Muster" in refused.stderr


def test_a_backup_of_before_the_tables_became_one_migration_is_known() -> None:
    from django.db.migrations.loader import MigrationLoader

    from muster.config.backup.records import as_called_now

    known = MigrationLoader(None).disk_migrations
    tables = ("plan", "0001_tables")
    former = set(known[tables].replaces)
    assert len(former) > 10
    other = ("axes", "0001_initial")
    assert as_called_now(former | {other}) == {tables, other}
    assert as_called_now(former | {tables}) == {tables}
    half = former - {min(former)}
    assert as_called_now(half) == half


CANARY = b"kanarienvogel"


def python(folder: Path, database: str, *arguments: Any) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={
            **os.environ,
            "MUSTER_DATA": str(folder),
            "MUSTER_DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "muster.config.settings",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def story(folder: Path, database: str, *arguments: Any) -> None:
    python(folder, database, Path(__file__).with_name("restoring.py"), *arguments)


def called(folder: Path, database: str, method: str, path: str) -> Any:
    """What the API of this folder answers to the owner of the machine."""
    code = (
        "import json, django; django.setup()\n"
        "from muster.config.cli.client import muster\n"
        f"with muster() as api: print(json.dumps(api.call({method!r}, {path!r})))"
    )
    return json.loads(python(folder, database, "-c", code))


def asked(place: tuple[Path, str], code: str) -> Any:
    """What `answer` is at the end of this code."""
    begun = f"import json, django; django.setup()\n{code}\nprint(json.dumps(answer))"
    return json.loads(python(*place, "-c", begun))


def people_of(place: tuple[Path, str]) -> list[str]:
    return [one["external_id"] for one in called(*place, "GET", "/people")["items"]]


def files_with(root: Path, needle: bytes) -> list[str]:
    """Where it is found, but for what a restore set aside."""
    files = [path for path in root.rglob("*") if path.is_file()]
    names = [str(path.relative_to(root)) for path in files if needle in path.read_bytes().lower()]
    return sorted(name for name in names if not name.startswith("before-restore"))


def rows_with(database: str, needle: str) -> list[str]:
    """The tables of a database of PostgreSQL in which it is found."""
    if not database:
        return []
    import psycopg

    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        return [
            table
            for (table,) in tables
            if connection.execute(
                f'SELECT 1 FROM "{table}" t WHERE t::text ILIKE %s LIMIT 1', [f"%{needle}%"]
            ).fetchone()
        ]


class TestAnErasureAfterTheBackup:
    """Whoever was erased since stays erased when the backup of before comes back."""

    @pytest.fixture
    def place(self, tmp_path: Path, database: Callable[[], str]) -> tuple[Path, str]:
        return tmp_path / "data", database()

    def test_is_carried_out_anew(self, place: tuple[Path, str], tmp_path: Path) -> None:
        file = tmp_path / "m.tgz"
        story(*place, "before", file)
        stores = {name.partition("/")[0] for name in files_with(place[0], CANARY)}
        assert {"spool", "uploads", "inbox"} <= stores
        story(*place, "erase")
        assert CANARY not in (place[0] / "erasures.ndjson").read_bytes().lower()

        done = answer(muster(*place, "restore", file))
        assert done["erased"] == 1
        assert not (place[0] / "restoring.json").exists()
        assert files_with(place[0], CANARY) == []
        assert rows_with(place[1], CANARY.decode()) == []
        # Everybody else is there, with their file; what was asked for is not open any more.
        assert people_of(place) == ["c2"]
        assert [one["state"] for one in called(*place, "GET", "/requests")["items"]] == ["done"]
        waiting = [path for path in (place[0] / "uploads").iterdir() if path.is_file()]
        assert [path.read_bytes() for path in waiting] == [b"id,email\nc8,somebody@example.com\n"]
        # An address that only came later gets nothing either.
        assert (
            asked(
                place,
                "from muster.people.consent.models import Suppression as S\n"
                "from muster.people.profile.hashing import address_hash\n"
                "mails = ['kanarienvogel@example.com', 'kanarienvogel.later@example.com']\n"
                "hashes = [address_hash('email', mail) for mail in mails]\n"
                "answer = S.objects.filter(address_hash__in=hashes, reason='erased').count()",
            )
            == 2
        )

    @pytest.mark.slow
    def test_also_where_the_log_of_erasures_came_in_a_later_backup(
        self, tmp_path: Path, database: Callable[[], str]
    ) -> None:
        here, there = (tmp_path / "here", database()), (tmp_path / "there", database())
        early, late = tmp_path / "early.tgz", tmp_path / "late.tgz"
        story(*here, "before", early)
        story(*here, "erase")
        # An erasure of the same second as the backup is carried out anew for safety's sake.
        time.sleep(1.1)
        answer(muster(*here, "backup", late))
        assert answer(muster(*there, "restore", late))["erased"] == 0
        assert answer(muster(*there, "restore", early))["erased"] == 1
        assert people_of(there) == ["c2"]

    @pytest.mark.slow
    def test_not_of_somebody_else_who_got_the_number(
        self, place: tuple[Path, str], tmp_path: Path
    ) -> None:
        empty, two, file = (tmp_path / name for name in ("empty.tgz", "two.tgz", "p.csv"))
        answer(muster(*place, "user", "add", "o@example.com", "--role", "owner"))
        answer(muster(*place, "backup", empty))
        file.write_text("external_id,email\nu1,u1@example.com\n")
        answer(muster(*place, "import", "people", file))
        answer(muster(*place, "backup", two))
        answer(muster(*place, "restore", empty))
        file.write_text("external_id,email\nu2,u2@example.com\n")
        answer(muster(*place, "import", "people", file))
        second = called(*place, "GET", "/people")["items"][0]["id"]
        called(*place, "DELETE", f"/people/{second}")
        # In the older backup the number is the one of somebody who was never erased.
        assert answer(muster(*place, "restore", two))["erased"] == 1
        first = called(*place, "GET", "/people")["items"]
        assert [(one["id"], one["external_id"]) for one in first] == [(second, "u1")]

    @pytest.mark.slow
    def test_when_the_restore_was_killed_the_next_start_ends_it(
        self, place: tuple[Path, str], tmp_path: Path
    ) -> None:
        if place[1]:
            pytest.skip("the files of the record store are put in their place by hand")
        file, root = tmp_path / "m.tgz", place[0]
        story(*place, "before", file)
        story(*place, "erase")
        made_at = answer(muster(*place, "restore", file))["made_at"]
        # As it lies there right after the files of the backup came.
        with tarfile.open(file) as tar:
            tar.extractall(tmp_path / "unpacked", filter="data")
        for name in ("spool", "uploads", "inbox"):
            shutil.rmtree(root / name)
            shutil.copytree(tmp_path / "unpacked" / name, root / name)
        for old in [*root.glob("muster.sqlite3*"), *root.glob("warehouse.duckdb*")]:
            old.unlink()
        shutil.copy(tmp_path / "unpacked" / "records" / "muster.sqlite3", root)
        (root / "restoring.json").write_text(json.dumps({"made_at": made_at}))
        assert files_with(root, CANARY) != []
        assert people_of(place) == ["c2"]
        assert files_with(root, CANARY) == []
        assert asked(
            place,
            "from muster.team.models import Workspace; answer = Workspace.objects.get().halted",
        )
