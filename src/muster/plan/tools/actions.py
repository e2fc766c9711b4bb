"""What people do with the tools that they noted down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.plan.tools.models import Tool
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User, Workspace

EDITABLE = frozenset({"name", "purpose", "owner", "monthly", "currency", "contract_ends", "link"})
_is_address = URLValidator(schemes=["http", "https"])


@transaction.atomic
def add_tool(fields: Mapping[str, Any], *, by: User) -> tuple[Tool, Change]:
    """Note a tool down; `fields` are of EDITABLE."""
    tool = Tool()
    _take(tool, fields)
    with kept(Tool.objects.all()) as rows, _name_is_free(tool):
        tool.save()
    return tool, record_change("tool_added", tool, by=by, undo=rows.undo)


@transaction.atomic
def edit_tool(tool: Tool, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change some fields; None if all stayed as it was."""
    tool = Tool.objects.select_for_update(of=("self",)).select_related("owner").get(pk=tool.pk)
    before = {name: getattr(tool, name) for name in EDITABLE}
    _take(tool, fields)
    changed = {name: old for name, old in before.items() if getattr(tool, name) != old}
    if not changed:
        return None
    with _name_is_free(tool):
        tool.save(update_fields=list(changed))
    undo = {name: old.pk if isinstance(old, User) else old for name, old in changed.items()}
    return record_change("tool_edited", tool, by=by, undo=undo, fields=sorted(changed))


@transaction.atomic
def drop_tool(tool: Tool, *, by: User) -> Change:
    """It is no longer used."""
    return take_away("tool_dropped", tool, by=by)


def _take(tool: Tool, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name in set(fields) & EDITABLE:
        value = fields[name]
        setattr(tool, name, value.strip() if isinstance(value, str) else value)
    tool.currency = tool.currency.upper()
    if tool.monthly is None:
        tool.currency = ""
    elif not tool.currency:
        tool.currency = Workspace.here().currency
    if not tool.name or len(tool.name) > 120:
        problems.append(Problem("/name", "blank", _("Give it a name of at most 120 characters.")))
    elif _is_taken(tool):
        problems.append(_taken(tool))
    if len(tool.purpose) > 200:
        text = _("This has at most %(most)s characters.")
        problems.append(Problem("/purpose", "too_long", text, {"most": 200}))
    problems += _money_problems(tool)
    problems += far_away({"/contract_ends": tool.contract_ends})
    if tool.link and not _is_link(tool.link):
        problems.append(
            Problem("/link", "no_address", _("A link begins with http:// or https://."))
        )
    if problems:
        raise Invalid.of(problems)


def _is_taken(tool: Tool) -> bool:
    return Tool.objects.filter(name=tool.name).exclude(pk=tool.pk).exists()


def _taken(tool: Tool) -> Problem:
    return Problem("/name", "taken", _("There is “%(name)s” already."), {"name": tool.name})


@contextmanager
def _name_is_free(tool: Tool) -> Iterator[None]:
    """A colleague may have taken the name since it was asked for."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        if not _is_taken(tool):
            raise
        raise Invalid.of([_taken(tool)]) from None


def _money_problems(tool: Tool) -> list[Problem]:
    if tool.monthly is None:
        return []
    amount = tool.monthly
    if not 0 <= amount < Decimal(10) ** 12 or amount != amount.quantize(Decimal("0.01")):
        text = _("A price is zero or more, with two decimals.")
        return [Problem("/monthly", "out_of_range", text)]
    if not is_currency(tool.currency):
        text = _("“%(currency)s” is no currency. Use a code such as CNY, TWD or USD.")
        return [Problem("/currency", "unknown_currency", text, {"currency": tool.currency})]
    return []


def _is_link(text: str) -> bool:
    try:
        _is_address(text)
    except ValidationError:
        return False
    return len(text) <= 500
