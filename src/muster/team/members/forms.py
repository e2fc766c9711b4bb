"""What people type in to set up, join, and change who they are."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from muster.team.members.giving import every
from muster.team.members.models import Team
from muster.team.users.models import User, Workspace
from muster.ui.menu import visible_menu

CURRENCIES = ["CNY", "TWD", "HKD", "USD", "EUR", "GBP", "JPY", "SGD", "MYR"]


def _roles() -> list[tuple[str, str]]:
    return [(role.value, role.name) for role in every()]


class SetupForm(forms.Form):
    """The four fields of the first start, and what the browser knows by itself."""

    name = forms.CharField(label=_("Your name"), max_length=80)
    email = forms.EmailField(label=_("E-mail address"))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is easy to remember."),
    )
    workspace = forms.CharField(label=_("Name of the team or brand"), max_length=80)
    time_zone = forms.CharField(
        widget=forms.HiddenInput(attrs={"data-time-zone": ""}), required=False
    )


class JoinForm(forms.Form):
    """Joining by an invitation."""

    name = forms.CharField(label=_("Your name"), max_length=80)
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=_roles)


class MemberForm(forms.Form):
    """What a colleague is here: role, teams, hours, skills."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(),
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    hours_per_day = forms.DecimalField(
        label=_("Working hours a day"), min_value=0, max_value=24, decimal_places=2
    )
    skills = forms.CharField(
        label=_("Skills"),
        required=False,
        max_length=400,
        help_text=_("Separated by commas, such as design, copy, video."),
    )


def _zones() -> list[tuple[str, str]]:
    return [
        (zone, zone.replace("_", " "))
        for zone in sorted(available_timezones())
        if "/" in zone or zone == "UTC"
    ]


class WorkspaceForm(forms.ModelForm[Workspace]):
    """What holds for everybody."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in CURRENCIES])

    class Meta:
        model = Workspace
        fields = [
            "name",
            "language",
            "time_zone",
            "currency",
            "sender_name",
            "sender_address",
            "postal_address",
            "messages_per_week",
            "quiet_from",
            "quiet_until",
            "attribution_days",
            "halted",
        ]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }


class ProfileForm(forms.ModelForm[User]):
    """How the system speaks to this person."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones)

    class Meta:
        model = User
        fields = [
            "name", "language", "time_zone", "theme", "density", "numbers", "start_page",
            "shortcuts",
        ]  # fmt: skip

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        places = visible_menu(self.instance.may, "").places
        self.fields["start_page"] = forms.ChoiceField(
            label=self.fields["start_page"].label,
            choices=[(place.name, place.label) for place in places],
        )
