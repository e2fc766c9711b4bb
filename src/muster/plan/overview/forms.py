"""What people fill in to find campaigns, and to keep a view of the list (S05)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.overview.listing import Asked
from muster.plan.overview.models import Tag
from muster.team.users.models import User


def _tags() -> list[tuple[str, Any]]:
    names = Tag.objects.order_by("name").values_list("name", flat=True).distinct()
    return [("", _("Any tag")), *((name, name) for name in names[:200])]


class FindForm(forms.Form):
    """Which campaigns to list, and in which order."""

    q = forms.CharField(
        label=_("Search by name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search by name")}),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Any status")), *Campaign.Status.choices]
    )
    owner = forms.ModelChoiceField(
        label=_("In charge"),
        required=False,
        queryset=User.objects.filter(is_active=True).order_by("name"),
        empty_label=_("Anybody in charge"),
    )
    strategy = forms.ChoiceField(
        label=_("What it is for"),
        required=False,
        choices=[("", _("Any purpose")), *Campaign.Strategy.choices],
    )
    tag = forms.ChoiceField(label=_("Tag"), required=False, choices=_tags)
    group = forms.ChoiceField(
        label=_("Group by"),
        required=False,
        choices=[
            ("", _("No groups")),
            ("owner", _("By person in charge")),
            ("quarter", _("By quarter")),
            ("strategy", _("By purpose")),
        ],
    )

    @classmethod
    def asked(cls, data: Any) -> tuple[FindForm, Asked]:
        """The form, and what it asks for; what makes no sense is left out."""
        form = cls(data)
        form.is_valid()
        found = form.cleaned_data
        owner = found.get("owner")
        return form, Asked(
            q=found.get("q", ""),
            status=found.get("status", ""),
            owner=owner.pk if owner else None,
            strategy=found.get("strategy", ""),
            sort=data.get("sort", "starts"),
            group=found.get("group", ""),
            tag=found.get("tag", ""),
        )


class ViewForm(forms.Form):
    """A name for the list as it is shown now."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    shared = forms.BooleanField(label=_("For the whole team"), required=False)
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
