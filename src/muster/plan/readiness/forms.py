"""What people fill in about a check."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import GROUPS, Dial, Severity
from muster.plan.readiness.duties import duties
from muster.plan.readiness.models import CheckRule
from muster.plan.readiness.policy import Ruled
from muster.team.changes.conflict import Clash
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.ui import formats

_SEVERITIES = [(Severity.BLOCK, _("Blocks the launch")), (Severity.WARN, _("Warns"))]


class PercentField(NumberField):
    """A part of the whole, written in percent with or without the sign."""

    def clean(self, value: Any) -> Any:
        """The part as a number, 0.2 for 20."""
        plain = unicodedata.normalize("NFKC", str(value or "")).replace("%", "")
        number = super().clean(plain)
        return None if number is None else number / 100


class CheckForm(forms.Form):
    """What is asked here, of which campaigns, and how serious it is."""

    group = forms.ChoiceField(label=_("Listed under"))
    title = forms.CharField(label=_("What has to hold"), max_length=120)
    text = forms.CharField(
        label=_("What to do before saying that it is done"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    duty = forms.ChoiceField(label=_("Who answers it"), required=False)
    off = forms.BooleanField(label=_("Do not ask it"), required=False)
    severity = forms.ChoiceField(label=_("When it fails"), required=False)
    strategies = forms.MultipleChoiceField(
        label=_("Only campaigns of these kinds"),
        help_text=_("None chosen: all campaigns."),
        choices=Campaign.Strategy.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, ruled: Ruled | None, data: Any = None) -> None:
        """`ruled` is the check as it is; None for a new one of the workspace's own."""
        self.now = _initial(ruled)
        super().__init__(data, initial=_opened(data) or self.now)
        self.dials = ruled.question.dials if ruled else ()
        is_own = ruled is None or ruled.is_own
        severities = _severities(ruled)
        self._choices("severity", severities)
        self.fields["severity"].required = severities[0][0] != ""
        if is_own:
            self._choices("group", [(key, gettext(title)) for key, title in GROUPS.items()])
            self._choices("duty", list(duties().items()))
        else:
            for name in ("group", "title", "text", "duty"):
                del self.fields[name]
        if ruled is not None and ruled.set_at:
            del self.fields["severity"]
            self.dials = ()
        if ruled is None:
            del self.fields["off"]
        numbers = {
            f"dial_{one.name}": (PercentField if _is_percent(one) else NumberField)(
                label=_words(one)
            )
            for one in self.dials
        }
        self.fields = {**numbers, **self.fields} if not is_own else self.fields

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    @property
    def was(self) -> str:
        """What stood there when the form was opened: goes with the form and comes back."""
        return json.dumps(self.initial)

    def fields_of_check(self) -> dict[str, Any]:
        """What was filled in, as `policy.add_check` takes it."""
        return dict(self.cleaned_data)

    def changes(self, ruled: Ruled, *, without: Collection[str] = ()) -> dict[str, Any]:
        """What was changed since the form was opened, as `policy.set_check` takes it.

        `ruled` is the check as it is by now: its other numbers stay.
        """
        changed = [name for name in self.changed_data if name not in without]
        data = {name: self.cleaned_data[name] for name in changed}
        dials = {
            one.name: data.pop(f"dial_{one.name}")
            for one in self.dials
            if f"dial_{one.name}" in data
        }
        if dials:
            data["dials"] = {one.name: value for one, value in ruled.dials} | dials
        return data

    def clashes(self, ruled: Ruled, kept: frozenset[str], *, by: User) -> list[Clash]:
        """What a colleague has changed to something else since; `kept` is saved all the same."""
        rule = ruled.rule or _latest()
        if rule is None or rule.by_id == by.pk:
            return []
        found = []
        for name in self.changed_data:
            field, now = self.fields[name], self.now.get(name)
            mine = field.widget.value_from_datadict(self.data, {}, name)
            if name in kept or not field.has_changed(now, mine):
                continue
            if now == self.initial.get(name):
                continue
            found.append(
                Clash(
                    name,
                    str(field.label),
                    _said(field, mine),
                    _said(field, now),
                    rule.by,
                    rule.at,
                )
            )
        return found


def _opened(data: Any) -> dict[str, Any]:
    """What the form says stood there; empty where it says nothing."""
    try:
        found = json.loads(data.get("was", "") if data else "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _latest() -> Change | None:
    """What was decided last: where a check is as usual again, no row says who wanted that."""
    rows = Change.objects.filter(kind=CheckRule._meta.label_lower).select_related("by")
    return rows.order_by("-pk").first()


def _said(field: forms.Field, value: Any) -> str:
    """What a field says, in words."""
    if isinstance(field, forms.BooleanField):
        return gettext("yes") if value else gettext("no")
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list) else [value]
        choices = cast("Iterable[tuple[str, Any]]", field.choices)
        names = [str(words) for key, words in choices if key in chosen]
        return ", ".join(names) or "–"
    return str(value or "–")


def _severities(ruled: Ruled | None) -> list[tuple[str, Any]]:
    if ruled is None or ruled.usual is None or ruled.usual.severity is not None:
        return [(str(key), words) for key, words in _SEVERITIES]
    depends = ("", _("As the case is"))
    return [depends, *((str(key), words) for key, words in _SEVERITIES)]


def _initial(ruled: Ruled | None) -> dict[str, Any]:
    if ruled is None:
        return {"severity": Severity.WARN.value}
    rule = ruled.rule
    found: dict[str, Any] = {
        "off": ruled.is_off,
        "severity": ruled.question.severity or "",
        "strategies": ruled.strategies,
    }
    for one, value in ruled.dials:
        shown = value * 100 if _is_percent(one) else value
        found[f"dial_{one.name}"] = f"{shown.normalize():f}"
    if ruled.is_own and rule is not None:
        found |= {name: getattr(rule, name) for name in ("group", "title", "text", "duty")}
    return found


def _is_percent(one: Dial) -> bool:
    return one.unit is Dial.Unit.PERCENT


def _words(one: Dial) -> str:
    words = gettext(one.words)
    return f"{words} (%)" if _is_percent(one) else words


def written(one: Dial, value: Decimal) -> str:
    """A number of a check as the list of checks shows it, without its words."""
    language = get_language() or "en"
    if _is_percent(one):
        return formats.percent(value, language, digits=1)
    return formats.number(value, language)
