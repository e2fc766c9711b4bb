"""Migrations that make many tables in a moment."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import migrations
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState


class TablesTogether(migrations.Migration):
    """One whose new tables that follow each other are made together.

    After each single new table Django draws up anew all those that are related with it, which are
    nearly all: for a hundred tables that takes longer than everything else at a first start.
    """

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        # Only while it is applied: whoever looks at the migration sees its single tables.
        single, self.operations = self.operations, _together(self.operations)  # type: ignore[misc]
        try:
            return super().apply(project_state, schema_editor, collect_sql)
        finally:
            self.operations = single  # type: ignore[misc]


def _together(operations: Sequence[Operation]) -> list[Operation]:
    made: list[Operation] = []
    for are_new, run in groupby(operations, lambda one: isinstance(one, CreateModel)):
        some = list(run)
        made += [_NewTables(some)] if are_new else some
    return made


class _NewTables(Operation):
    """Tables that are drawn up once, after the last of them is known."""

    def __init__(self, tables: Sequence[Operation]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Without them the tables are only written down; who asks for them next draws up all.
        state.__dict__.pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(table.describe() for table in self.tables)
