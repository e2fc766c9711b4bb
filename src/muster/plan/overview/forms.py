"""What people fill in to find a campaign (S05)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign


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
