"""What people fill in about a training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.training.candidates import Candidate
from muster.plan.training.models import Training
from muster.team.users.models import User
from muster.ui import formats


def _due() -> forms.DateField:
    return forms.DateField(
        label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _items() -> forms.CharField:
    return forms.CharField(
        label=_("What has to be passed"),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One item per line."),
    )


class TrainingForm(forms.Form):
    """Who learns what until when."""

    skill = forms.CharField(label=_("Skill"), max_length=40)
    trainee = forms.TypedChoiceField(label=_("Who learns it"), coerce=int)
    due = _due()
    items = _items()

    def __init__(self, people: Sequence[Candidate], *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        words = gettext("%(name)s · %(hours)s h free")
        language = get_language() or "en"
        self.fields["trainee"].choices = [  # type: ignore[attr-defined]
            (one.user.pk, words % {"name": one.user, "hours": formats.number(one.free, language)})
            for one in people
        ]

    def trainee_in(self, people: Sequence[Candidate]) -> User:
        """The colleague who was chosen."""
        return next(one.user for one in people if one.user.pk == self.cleaned_data["trainee"])


class TrainingEditForm(forms.Form):
    """What can still be changed of a training."""

    due = _due()
    items = _items()

    @classmethod
    def of(cls, training: Training, data: Any = None) -> TrainingEditForm:
        initial = {"due": training.due, "items": "\n".join(one["text"] for one in training.items)}
        return cls(data, initial=initial, auto_id="edit_%s")
