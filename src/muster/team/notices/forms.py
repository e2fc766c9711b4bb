"""When a person wants to be left alone, and into which group they are told."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.team.notices.models import Preference
from muster.team.robots.models import Robot


class QuietForm(forms.ModelForm[Preference]):
    """Quiet hours, days off, the hour of the summary, the group."""

    robot = forms.ModelChoiceField(
        Robot.objects.all(), label=_("Chat group"), required=False, empty_label=_("None")
    )
    digest_hour = forms.TypedChoiceField(
        label=_("Daily summary at"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
    )

    class Meta:
        model = Preference
        fields = ["quiet_from", "quiet_until", "digest_hour", "robot", "quiet_days_off"]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
