"""What people fill in of a persona."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.people.personas.models import Persona
from muster.people.segments.models import Segment
from muster.team.users.models import User


def _long(label: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
        strip=False,
    )


class PersonaForm(forms.Form):
    """One persona."""

    name = forms.CharField(label=_("Name"), max_length=80)
    who = _long(_("Who they are"))
    aims = _long(_("What they want"))
    pains = _long(_("What troubles them"))
    objections = _long(_("Why they hesitate"))
    words = _long(_("Words they use"), _("As they say it, not as we do."))
    channels = forms.CharField(
        label=_("Channels"),
        required=False,
        max_length=300,
        help_text=_("The best first, with commas between them."),
    )
    hours = forms.CharField(label=_("When they are active"), required=False, max_length=120)
    segment = forms.ModelChoiceField(
        label=_("Segment behind it"),
        required=False,
        queryset=Segment.objects.none(),
        empty_label=_("no segment"),
    )

    @classmethod
    def of(cls, persona: Persona, user: User, data: Any = None) -> PersonaForm:
        """The form as the persona fills it."""
        initial = {name: getattr(persona, name) for name in cls.base_fields}
        initial["channels"] = ", ".join(persona.channels)
        form = cls(data, initial=initial)
        field = form.fields["segment"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = Segment.objects.visible_to(user).order_by("name")
        return form

    def clean_channels(self) -> list[str]:
        """The words between the commas."""
        text = self.cleaned_data["channels"].replace("，", ",").replace("、", ",")
        return [word for part in text.split(",") if (word := part.strip())]
