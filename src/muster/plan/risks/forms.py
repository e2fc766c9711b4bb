"""What people fill in about a risk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import FREE_STOCK, step_kinds
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS

STEPS = 5
_SCALE = [(number, str(number)) for number in range(1, 6)]


def _signs() -> list[tuple[str, str]]:
    numbers = [(metric.key, gettext(metric.name)) for metric in METRICS.values()]
    return [("", gettext("people look")), (FREE_STOCK, gettext("Free stock")), *numbers]


def _kinds() -> list[tuple[str, str]]:
    return [("", "–"), *((kind.key, str(kind.name)) for kind in step_kinds())]


class RiskForm(forms.Form):
    """A risk, its sign, and its plan."""

    title = forms.CharField(label=_("What may go wrong"), max_length=160)
    category = forms.ChoiceField(label=_("Category"), choices=Risk.Category.choices)
    likelihood = forms.TypedChoiceField(
        label=_("Likelihood, 1 to 5"), choices=_SCALE, coerce=int, initial=3
    )
    impact = forms.TypedChoiceField(
        label=_("Impact, 1 to 5"), choices=_SCALE, coerce=int, initial=3
    )
    owner = forms.ModelChoiceField(
        label=_("Who watches it"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        required=False,
        empty_label=_("the campaign's owner"),
    )
    sign = forms.CharField(label=_("How we would notice"), max_length=200, required=False)
    metric = forms.ChoiceField(label=_("Fires by itself on"), choices=_signs, required=False)
    op = forms.ChoiceField(
        label=_("when it is"),
        choices=[
            ("lt", _("below")),
            ("gt", _("above")),
        ],
        required=False,
    )
    value = NumberField(label=_("this number"), required=False)
    response = forms.CharField(
        label=_("What we do against it"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    money = NumberField(label=_("Contingency money"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for place in range(STEPS):
            self.fields[f"kind_{place}"] = forms.ChoiceField(
                label=_("Step"), choices=_kinds, required=False
            )
            self.fields[f"text_{place}"] = forms.CharField(
                label=_("What exactly"), max_length=500, required=False
            )

    @property
    def steps(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of the plan, one pair a step."""
        return [(self[f"kind_{place}"], self[f"text_{place}"]) for place in range(STEPS)]

    @classmethod
    def of(cls, risk: Risk, data: Any = None) -> RiskForm:
        """The form of a risk that is written down."""
        initial: dict[str, Any] = {
            name: getattr(risk, name)
            for name in (
                "title", "category", "likelihood", "impact", "owner", "sign", "response", "money",
            )
        }  # fmt: skip
        initial |= {name: risk.trigger.get(name) for name in ("metric", "op", "value")}
        for place, step in enumerate(risk.plan[:STEPS]):
            initial |= {f"kind_{place}": step["kind"], f"text_{place}": step.get("text", "")}
        return cls(data, initial=initial, auto_id=f"{risk.public_id}_%s")

    def clean(self) -> dict[str, Any]:
        """A number that fires by itself needs its line."""
        data = super().clean() or {}
        if data.get("metric") and data.get("value") is None and "value" not in self.errors:
            self.add_error("value", _("Say at which number it fires."))
        return data

    def fields_for_risk(self) -> dict[str, Any]:
        """What the actions take."""
        data = self.cleaned_data
        fields = {
            name: data[name]
            for name in ("title", "category", "likelihood", "impact", "sign", "response")
        }
        trigger = {}
        if data["metric"]:
            trigger = {
                "metric": data["metric"],
                "op": data["op"] or "lt",
                "value": str(data["value"]),
            }
        plan = [
            {"kind": data[f"kind_{place}"], "text": data[f"text_{place}"]}
            for place in range(STEPS)
            if data[f"kind_{place}"]
        ]
        if data["owner"] is not None:
            fields["owner"] = data["owner"]
        return {**fields, "trigger": trigger, "plan": plan, "money": data["money"] or Decimal(0)}
