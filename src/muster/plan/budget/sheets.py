"""The budget as an Excel file, out and back again (S10).

Typed cells come back; sums, forecast and variance are formulas and are worked out anew. What is not
changed in the file changes nothing here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import openpyxl
from django.db import transaction
from django.utils.translation import gettext
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget import actions
from muster.plan.budget.cells import SUMS, TEXTS, Cell, read_cell
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.rules import CENT
from muster.plan.budget.standing import Position, positions
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

HEADS = {
    "id": _("Id"),
    "label": _("What for"),
    "category": _("Category"),
    "channel": _("Channel"),
    "vendor": _("Vendor"),
    "core": _("Core"),
    "currency": _("Currency"),
    "rate": _("Rate"),
    "planned": _("Plan"),
    "in_total": _("Plan in the campaign's currency"),
    "committed": _("Promised"),
    "actual": _("Spent"),
    "estimate": _("Own forecast"),
    "forecast": _("Forecast"),
    "variance": _("Variance"),
    "status": _("Status"),
    "expected_return": _("Expected return"),
}
"""Key → head of a column, in order."""
_TYPED = (*TEXTS, "category", "core", "currency", *SUMS, "status")
_AT = {key: get_column_letter(n) for n, key in enumerate(HEADS, 1)}
_MONEY = ("planned", "in_total", "committed", "actual", "estimate", "forecast", "variance")
_FIRST = 4
_MOST_ROWS = 1000
LARGEST = 2 * 1024 * 1024
_UNPACKED = 40 * 1024 * 1024
_NUMBER = "#,##0.00"
_YES, _NO = _("yes"), _("no")


@dataclass
class RowChange:
    """What one row of the file would change."""

    number: int
    line: BudgetLine | None
    label: str
    fields: dict[str, str] = field(default_factory=dict)
    """Column → what the file says."""
    before: dict[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def pairs(self) -> list[tuple[str, str, str]]:
        """Head, before, after."""
        return [
            (gettext(HEADS[key]), self.before.get(key, ""), text)
            for key, text in self.fields.items()
        ]


def export(campaign: Campaign) -> bytes:
    """The workbook of this budget."""
    book = openpyxl.Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError(sheet)
    sheet.title = gettext("Budget lines")[:31]
    _text(sheet, "B1", f"{campaign.name} · {campaign.currency}")
    sheet["B1"].font = Font(bold=True, size=14)
    for key, head in HEADS.items():
        _text(sheet, f"{_AT[key]}2", key)
        _text(sheet, f"{_AT[key]}3", gettext(head))
        sheet[f"{_AT[key]}3"].font = Font(bold=True)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = f"C{_FIRST}"
    lines = positions(campaign)
    for number, one in enumerate(lines, _FIRST):
        _write(sheet, number, campaign, one)
    last = _FIRST + len(lines) - 1
    _sum_row(sheet, last + 1, last)
    for key in HEADS:
        wide = {"label": 28, "vendor": 18, "channel": 14}
        sheet.column_dimensions[_AT[key]].width = wide.get(key, 15)
    _choices(sheet, "category", BudgetLine.Category.labels, last)
    _choices(sheet, "status", BudgetLine.Status.labels, last)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, number: int, campaign: Campaign, one: Position) -> None:
    line = one.line
    texts = {**shown(line), "id": line.public_id}
    for key in ("id", *TEXTS, "category", "core", "status"):
        _text(sheet, f"{_AT[key]}{number}", texts[key])
    _text(sheet, f"{_AT['currency']}{number}", line.currency or campaign.currency)
    sheet[f"{_AT['rate']}{number}"] = line.rate
    planned = line.own_planned if line.currency else line.planned
    sums = {"planned": planned, "committed": one.committed, "actual": one.actual}
    for key in ("estimate", "expected_return"):
        sums[key] = getattr(line, key)
    for key, amount in sums.items():
        if amount is not None:
            sheet[f"{_AT[key]}{number}"] = amount
    at = {key: f"{letter}{number}" for key, letter in _AT.items()}
    settled = str(BudgetLine.Status.INVOICED.label).replace('"', '""')
    sheet[at["in_total"]] = f"=ROUND({at['planned']}*{at['rate']},2)"
    sheet[at["forecast"]] = (
        f'=IF({at["status"]}="{settled}",{at["actual"]},MAX(IF({at["estimate"]}="",'
        f"{at['in_total']},{at['estimate']}),{at['committed']},{at['actual']}))"
    )
    sheet[at["variance"]] = f"={at['forecast']}-{at['in_total']}"
    for key in (*_MONEY, "expected_return"):
        sheet[at[key]].number_format = _NUMBER
    for key in ("in_total", "committed", "actual", "forecast", "variance", "rate"):
        sheet[at[key]].fill = PatternFill("solid", fgColor="F2F4F5")


def _sum_row(sheet: Worksheet, number: int, last: int) -> None:
    _text(sheet, f"B{number}", gettext("Sum"))
    _text(sheet, f"A{number}", "sum")
    for key in ("in_total", "committed", "actual", "forecast", "variance"):
        cell = sheet[f"{_AT[key]}{number}"]
        cell.value = f"=SUM({_AT[key]}{_FIRST}:{_AT[key]}{last})" if last >= _FIRST else 0
        cell.number_format, cell.font = _NUMBER, Font(bold=True)
    sheet[f"B{number}"].font = Font(bold=True)


def _choices(sheet: Worksheet, key: str, labels: list[Any], last: int) -> None:
    words = ",".join(str(label) for label in labels)
    if len(words) < 250:
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
        sheet.add_data_validation(rule)
        rule.add(f"{_AT[key]}{_FIRST}:{_AT[key]}{max(last, _FIRST) + 50}")


def _text(sheet: Worksheet, at: str, text: str) -> None:
    """Text stays text, also where it begins with = and would be taken for a formula."""
    sheet[at] = text
    sheet[at].data_type = "s"


def shown(line: BudgetLine) -> dict[str, str]:
    """What the file says in the typed cells of this line."""
    planned = line.own_planned if line.currency else line.planned
    return {
        "label": line.label,
        "channel": line.channel,
        "vendor": line.vendor,
        "category": str(line.get_category_display()),
        "core": gettext(_YES) if line.core else gettext(_NO),
        "currency": line.currency or line.campaign.currency,
        "planned": _plain(planned),
        "estimate": _plain(line.estimate),
        "expected_return": _plain(line.expected_return),
        "status": str(line.get_status_display()),
    }


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def read(campaign: Campaign, content: bytes) -> list[RowChange]:
    """What the file would change, row by row; rows that cannot be used say why.

    Raises Invalid where it is no such file at all.
    """
    typed, worked_out = _sheets(content)
    lines = {line.public_id: line for line in campaign.lines.select_related("campaign")}
    columns = _columns(typed)
    seen: set[str] = set()
    changes = []
    for number in range(columns.pop("_row") + 1, min(len(typed), _MOST_ROWS) + 1):
        row = {
            key: _cell(typed[number - 1], worked_out[number - 1], at) for key, at in columns.items()
        }
        if row.get("id") == "sum" or not any(row.get(key) for key in ("id", "label", "planned")):
            continue
        line = lines.get(row.get("id", ""))
        change = RowChange(number, line, row.get("label", ""))
        if row.get("id") and line is None:
            change.refusal = gettext("This line is not in the budget of this campaign (any more).")
        elif line is not None and line.public_id in seen:
            change.refusal = gettext("This line stands in the file twice.")
        else:
            _compare(campaign, change, row)
        if line is not None:
            seen.add(line.public_id)
        if change.fields or change.refusal:
            changes.append(change)
    return changes


def _compare(campaign: Campaign, change: RowChange, row: Mapping[str, str]) -> None:
    line = change.line or BudgetLine(campaign=campaign, planned=Decimal(0))
    now = shown(line) if change.line else {}
    for key in _TYPED:
        if key not in row:
            continue
        text = row[key].strip() if key != "currency" else row[key].strip().upper()
        try:
            if key != "currency" and not (key in {"category", "status", "core"} and not text):
                before = _value(key, now[key]) if change.line else None
                if _value(key, text) == before:
                    continue
            elif text == now.get(key, campaign.currency if key == "currency" else ""):
                continue
        except Invalid as invalid:
            change.refusal = f"{gettext(HEADS[key])}: {_words(invalid)}"
            change.fields = {}
            return
        if change.line is None and not text:
            continue
        change.fields[key] = text
        change.before[key] = now.get(key, "")


def _value(key: str, text: str) -> Any:
    return text if key == "currency" else read_cell(Cell(0, key, text))


@transaction.atomic
def apply(campaign: Campaign, changes: list[dict[str, Any]], *, by: User) -> int:
    """Make the changes of a preview, all or none; refused when a line changed since."""
    lines = {line.public_id: line for line in campaign.lines.select_related("campaign")}
    for one in changes:
        line = lines.get(one["line"] or "")
        fields = {key: _value(key, text) for key, text in one["fields"].items()}
        try:
            if line is None and one["line"]:
                raise Refused(_("This line is gone."))
            if line is None:
                actions.add_line(campaign, {"category": "other", "planned": 0, **fields}, by=by)
                continue
            now = shown(line)
            if any(now[key] != before for key, before in one["before"].items()):
                raise Refused(_("It was changed since the preview. Look at the file again."))
            actions.edit_line(line, fields, by=by)
        except Refused as no:
            raise Invalid(
                _("Row %(row)s: %(why)s Nothing was changed."), row=one["row"], why=_words(no)
            ) from no
    return len(changes)


def _words(no: Refused) -> str:
    words = gettext(no.text)
    return words % no.params if no.params else words.replace("%%", "%")


Rows = list[tuple[Any, ...]]


def _sheets(content: bytes) -> tuple[Rows, Rows]:
    if len(content) > LARGEST:
        raise Invalid.at("/file", "too_large", _("A budget file has at most 2 MB."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > _UNPACKED:
                raise Invalid.at("/file", "too_large", _("A budget file has at most 2 MB."))
        return tuple(  # type: ignore[return-value]
            list(_rows(content, data_only=data_only)) for data_only in (False, True)
        )
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise Invalid.at(
            "/file", "no_sheet", _("This is no Excel file (.xlsx) that can be read.")
        ) from error


def _rows(content: bytes, *, data_only: bool) -> Iterator[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only)
    sheet = book.worksheets[0]
    yield from sheet.iter_rows(max_row=_MOST_ROWS, max_col=40, values_only=True)


def _columns(rows: Rows) -> dict[str, int]:
    """Key → place of its column; `_row`: the number of the row with the heads."""
    names = {name.casefold(): key for key, head in HEADS.items() for name in (gettext(head), head)}
    for number, row in enumerate(rows[:10], 1):
        cells = [str(cell or "").strip() for cell in row]
        keys = {cell: at for at, cell in enumerate(cells) if cell in HEADS}
        if {"label", "planned"} <= set(keys):
            # The row below our hidden keys holds the heads for people.
            return {**keys, "_row": number + 1}
        known = {
            names[cell.casefold()]: at for at, cell in enumerate(cells) if cell.casefold() in names
        }
        if {"label", "planned"} <= set(known):
            return {**known, "_row": number}
    raise Invalid.at(
        "/file",
        "no_heads",
        _("There is no row with the heads “%(label)s” and “%(planned)s”. Export the budget first."),
        label=gettext(HEADS["label"]),
        planned=gettext(HEADS["planned"]),
    )


def _cell(typed: tuple[Any, ...], worked_out: tuple[Any, ...], at: int) -> str:
    value = typed[at] if at < len(typed) else None
    if isinstance(value, str) and value.startswith("="):
        # Excel keeps what a formula came to; without it our own arithmetic has to do.
        known = worked_out[at] if at < len(worked_out) else None
        value = value if known is None else known
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        return str(Decimal(str(value)).quantize(CENT, ROUND_HALF_UP))
    return "" if value is None else str(value)
