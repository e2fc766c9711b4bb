"""Tools in the API."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.plan.campaigns.found import caller
from muster.plan.campaigns.schemas import MoneyIn, colleague_or_nobody, money, person
from muster.plan.tools import actions
from muster.plan.tools.models import Tool
from muster.plan.tools.registry import connections
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.roles import SCOPES
from muster.team.tokens.auth import demand, has_scope, scope

router = Router(tags=["tools"])


class ToolPatch(Strict):
    """The fields of a tool; those that are left out stay as they are."""

    name: str = ""
    purpose: str = ""
    owner: str | None = None
    monthly: MoneyIn | Decimal | None = None
    contract_ends: date | None = None
    link: str = ""


class ToolIn(ToolPatch):
    """A new tool."""

    name: str


def _fields(request: HttpRequest, body: ToolPatch) -> dict[str, Any]:
    given = body.model_fields_set
    fields = {name: getattr(body, name) for name in given}
    if "owner" in given:
        fields["owner"] = colleague_or_nobody(body.owner, "/owner")
    if "monthly" in given:
        demand(request, "budget:read")
        if isinstance(body.monthly, MoneyIn):
            fields["monthly"] = body.monthly.amount
            fields["currency"] = body.monthly.currency or ""
    return fields


def shown(request: HttpRequest, tool: Tool) -> dict[str, Any]:
    """A tool as the API speaks of it."""
    told = tool.monthly is not None and has_scope(request, "budget:read")
    return {
        "id": tool.public_id,
        "name": tool.name,
        "purpose": tool.purpose,
        "owner": person(tool.owner),
        "monthly": money(tool.monthly, tool.currency)
        if told and tool.monthly is not None
        else None,
        "contract_ends": tool.contract_ends,
        "link": tool.link,
    }


def _may(request: HttpRequest, right: str) -> bool:
    """Whether token and person have this right."""
    return any(has_scope(request, one) for one, needed in SCOPES.items() if needed == right)


@router.get("", auth=scope("campaigns:read"), response=dict[str, Any])
def list_tools(request: HttpRequest) -> dict[str, Any]:
    """How our own wires stand, and the tools that were noted down.

    `detail` and `fix` are for those who may see to the wire; others learn its state.
    """
    return {
        "connections": [
            {
                "key": one.key,
                "name": one.name,
                "purpose": one.purpose,
                "state": str(one.state),
                "detail": one.detail or None,
                "fix": one.fix.url if one.fix else None,
            }
            for one in connections(lambda right: _may(request, right))
        ],
        "items": [shown(request, tool) for tool in Tool.objects.select_related("owner")],
        "next": None,
    }


@router.post("", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def add_tool(request: HttpRequest, body: ToolIn) -> dict[str, Any]:
    """Note a tool down."""
    tool, _change = actions.add_tool(_fields(request, body), by=caller(request))
    return shown(request, tool)


@router.patch("/{tool_id}", auth=scope("campaigns:write"), response=dict[str, Any])
def edit_tool(request: HttpRequest, tool_id: str, body: ToolPatch) -> dict[str, Any]:
    """Change some fields of a tool."""
    rows = Tool.objects.select_related("owner")
    tool = found(rows, "tool", tool_id)
    actions.edit_tool(tool, _fields(request, body), by=caller(request))
    return shown(request, found(rows.all(), "tool", tool_id))


@router.delete("/{tool_id}", auth=scope("campaigns:write"), response={204: None})
def drop_tool(request: HttpRequest, tool_id: str) -> None:
    """Take a tool off the list."""
    actions.drop_tool(found(Tool.objects.all(), "tool", tool_id), by=caller(request))
