"""What people fill in about vendors and what they deliver."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.vendors.models import Vendor


class VendorForm(forms.Form):
    """A vendor."""

    name = forms.CharField(label=_("Name"), max_length=120)
    scope = forms.CharField(label=_("Line of work"), max_length=200, required=False)
    contact = forms.CharField(label=_("Contact"), max_length=200, required=False)
    contract = forms.CharField(label=_("Contract"), max_length=300, required=False)
    backup = forms.ModelChoiceField(
        label=_("Who steps in"),
        queryset=Vendor.objects.all(),
        required=False,
        empty_label=_("nobody yet"),
    )
    critical = forms.BooleanField(label=_("The campaign stands or falls with them"), required=False)


class DeliveryForm(forms.Form):
    """Something that a vendor is to deliver."""

    vendor = forms.ModelChoiceField(label=_("Vendor"), queryset=Vendor.objects.all())
    title = forms.CharField(label=_("What is delivered"), max_length=160)
    due = forms.DateField(
        label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    amount = NumberField(label=_("Price"), required=False)
    criteria = forms.CharField(
        label=_("Accepted when"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One criterion per line."),
    )
