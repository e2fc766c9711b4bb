"""The six inputs of a new campaign (S06)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.kit.days import far_away
from muster.plan.campaigns.fields import NumberField
from muster.plan.goals.forms import day_field, metric_choices
from muster.team.members.forms import CURRENCIES
from muster.team.users.models import User, Workspace
from muster.ui.middleware import worded

LONGEST = 366


def _currencies() -> list[tuple[str, str]]:
    known = dict.fromkeys([Workspace.here().currency, *CURRENCIES])
    return [(code, code) for code in known]


class NewForm(forms.Form):
    """Six inputs, and the campaign is there."""

    source = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    """The key of a template, the public id of a campaign to copy, or nothing."""
    name = forms.CharField(label=_("Name"), max_length=120)
    starts = day_field(_("D-day"), required=True)
    length = forms.IntegerField(
        label=_("Length in days"),
        min_value=1,
        max_value=LONGEST,
        widget=forms.NumberInput(attrs={"class": "num"}),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=_currencies)
    total_budget = NumberField(
        label=_("Total budget"), required=False, help_text=_("Leave it empty for no budget.")
    )
    metric = forms.ChoiceField(label=_("Main goal"), choices=metric_choices, initial="buyers")
    target = NumberField(label=_("Target"))
    baseline = NumberField(
        label=_("Baseline"), required=False, help_text=_("The same number without this campaign.")
    )
    owner = forms.ModelChoiceField(
        label=_("In charge"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        empty_label=None,
    )
    audience = forms.CharField(
        label=_("Main audience"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_starts(self) -> date:
        """What is shown of the plan before it is made stays within sight, too."""
        day: date = self.cleaned_data["starts"]
        for problem in far_away({"/starts": day}):
            raise forms.ValidationError(worded(problem.text, problem.params))
        return day

    def clean(self) -> dict[str, Any]:
        """The last day follows from the length."""
        data = super().clean() or {}
        if data.get("starts") and data.get("length"):
            data["ends"] = data["starts"] + timedelta(days=data["length"] - 1)
        return data
