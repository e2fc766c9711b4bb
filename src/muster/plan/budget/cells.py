"""Cells as people type or paste them, kept all together or not at all (S10).

Whoever writes says what stood in the cell before. If a colleague has written something else there
meanwhile, nothing is kept and the writer is shown both (ux §1.9).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.budget import actions, rules
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.phasing import months, phased
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.channels import channel_key
from muster.plan.campaigns.models import Campaign
from muster.team.changes.conflict import Clash
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.ui import formats

TEXTS = ("label", "channel", "vendor")
SUMS = ("planned", "estimate", "expected_return")
_YES = frozenset({"1", "x", "y", "yes", "true", "on", "✓", "✔", "是", "√"})
_NO = frozenset({"", "0", "n", "no", "false", "off", "否", "–", "-"})
_CHOICES: dict[str, type[BudgetLine.Status] | type[BudgetLine.Category]] = {
    "status": BudgetLine.Status,
    "category": BudgetLine.Category,
}
_MOST = 2000


@dataclass(frozen=True)
class Cell:
    """What somebody typed into one cell."""

    line: int
    field: str
    """A column, or a month such as `2026-11`."""
    text: str
    was: str | None = None
    """What stood there when the writer began; None to write all the same."""

    @property
    def is_month(self) -> bool:
        return self.field[:2] == "20"


class WrittenMeanwhile(Refused):
    """Colleagues wrote something else into some of these cells; nothing is kept."""

    code = "changed_meanwhile"
    text = _("A colleague wrote into the same cells meanwhile. Look at both, and decide.")

    def __init__(self, clashes: Sequence[tuple[Cell, Clash]], *, others: Sequence[Cell]) -> None:
        super().__init__()
        self.clashes = clashes
        """The cell, with `was` as it is now, and both values in words."""
        self.others = others
        """What nobody else wrote into."""


@transaction.atomic
def set_cells(campaign: Campaign, cells: Sequence[Cell], *, by: User) -> list[Change]:
    """Keep what was typed; returns the change of each line that changed.

    Raises Invalid naming every bad cell, and WrittenMeanwhile.
    """
    if len(cells) > _MOST:
        raise Invalid.at("/cells", "too_many", _("At most %(most)s cells at once."), most=_MOST)
    # Two who write at once come here one after the other.
    campaign = actions.opened(campaign)
    lines = {line.pk: line for line in campaign.lines.prefetch_related("months")}
    problems: list[Problem] = []
    fields: dict[int, dict[str, Any]] = {}
    phases: dict[int, dict[date, Decimal]] = {}
    for cell in cells:
        line = lines.get(cell.line)
        try:
            if line is None:
                raise Invalid.at("line", "no_line", _("This line is gone."))
            if cell.is_month:
                phases.setdefault(line.pk, {})[_month(campaign, cell)] = _sum(cell) or Decimal(0)
            else:
                fields.setdefault(line.pk, {})[cell.field] = read_cell(cell)
        except Invalid as invalid:
            problems += invalid.errors
    if not problems:
        _refuse_clashes(campaign, lines, cells)
    changed: list[Change] = []
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
) -> list[Change]:
    change = actions.edit_line(line, fields, by=by) if fields else None
    changes = [change] if change is not None else []
    if not phases:
        return changes
    given = {row.month: row.planned for row in line.months.all()}
    if given:
        return [*changes, actions.set_months(line, {**given, **phases}, by=by)]
    # Of a line that was spread evenly, the other months keep their ratio and take the rest.
    spread = phased(line.planned, {}, campaign.starts, campaign.ends)
    others = [month for month in spread if month not in phases]
    rest = max(line.planned - sum(phases.values(), Decimal(0)), Decimal(0))
    parts = rules.scaled([spread[month] for month in others], rest)
    spread_anew = {**dict(zip(others, parts, strict=True)), **phases}
    return [*changes, actions.set_months(line, spread_anew, by=by)]


def _refuse_clashes(
    campaign: Campaign, lines: Mapping[int, BudgetLine], cells: Sequence[Cell]
) -> None:
    """Raise WrittenMeanwhile if a cell no longer says what its writer saw, nor what they wrote."""
    clashed: list[tuple[Cell, str, str]] = []
    others = []
    for cell in cells:
        now, mine = _value(campaign, lines[cell.line], cell.field), _read(cell)
        if cell.was is None or now in (mine, _read(replace(cell, text=cell.was))):
            others.append(cell)
        else:
            clashed.append((replace(cell, was=_raw(now)), _words(cell, mine), _words(cell, now)))
    if not clashed:
        return
    who = _writers({cell.line for cell, _mine, _theirs in clashed})
    found = []
    for cell, mine, theirs in clashed:
        line = lines[cell.line]
        change = next((one for one in who if one.object_id == line.pk and _is_of(one, cell)), None)
        label = f"{line.label} · {_column(cell.field)}"
        at = change.at if change else timezone.now()
        by = change.by if change else None
        found.append((cell, Clash(cell.field, label, mine, theirs, by, at)))
    raise WrittenMeanwhile(found, others=others)


def _writers(lines: Collection[int]) -> list[Change]:
    """The latest changes of these lines, newest first."""
    kind = BudgetLine._meta.label_lower
    rows = Change.objects.filter(kind=kind, object_id__in=lines, undone_at=None)
    return list(rows.select_related("by").order_by("-pk")[:100])


def _is_of(change: Change, cell: Cell) -> bool:
    return change.verb == "line_phased" if cell.is_month else cell.field in change.before


def _value(campaign: Campaign, line: BudgetLine, field: str) -> Any:
    """What stands in a cell now, as `_read` reads it."""
    if field[:2] == "20":
        given = {row.month: row.planned for row in line.months.all()}
        parts = phased(line.planned, given, campaign.starts, campaign.ends)
        return parts.get(date.fromisoformat(f"{field}-01"), Decimal(0))
    if field == "planned" and line.currency:
        return line.own_planned
    return getattr(line, field)


def _read(cell: Cell) -> Any:
    if cell.is_month:
        return _sum(cell) or Decimal(0)
    try:
        return read_cell(cell)
    except Invalid:  # what somebody saw there was nothing that can be written
        return None


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _words(cell: Cell, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Decimal):
        return formats.number(value, get_language() or "en", digits=2)
    if cell.field in _CHOICES:
        return str(_CHOICES[cell.field](value).label)
    return str(value)


def _column(field: str) -> str:
    if field[:2] == "20":
        return field
    name = next((one for one in BudgetLine._meta.fields if one.name == field), None)
    return gettext(str(name.verbose_name)).capitalize() if name else field


def read_cell(cell: Cell) -> Any:
    """What was typed, as the actions take it; raises Invalid."""
    text = cell.text.strip()
    if cell.field == "channel":
        return channel_key(text)
    if cell.field in TEXTS:
        return text
    if cell.field in SUMS:
        number = _sum(cell)
        return Decimal(0) if number is None and cell.field == "planned" else number
    if cell.field == "core":
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        raise Invalid.at("core", "bad_choice", _("Write yes or no."))
    choices = _CHOICES.get(cell.field)
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
