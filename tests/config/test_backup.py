"""A backup holds everything, and what it brings back sends nothing by itself (PF4)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    outside = {"PATH": os.environ["PATH"], "HOME": str(folder), "MUSTER_DATABASE_URL": database}
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
