"""What people write in a retrospective."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.learn.retros.models import SCREENS, Card, Retro
from muster.team.users.models import User


class CardForm(forms.ModelForm[Card]):
    """One card; a lesson says where it should appear again, an action who does it until when."""

    screen = forms.ChoiceField(
        label=_("Where it should appear again"),
        choices=[("", _("nowhere")), *SCREENS.items()],
        required=False,
    )

    class Meta:
        model = Card
        fields = ("kind", "text", "screen", "condition", "owner", "due")
        widgets = {
            "kind": forms.HiddenInput,
            "text": forms.Textarea(attrs={"rows": 2, "maxlength": 400}),
            "due": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: object, kind: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kind = kind or str(self.data.get("kind", "") or self.instance.kind)
        self.fields["text"].label = ""
        self.fields["kind"].initial = kind
        owner = self.fields["owner"]
        owner.queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]
        owner.empty_label = _("nobody yet")  # type: ignore[attr-defined]
        wanted = {Card.Kind.LESSON: {"screen", "condition"}, Card.Kind.ACTION: {"owner", "due"}}
        for name in ("screen", "condition", "owner", "due"):
            if name not in wanted.get(Card.Kind(kind), set()) if kind in Card.Kind.values else True:
                del self.fields[name]


class JudgementForm(forms.Form):
    """Would we do it again?"""

    again = forms.ChoiceField(
        label=_("Would we do it again?"), choices=Retro.Again.choices, widget=forms.RadioSelect
    )
    why = forms.CharField(label=_("Why"), max_length=300, required=False)
