"""What people fill in about temporary staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.peaks.models import Peak
from muster.plan.vendors.models import Vendor


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PeakForm(forms.Form):
    """Temporary staff for some days."""

    skill = forms.CharField(label=_("Skill"), max_length=60)
    first = _day(_("First day"))
    last = _day(_("Last day"))
    heads = forms.IntegerField(label=_("People"), min_value=1, max_value=500, initial=1)
    vendor = forms.ModelChoiceField(
        label=_("Vendor"),
        queryset=Vendor.objects.all(),
        required=False,
        empty_label=_("none of our vendors"),
    )
    source = forms.CharField(label=_("Where they come from"), max_length=200, required=False)
    items = forms.CharField(
        label=_("What everybody has to pass"),
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One item per line."),
    )

    @classmethod
    def of(cls, peak: Peak, data: Any = None) -> PeakForm:
        initial = {name: getattr(peak, name) for name in cls.base_fields}
        return cls(data, initial=initial | {"items": "\n".join(peak.items)}, auto_id="edit_%s")

    def fields_for_peak(self) -> dict[str, Any]:
        """As the actions take them."""
        return self.cleaned_data | {"items": self.cleaned_data["items"].splitlines()}
