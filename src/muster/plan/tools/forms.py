"""What people fill in about a tool."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.tools.models import Tool
from muster.team.users.models import User

_MONEY = ("monthly", "currency")


class ToolForm(forms.Form):
    """A tool; what it costs is for those who see budgets."""

    name = forms.CharField(label=_("Name"), max_length=120)
    purpose = forms.CharField(label=_("What for"), max_length=200, required=False)
    owner = forms.ModelChoiceField(
        label=_("Who looks after it"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        required=False,
        empty_label=_("nobody yet"),
    )
    monthly = NumberField(label=_("Cost per month"), required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    contract_ends = forms.DateField(
        label=_("Contract ends"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    link = forms.CharField(label=_("Link"), max_length=500, required=False)

    def __init__(self, *arguments: Any, with_money: bool = True, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not with_money:
            for name in _MONEY:
                del self.fields[name]

    @classmethod
    def of(cls, tool: Tool, data: Any = None, *, with_money: bool = True) -> ToolForm:
        initial = {name: getattr(tool, name) for name in cls.base_fields}
        return cls(data, initial=initial, with_money=with_money, auto_id="edit_%s")
