"""When and where the page is posted."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.standup.models import Rhythm
from muster.team.robots.models import Robot


class RhythmForm(forms.ModelForm[Rhythm]):
    """The time, and who gets it; nothing chosen: it is not posted."""

    robot = forms.ModelChoiceField(
        Robot.objects.all(), label=_("Chat group"), required=False, empty_label=_("None")
    )

    class Meta:
        model = Rhythm
        fields = ["at", "robot", "tell", "mail"]
        labels = {"at": _("Time")}
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}
