"""What is entered to connect a chat group."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.team.robots.models import Robot


class RobotForm(forms.Form):
    """The address that the chat service shows, and the secret if it signs."""

    name = forms.CharField(label=_("Name of the group"), max_length=80)
    kind = forms.ChoiceField(label=_("Service"), choices=Robot.Kind.choices)
    address = forms.CharField(
        label=_("Address of the robot (webhook)"),
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Copied from the settings of the group. It is not shown again."),
    )
    secret = forms.CharField(
        label=_("Secret for signing"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("DingTalk and Feishu show it when signing is switched on. Not shown again."),
    )
