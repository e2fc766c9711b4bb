"""What people fill in to set a goal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import ChannelField, NumberField
from muster.plan.goals.models import Goal
from muster.plan.objectives.models import Objective
from muster.warehouse.metrics import METRICS, Unit

CHECKPOINTS = 3
_DATE = {"type": "date"}


def metric_choices() -> list[tuple[str, str]]:
    """The catalogue in the reader's words."""
    return [(metric.key, gettext(metric.name)) for metric in METRICS.values()]


def day_field(label: Any, *, required: bool = False) -> forms.DateField:
    """A day, picked from a calendar."""
    widget = forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget)


class GoalForm(forms.Form):
    """One goal, letter by letter."""

    metric = forms.ChoiceField(label=_("Metric"), choices=metric_choices)
    target = NumberField(label=_("Target"))
    baseline = NumberField(label=_("Baseline"), required=False)
    baseline_source = forms.CharField(
        label=_("Where the baseline is from"), required=False, max_length=200
    )
    statement = forms.CharField(
        label=_("In one sentence"),
        required=False,
        max_length=300,
        help_text=_("For instance: 500 first-time buyers in two weeks, through e-mail."),
    )
    population = forms.CharField(label=_("Of whom"), required=False, max_length=200)
    channel = ChannelField(label=_("Through"))
    starts = day_field(_("Counted from"), required=True)
    due = day_field(_("Due"), required=True)
    checkpoint_0 = day_field(_("First checkpoint"))
    checkpoint_1 = day_field(_("Second checkpoint"))
    checkpoint_2 = day_field(_("Third checkpoint"))
    objective = forms.ModelChoiceField(
        label=_("Which objective it supports"),
        queryset=Objective.objects.all(),
        required=False,
        empty_label=_("none yet"),
    )
    reason = forms.CharField(
        label=_("Why this is possible"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    rail_metric = forms.ChoiceField(
        label=_("Guardrail"),
        required=False,
        choices=lambda: [("", gettext("none")), *metric_choices()],
    )
    rail_op = forms.ChoiceField(
        label=_("Guardrail holds"),
        required=False,
        choices=[("gte", _("at least")), ("lte", _("at most"))],
    )
    rail_value = NumberField(label=_("Guardrail value"), required=False)
    primary = forms.BooleanField(label=_("Main goal"), required=False)

    @classmethod
    def of(cls, goal: Goal, data: Any = None) -> GoalForm:
        """The form as the goal fills it."""
        rail = goal.guardrails[0] if goal.guardrails else {}
        initial: dict[str, Any] = {
            name: getattr(goal, name)
            for name in (
                "metric", "baseline_source", "statement", "population", "channel", "starts", "due",
                "reason", "primary",
            )
        }  # fmt: skip
        initial["objective"] = goal.objective_id
        initial |= {
            "target": typed(goal.target, goal.metric),
            "baseline": typed(goal.baseline, goal.metric),
            "rail_metric": rail.get("metric", ""),
            "rail_op": rail.get("op", "gte"),
            "rail_value": typed(_exact(rail.get("value")), rail.get("metric", "")),
        }
        for place, day in enumerate(goal.checkpoints[:CHECKPOINTS]):
            initial[f"checkpoint_{place}"] = day
        return cls(data, initial=initial, prefix=goal.public_id, auto_id="id_%s")

    def fields_for_goal(self) -> dict[str, Any]:
        """What was typed, as the actions take it."""
        data = dict(self.cleaned_data)
        days = [data.pop(f"checkpoint_{place}") for place in range(CHECKPOINTS)]
        metric, op, value = data.pop("rail_metric"), data.pop("rail_op"), data.pop("rail_value")
        if data["objective"] is not None:
            data["supports"] = ""
        data["checkpoints"] = sorted({day.isoformat() for day in days if day})
        data["guardrails"] = (
            [{"metric": metric, "op": op or "gte", "value": str(value)}]
            if metric and value is not None
            else []
        )
        return data

    def clean(self) -> dict[str, Any]:
        """A guardrail has both a metric and a value."""
        data = super().clean() or {}
        if data.get("rail_metric") and data.get("rail_value") is None:
            self.add_error("rail_value", _("Say which value the guardrail has."))
        return data


def typed(value: Decimal | None, metric: str) -> str:
    """A number as one would type it: shares in percent, no idle zeros."""
    if value is None:
        return ""
    known = METRICS.get(metric)
    if known is not None and known.unit is Unit.RATIO:
        return f"{_plain(value * 100)}%"
    return _plain(value)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _exact(value: object) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))
