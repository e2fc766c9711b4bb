"""Input of the pages of leave and days."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.team.calendars.models import CustomDay

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LeaveForm(forms.Form):
    """From when to when somebody is away."""

    first = forms.DateField(label=_("First day"), widget=_DAY)
    last = forms.DateField(label=_("Last day"), widget=_DAY)
    note = forms.CharField(label=_("Note"), required=False, max_length=120)


class DayForm(forms.Form):
    """A day that matters here."""

    name = forms.CharField(label=_("Name"), max_length=80)
    first = forms.DateField(label=_("First day"), widget=_DAY)
    last = forms.DateField(label=_("Last day"), widget=_DAY)
    effect = forms.ChoiceField(label=_("Effect"), choices=CustomDay.Effect.choices)
    recurrence = forms.ChoiceField(label=_("Returns"), choices=CustomDay.Recurrence.choices)
