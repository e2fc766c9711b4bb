"""Cells as pages and API write them: public ids and letters."""

from __future__ import annotations

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.raci import rules


def key_of(public_id: str) -> str | None:
    """`usr_…` → `u7`, `tea_…` → `t3`; None if it is neither."""
    for kind, letter in (("user", "u"), ("team", "t")):
        number = ids.number(kind, public_id)
        if number is not None:
            return f"{letter}{number}"
    return None


def cell_of(task: str, holder: str) -> rules.Cell:
    """The cell of a task and a person or team."""
    number, key = ids.number("task", task), key_of(holder)
    if number is None or key is None:
        raise Invalid.at("/duties", "unknown_cell", _("There is no such task or colleague."))
    return number, key


def read_cells(text: str) -> dict[rules.Cell, frozenset[str]]:
    """`tsk_…:usr_…:AR tsk_…:tea_…:` → cells and their letters."""
    found = {}
    for part in text.split():
        task, _colon, rest = part.partition(":")
        holder, _colon, letters = rest.partition(":")
        found[cell_of(task, holder)] = rules.read_letters(letters)
    return found


def write_cells(changes: dict[rules.Cell, frozenset[str]]) -> str:
    """The same the other way round."""
    return " ".join(
        f"{ids.public('task', task)}:"
        f"{ids.public('user' if key[0] == 'u' else 'team', int(key[1:]))}:"
        f"{''.join(sorted(letters))}"
        for (task, key), letters in changes.items()
    )
