"""What the profiles say of some people, for putting it into messages (CO3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from muster.warehouse.tables import BUILT_IN, trait_columns

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def values_of(
    db: Backend, people: Sequence[int], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """Person → the traits of these names that they have; unknown names are left out."""
    columns = {name: name for name in BUILT_IN}
    columns.update({name: column for name, (column, _kind) in trait_columns(db).items()})
    wanted = [name for name in names if name in columns]
    if not wanted:
        return {}
    picked = ", ".join(f'"{columns[name]}"' for name in wanted)
    rows = db.con.execute(
        f"SELECT person_id, {picked} FROM profiles WHERE person_id IN (SELECT unnest(?))",  # noqa: S608
        [list(people)],
    ).fetchall()
    return {
        person: {
            name: value for name, value in zip(wanted, values, strict=True) if value is not None
        }
        for person, *values in rows
    }
