"""What people fill in of a link."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.channels import CHANNELS
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class LinkForm(forms.Form):
    """A link to make."""

    target = forms.CharField(
        label=_("Where it leads"),
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://shop.example/autumn"}),
    )
    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, initial="store")
    campaign = forms.ModelChoiceField(
        label=_("Campaign"),
        required=False,
        queryset=Campaign.objects.none(),
        empty_label=_("without a campaign"),
    )
    name = forms.CharField(
        label=_("Name instead of a campaign"),
        required=False,
        max_length=80,
        help_text=_("Becomes utm_campaign where no campaign is chosen."),
    )
    placement = forms.CharField(
        label=_("Placement"),
        required=False,
        max_length=80,
        help_text=_("Where it hangs or stands, such as “store 12, door”. Becomes utm_content."),
    )

    @classmethod
    def of(cls, user: User, data: Any = None, initial: Any = None) -> LinkForm:
        """The form with the campaigns that this person may choose."""
        form = cls(data, initial=initial)
        field = cast("forms.ModelChoiceField[Campaign]", form.fields["campaign"])
        field.queryset = Campaign.objects.visible_to(user).order_by("-starts", "-pk")
        return form
