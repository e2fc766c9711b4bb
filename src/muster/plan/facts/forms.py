"""What people fill in of a fact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from muster.plan.facts.models import Fact
from muster.team.users.models import User

_WHEN = "%Y-%m-%dT%H:%M"


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WHEN)
    return forms.DateTimeField(label=label, required=False, widget=widget, input_formats=[_WHEN])


class FactForm(forms.Form):
    """One fact."""

    name = forms.CharField(
        label=_("What the fact is about"),
        max_length=120,
        help_text=_(
            "In the words of your mails, such as “gift box”: numbers beside it are compared."
        ),
    )
    key = forms.CharField(
        label=_("Fact key"),
        max_length=60,
        help_text=_("Small letters, digits and dots: price.hero"),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Fact.Kind.choices)
    value = forms.CharField(label=_("Value in every language"), max_length=300, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    valid_from = _moment(_("Valid from"))
    valid_to = _moment(_("Valid until"))
    evidence_url = forms.CharField(label=_("Link to the proof"), max_length=500, required=False)
    evidence = forms.CharField(label=_("Proof in words"), max_length=300, required=False)
    owner = forms.ModelChoiceField(
        label=_("In charge"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        required=False,
        empty_label=_("nobody"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in settings.LANGUAGES:
            self.fields[_field(code)] = forms.CharField(
                label=_("Value in %(language)s") % {"language": name},
                max_length=300,
                required=False,
            )

    @property
    def in_languages(self) -> list[forms.BoundField]:
        """The value in each language."""
        return [self[_field(code)] for code, _name in settings.LANGUAGES]

    @classmethod
    def of(cls, fact: Fact | None, data: Any = None) -> FactForm:
        """The form as the fact fills it; empty for a new one."""
        if fact is None:
            return cls(data, auto_id="fact_%s")
        initial: dict[str, Any] = {
            name: getattr(fact, name)
            for name in ("name", "key", "kind", "unit", "valid_from", "valid_to", "evidence_url",
                         "evidence")
        }  # fmt: skip
        initial["owner"] = fact.owner_id
        initial["value"] = fact.values.get("", "")
        initial |= {_field(code): fact.values.get(code, "") for code, _name in settings.LANGUAGES}
        return cls(data, initial=initial, auto_id="fact_%s")

    def fields_of_fact(self) -> dict[str, Any]:
        """What was typed, as the actions take it."""
        data = dict(self.cleaned_data)
        values = {"": data.pop("value")}
        values |= {code: data.pop(_field(code)) for code, _name in settings.LANGUAGES}
        return {**data, "values": {code: text for code, text in values.items() if text}}


def _field(code: str) -> str:
    return "value_" + code.replace("-", "_")
