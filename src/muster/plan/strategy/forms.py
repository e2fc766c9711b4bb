"""What people fill in on the strategy page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.strategy.models import Cell
from muster.team.users.models import User


def _long(label: Any, help_text: Any = "", most: int = 2000) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
        strip=False,
    )


class WordsForm(forms.Form):
    """The one message, why people should care, and what is left out."""

    message = _long(_("Core message"), _("The one sentence that people should keep."), 1000)
    value_proposition = _long(_("Why people should care"))
    difference = _long(_("What makes us different"))
    not_doing = _long(_("What we will not do"))

    @classmethod
    def of(cls, campaign: Campaign, data: Any = None) -> WordsForm:
        """The form as the campaign fills it."""
        initial = {name: getattr(campaign, name) for name in cls.base_fields}
        return cls(data, initial=initial, auto_id="words_%s")


class CellForm(forms.Form):
    """What one channel says in one stage."""

    text = forms.CharField(
        label=_("What it says"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "autofocus": True}),
    )
    link = forms.CharField(
        label=_("Link"),
        required=False,
        max_length=300,
        help_text=_("An e-mail or send of this campaign, or any address."),
        widget=forms.TextInput(attrs={"list": "cell-links"}),
    )
    owner = forms.ModelChoiceField(
        label=_("Who makes it"),
        required=False,
        queryset=User.objects.filter(is_active=True).order_by("name"),
        empty_label=_("nobody yet"),
    )
    status = forms.ChoiceField(label=_("Status"), choices=Cell.Status.choices)


class RivalForm(forms.Form):
    """One competitor."""

    name = forms.CharField(label=_("Competitor"), max_length=80)
    does = forms.CharField(label=_("What they are doing"), required=False, max_length=300)
    link = forms.CharField(label=_("Link"), required=False, max_length=300)
    difference = forms.CharField(label=_("How we differ"), required=False, max_length=300)
