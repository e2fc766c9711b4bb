"""What people fill in on the calendar (S15)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.goals.forms import day_field
from muster.team.calendars.models import CustomDay


class DayForm(forms.Form):
    """A day of one's own."""

    name = forms.CharField(label=_("Name"), max_length=80)
    first = day_field(_("First day"), required=True)
    last = day_field(_("Last day"))
    recurrence = forms.ChoiceField(label=_("Returns"), choices=CustomDay.Recurrence.choices)
    effect = forms.ChoiceField(label=_("Effect"), choices=CustomDay.Effect.choices)

    def __init__(self, *args: Any, may_close: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_close:
            del self.fields["effect"]

    def clean(self) -> dict[str, Any]:
        """Without a last day it is one day."""
        data = super().clean() or {}
        data["last"] = data.get("last") or data.get("first")
        return data


class ImportForm(forms.Form):
    """An .ics file, or its text."""

    file = forms.FileField(
        label=_("Calendar file (.ics)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "BEGIN:VCALENDAR"}),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=80,
        help_text=_("Empty takes the name in the file."),
    )
    keep = forms.ChoiceField(
        label=_("Keep as"),
        choices=[
            ("layer", _("A layer of its own, read only")),
            ("days", _("Days of our own (whole-day events)")),
        ],
        initial="layer",
    )
