"""What people fill in to say who approves what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.approvals import rules
from muster.plan.campaigns.fields import NumberField
from muster.team.members.models import Team
from muster.team.roles import ROLES
from muster.team.users.models import User


def deciding() -> list[Any]:
    """Everybody whom a step can name: `who:value` and words, in groups."""
    roles = [role for role in ROLES.values() if "campaigns.see" in role.permissions]
    users = [user for user in User.objects.filter(is_active=True) if user.may("campaigns.see")]
    return [
        ("permission:approvals.decide", _("Anyone who may approve")),
        ("accountable:", _("Whoever is accountable for the task (A)")),
        (_("Roles"), [(f"role:{role.key}", gettext(role.name)) for role in roles]),
        (_("Teams"), [(f"team:{team.pk}", team.name) for team in Team.objects.all()]),
        (_("Members"), [(f"person:{user.pk}", str(user)) for user in users]),
    ]


class StepForm(forms.Form):
    """One step of a policy; a step without a name is left out."""

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    name = forms.CharField(label=_("Step"), max_length=60, required=False)
    decider = forms.ChoiceField(label=_("Who decides"))
    within = forms.IntegerField(
        label=_("Time to decide"), min_value=0, max_value=400, required=False
    )
    unit = forms.ChoiceField(
        label=_("Unit"), choices=[("days", _("in working days")), ("hours", _("in working hours"))]
    )
    above = NumberField(label=_("Only above"), required=False)
    beside = forms.BooleanField(label=_("together with the step before"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["decider"]
        if isinstance(field, forms.ChoiceField):
            field.choices = deciding()

    def step(self, place: int) -> rules.Step | None:
        """The step that was filled in, or None where nothing was."""
        given = self.cleaned_data
        if not given.get("name"):
            return None
        who, _colon, value = given["decider"].partition(":")
        return rules.Step(
            key=given["key"] or f"step-{place + 1}",
            name=given["name"],
            who=who,
            value=value,
            beside=given["beside"],
            within=given["within"] or 0,
            unit=given["unit"],
            above=given["above"],
        )


def step_forms(data: Any = None, *, steps: list[rules.Step], more: bool) -> Any:
    """One form for each step, and with `more` an empty one after them."""
    make = forms.formset_factory(StepForm, extra=int(more), max_num=12)
    return make(data, initial=initial_of(steps))


def initial_of(steps: list[rules.Step]) -> list[dict[str, Any]]:
    """The steps of a policy as the form shows them."""
    return [
        {
            "key": step.key,
            "name": step.name or gettext("Release"),
            "decider": f"{step.who}:{step.value}",
            "within": step.within or None,
            "unit": step.unit,
            "above": step.above,
            "beside": step.beside,
        }
        for step in steps
    ]


class StandInForm(forms.Form):
    """Somebody decides in one's place for some days."""

    to = forms.ModelChoiceField(
        label=_("Colleague"),
        queryset=User.objects.none(),
        empty_label=_("Choose a colleague"),
    )
    first = forms.DateField(
        label=_("From day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("To day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, auto_id="stand_in_%s")
        field = self.fields["to"]
        if isinstance(field, forms.ModelChoiceField):
            roles = [key for key, role in ROLES.items() if "campaigns.see" in role.permissions]
            rows = User.objects.filter(is_active=True, role__in=roles)
            field.queryset = rows.exclude(pk=user.pk).order_by("name")
