"""What people fill in of an objective."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.fields import NumberField
from muster.plan.goals.forms import day_field, metric_choices, typed
from muster.plan.objectives.models import Objective
from muster.team.users.models import User


class ObjectiveForm(forms.Form):
    """One objective or plan."""

    name = forms.CharField(
        label=_("What is wanted"),
        max_length=200,
        help_text=_("For instance: new customers +30 % in the fourth quarter."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Objective.Kind.choices)
    parent = forms.ModelChoiceField(
        label=_("Serves"),
        queryset=Objective.objects.all(),
        required=False,
        empty_label=_("nothing above it"),
    )
    starts = day_field(_("First day"), required=True)
    ends = day_field(_("Last day"), required=True)
    metric = forms.ChoiceField(
        label=_("Metric"),
        required=False,
        choices=lambda: [("", gettext("only a direction")), *metric_choices()],
    )
    target = NumberField(label=_("Target"), required=False)
    owner = forms.ModelChoiceField(
        label=_("In charge"),
        queryset=User.objects.filter(is_active=True).order_by("name"),
        empty_label=None,
    )

    @classmethod
    def of(cls, objective: Objective | None, data: Any = None, **initial: Any) -> ObjectiveForm:
        """The form as the objective fills it; with `initial` for a new one."""
        if objective is not None:
            initial = {
                name: getattr(objective, name)
                for name in ("name", "kind", "parent", "starts", "ends", "metric", "owner")
            }
            initial["target"] = typed(objective.target, objective.metric)
        form = cls(data, initial=initial, auto_id="objective_%s")
        if objective is not None:
            field: forms.ModelChoiceField[Objective] = form.fields["parent"]  # type: ignore[assignment]
            field.queryset = Objective.objects.exclude(pk=objective.pk)
        return form
