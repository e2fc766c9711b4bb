"""The matrix as the page writes it (S12): each row by how it looks, and its own words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from muster.plan.raci import rules
from muster.plan.raci.matrix import Holder, RaciMatrix, ShownRow
from muster.plan.raci.texts import VERDICTS
from muster.plan.tasks.models import Duty, Task
from muster.team.lookup import Addresses
from muster.ui import formats
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import day


class _Looks(NamedTuple):
    """How a row looks."""

    faults: tuple[rules.Fault, ...]
    breaks: bool
    is_milestone: bool
    has_due: bool


class Written:
    """Writes the matrix of one campaign for one reader."""

    def __init__(self, matrix: RaciMatrix) -> None:
        self._matrix = matrix
        self._campaign = matrix.campaign.public_id
        self._language = get_language() or "en"
        self._task = Addresses("plan:raci_task", "campaign", "task")
        self._names = {key: escape(one.name) for key, one in matrix.holders.items()}
        self._letters = {letter.value: str(letter.label) for letter in Duty.Letter}
        self._lists: dict[tuple[str, ...], str] = {}
        self._day = cache(day)
        self._change = _("Change the duties of “%(task)s”")
        self._said: dict[str, str] = {"": escape(_("no duty"))}

    def groups(self, rows: Iterable[ShownRow]) -> list[tuple[str, list[Alike]]]:
        """Phase → its rows; the first cell of all is the one that Tab reaches."""
        groups: dict[str, list[Alike]] = {}
        is_first = True
        for row in rows:
            groups.setdefault(row.task.phase, []).append(self._row(row, is_first=is_first))
            is_first = False
        return [(str(Task.Phase(phase).label), found) for phase, found in groups.items()]

    def _row(self, row: ShownRow, *, is_first: bool) -> Alike:
        task, is_ = row.task, row.task.public_id
        looks = _Looks(row.faults, row.breaks, task.milestone, task.due is not None)
        verdicts = [_(VERDICTS[fault]) for fault in row.faults]
        words = {
            "id": is_,
            "title": task.title,
            "due": self._day(task.due),
            "url": self._task.of(self._campaign, is_),
            "change": self._change % {"task": task.title},
            "cells": self._cells(row, is_first=is_first),
            "verdicts": formats.listed(verdicts, self._language) if verdicts else "",
        }
        who = {letter: self._listed(held) for letter, held in row.by_letter.items()}
        return Alike(looks, words | who)

    def _cells(self, row: ShownRow, *, is_first: bool) -> SafeString:
        """One cell for each column; what else the grid has to know stands in row and column."""
        title = escape(row.task.title)
        drawn: list[str] = []
        for key, name in self._names.items():
            letters = row.cells.get(key, "")
            first = ' tabindex="0" data-cell' if is_first and not drawn else ""
            marked = f' data-letters="{letters}"' if letters else ""
            label = f"{title}, {name}: {self._in_words(letters)}"
            drawn.append(f'<td{first} aria-label="{label}"{marked}>{letters}</td>')
        return SafeString("".join(drawn))

    def _listed(self, held: list[Holder]) -> str:
        key = tuple(one.key for one in held)
        if key not in self._lists:
            self._lists[key] = formats.listed(held, self._language) if held else formats.NOTHING
        return self._lists[key]

    def _in_words(self, letters: str) -> str:
        if letters not in self._said:
            words = ", ".join(self._letters[letter] for letter in letters.split("/"))
            self._said[letters] = escape(f"{letters} ({words})")
        return self._said[letters]
