"""The record store as files: SQLite as one of them, PostgreSQL as one a table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

DATABASE = "muster.sqlite3"
TABLES = "tables.json"


def migrations() -> list[tuple[str, str]]:
    """What has been applied to the tables."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def as_called_now(applied: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """These migrations, with the one that took the place of several in place of them."""
    for key, migration in MigrationLoader(None).disk_migrations.items():
        former = set(migration.replaces)
        if former and former <= applied:
            applied = (applied - former) | {key}
    return applied


def are_there() -> bool:
    """Whether there is a record store at all."""
    return "team_workspace" in connection.introspection.table_names()


def copy_out(folder: Path) -> None:
    """Write the record store as it is at one moment; whoever works with it is not held up."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        copy = sqlite3.connect(folder / DATABASE)
        try:
            connection.connection.backup(copy)
        finally:
            copy.close()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        columns = {table: _columns(cursor, table) for table in _tables()}
        for table, names in columns.items():
            with (
                (folder / f"{table}.copy").open("wb") as file,
                cursor.copy(f"COPY {_quoted([table])} ({_quoted(names)}) TO STDOUT") as rows,
            ):
                for part in rows:
                    file.write(part)
    (folder / TABLES).write_text(json.dumps(columns))


def copy_in(folder: Path, applied: Iterable[tuple[str, str]]) -> None:
    """Put what `copy_out` wrote in the place of everything that is there.

    `applied` are the migrations of then; bringing the tables up to date is left to `migrate`.
    """
    if connection.vendor == "sqlite":
        raise ValueError("A file is put in its place, not copied.")
    columns: dict[str, list[str]] = json.loads((folder / TABLES).read_text())
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        if there := list(connection.introspection.table_names()):
            cursor.execute(f"DROP TABLE {_quoted(there)} CASCADE")
    MigrationExecutor(connection).migrate(_leaves(set(applied)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {_quoted(columns)} CASCADE")
        for table, names in columns.items():
            with (
                (folder / f"{table}.copy").open("rb") as file,
                cursor.copy(f"COPY {_quoted([table])} ({_quoted(names)}) FROM STDIN") as rows,
            ):
                while part := file.read(1 << 20):
                    rows.write(part)
        models = [model for model in apps.get_models() if model._meta.db_table in columns]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    connections.close_all()


def _tables() -> list[str]:
    known = connection.introspection.django_table_names(only_existing=True)
    return sorted({*known, MigrationRecorder.Migration._meta.db_table})


def _columns(cursor: Any, table: str) -> list[str]:
    described = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in described]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(connection.ops.quote_name(name) for name in names)


def _leaves(applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The last migration of each app among those that had been applied."""
    graph = MigrationExecutor(connection).loader.graph
    return [
        node
        for node in sorted(applied)
        if not any(
            child.key in applied and child.key[0] == node[0]
            for child in graph.node_map[node].children
        )
    ]
