"""What people fill in on the brief."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.channels import CHANNELS
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.forms import day_field
from muster.team.users.models import User


def _long(label: Any, help_text: Any = "", most: int = 2000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        widget=widget,
        help_text=help_text,
        strip=False,
    )


class BriefForm(forms.Form):
    """The brief without goals and money."""

    name = forms.CharField(label=_("Name"), max_length=120)
    starts = day_field(_("First day"), required=True)
    ends = day_field(_("Last day"), required=True)
    owner = forms.ModelChoiceField(
        label=_("In charge"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        empty_label=None,
    )
    strategy = forms.ChoiceField(
        label=_("What it is for"),
        required=False,
        choices=[("", _("not decided")), *Campaign.Strategy.choices],
    )
    message = _long(_("Core message"), _("The one sentence that people should keep."), 1000)
    value_proposition = _long(_("Why people should care"))
    audience = _long(_("Whom we want to reach"))
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        required=False,
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple,
    )
    competitors = _long(_("What others do"))
    difference = _long(_("What makes us different"))
    not_doing = _long(_("What we will not do"))
    holdout = _long(
        _("How we will know that it worked"),
        _("For instance: one in ten gets nothing, and we compare."),
        1000,
    )

    @classmethod
    def of(cls, campaign: Campaign, data: Any = None) -> BriefForm:
        """The form as the campaign fills it."""
        initial = {name: getattr(campaign, name) for name in cls.base_fields}
        return cls(data, initial=initial, auto_id="brief_%s")
