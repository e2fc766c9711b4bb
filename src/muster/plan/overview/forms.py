"""What people fill in to begin a campaign (S06), and to find one (S05)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.forms import day_field, metric_choices
from muster.team.members.forms import CURRENCIES
from muster.team.users.models import User, Workspace


def _currencies() -> list[tuple[str, str]]:
    known = dict.fromkeys([Workspace.here().currency, *CURRENCIES])
    return [(code, code) for code in known]


class NewForm(forms.Form):
    """Six inputs, and the campaign is there."""

    name = forms.CharField(label=_("Name"), max_length=120)
    starts = day_field(_("First day"), required=True)
    ends = day_field(_("Last day"), required=True)
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

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", _("The last day is before the first day."))
        return data


class FindForm(forms.Form):
    """Which campaigns to list."""

    q = forms.CharField(
        label=_("Search by name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search by name")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Campaign.Status.choices]
    )
