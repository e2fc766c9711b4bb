"""Cells as people type or paste them, kept all together or not at all (S10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.plan.budget import actions, rules
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.phasing import months, phased
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

TEXTS = ("label", "channel", "vendor")
SUMS = ("planned", "estimate", "expected_return")
_YES = frozenset({"1", "x", "y", "yes", "true", "on", "✓", "✔", "是", "√"})
_NO = frozenset({"", "0", "n", "no", "false", "off", "否", "–", "-"})
_MOST = 2000


@dataclass(frozen=True)
class Cell:
    """What somebody typed into one cell."""

    line: int
    field: str
    """A column, or a month such as `2026-11`."""
    text: str


@transaction.atomic
def set_cells(campaign: Campaign, cells: Sequence[Cell], *, by: User) -> int:
    """Keep what was typed; returns how many lines changed. Raises Invalid naming every bad cell."""
    if len(cells) > _MOST:
        raise Invalid.at("/cells", "too_many", _("At most %(most)s cells at once."), most=_MOST)
    lines = {line.pk: line for line in campaign.lines.prefetch_related("months")}
    problems: list[Problem] = []
    fields: dict[int, dict[str, Any]] = {}
    phases: dict[int, dict[date, Decimal]] = {}
    for cell in cells:
        line = lines.get(cell.line)
        try:
            if line is None:
                raise Invalid.at("line", "no_line", _("This line is gone."))
            if cell.field[:2] == "20":
                phases.setdefault(line.pk, {})[_month(campaign, cell)] = _sum(cell) or Decimal(0)
            else:
                fields.setdefault(line.pk, {})[cell.field] = read_cell(cell)
        except Invalid as invalid:
            problems += invalid.errors
    changed = 0
    for pk in [pk for pk in lines if pk in fields or pk in phases]:
        try:
            with transaction.atomic():
                changed += _keep(campaign, lines[pk], fields.get(pk, {}), phases.get(pk, {}), by=by)
        except Invalid as invalid:
            problems += [
                Problem(f"{lines[pk].label}{p.at}", p.code, p.text, p.params)
                for p in invalid.errors
            ]
    if problems:
        raise Invalid.of(problems)
    return changed


def _keep(
    campaign: Campaign,
    line: BudgetLine,
    fields: dict[str, Any],
    phases: dict[date, Decimal],
    *,
    by: User,
) -> int:
    change = actions.edit_line(line, fields, by=by) if fields else None
    if not phases:
        return int(change is not None)
    given = {row.month: row.planned for row in line.months.all()}
    if given:
        actions.set_months(line, {**given, **phases}, by=by)
        return 1
    # Of a line that was spread evenly, the other months keep their ratio and take the rest.
    spread = phased(line.planned, {}, campaign.starts, campaign.ends)
    others = [month for month in spread if month not in phases]
    rest = max(line.planned - sum(phases.values(), Decimal(0)), Decimal(0))
    parts = rules.scaled([spread[month] for month in others], rest)
    actions.set_months(line, {**dict(zip(others, parts, strict=True)), **phases}, by=by)
    return 1


def read_cell(cell: Cell) -> Any:
    """What was typed, as the actions take it; raises Invalid."""
    text = cell.text.strip()
    if cell.field in TEXTS:
        return text
    if cell.field in SUMS:
        number = _sum(cell)
        return Decimal(0) if number is None and cell.field == "planned" else number
    if cell.field == "core":
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise Invalid.at("core", "bad_choice", _("Write yes or no."))
    choices = {"status": BudgetLine.Status, "category": BudgetLine.Category}.get(cell.field)
    if choices is None:
        raise Invalid.at(
            cell.field, "not_typed", _("This column is worked out and cannot be typed into.")
        )
    for value, name in choices.choices:
        if text.casefold() in {value, str(name).casefold()}:
            return value
    raise Invalid.at(
        cell.field,
        "bad_choice",
        _("“%(given)s” is none of: %(known)s."),
        given=text,
        known=", ".join(gettext(str(name)) for name in choices.labels),
    )


def _sum(cell: Cell) -> Decimal | None:
    text = cell.text.strip()
    if not text or text == "–":
        return None
    number = read_sum(text)
    if number is None:
        raise Invalid.at(
            cell.field,
            "bad_number",
            _("“%(given)s” is no number. Write it as 500, 1.2万 or =12*800."),
            given=text[:40],
        )
    return number


def _month(campaign: Campaign, cell: Cell) -> date:
    try:
        month = date.fromisoformat(f"{cell.field}-01")
    except ValueError:
        month = date.min
    if month not in months(campaign.starts, campaign.ends):
        raise Invalid.at(cell.field, "other_month", _("The campaign has no day in this month."))
    return month
