"""What people fill in to plan and book money."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.campaigns.fields import NumberField
from muster.plan.campaigns.models import Campaign


class TotalForm(forms.Form):
    """The total that everything has to fit into."""

    total_budget = NumberField(label=_("Total budget"))


class LineForm(forms.Form):
    """A new budget line."""

    category = forms.ChoiceField(label=_("Category"), choices=BudgetLine.Category.choices)
    label = forms.CharField(label=_("What for"), max_length=120, required=False)
    channel = forms.CharField(label=_("Channel"), max_length=60, required=False)
    planned = NumberField(label=_("Plan"))
    core = forms.BooleanField(label=_("Core"), required=False)


class CostForm(forms.Form):
    """Money promised or paid."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Cost.Kind.choices, initial=Cost.Kind.ACTUAL)
    amount = NumberField(label=_("Amount"))
    line = forms.ModelChoiceField(
        label=_("Line"),
        queryset=BudgetLine.objects.none(),
        required=False,
        empty_label=_("no line"),
    )
    at = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    channel = forms.CharField(label=_("Channel"), max_length=60, required=False)
    note = forms.CharField(label=_("What for, from whom"), max_length=300, required=False)

    def __init__(
        self, campaign: Campaign, data: Any = None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="cost_%s")
        lines = self.fields["line"]
        if isinstance(lines, forms.ModelChoiceField):
            lines.queryset = campaign.lines.all()
