"""What people fill in about materials."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.materials.models import Material, Place


def _materials() -> forms.ModelChoiceField[Material]:
    return forms.ModelChoiceField(label=_("Material"), queryset=Material.objects.all())


def _place(label: Any) -> forms.ModelChoiceField[Place]:
    return forms.ModelChoiceField(label=label, queryset=Place.objects.all())


def _quantity() -> forms.IntegerField:
    return forms.IntegerField(label=_("Quantity"), min_value=1, max_value=10**9)


class PlaceForm(forms.Form):
    """A new place."""

    name = forms.CharField(label=_("Storage place"), max_length=80)
    region = forms.CharField(label=_("Region"), max_length=80, required=False)


class MaterialForm(forms.Form):
    """A new kind of material."""

    name = forms.CharField(label=_("What it is"), max_length=120)
    code = forms.CharField(label=_("Bar code"), max_length=40, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    unit_cost = NumberField(label=_("Cost of one"), required=False)
    low_at = forms.IntegerField(label=_("Warn below"), min_value=0, required=False)


class ReceiveForm(forms.Form):
    """Materials came in."""

    material = _materials()
    place = _place(_("Storage place"))
    quantity = _quantity()
    note = forms.CharField(label=_("From whom"), max_length=200, required=False)


class TransferForm(forms.Form):
    """Materials go elsewhere."""

    material = _materials()
    source = _place(_("From place"))
    target = _place(_("To place"))
    quantity = _quantity()


class CountForm(forms.Form):
    """What somebody found on the shelf."""

    place = _place(_("Storage place"))
    what = forms.CharField(
        label=_("Bar code or name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autofocus": True, "list": "known-materials"}),
    )
    found = forms.IntegerField(
        label=_("How many lie here"),
        min_value=0,
        max_value=10**9,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class ReserveForm(forms.Form):
    """Materials for a campaign."""

    material = _materials()
    place = _place(_("Storage place"))
    quantity = _quantity()
