"""What is asked for a new send (S30): who, what, how many are held out, when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from muster.channels.sending.actions import check_beginning
from muster.channels.sending.models import Recipient, Send
from muster.content.emails.models import Email
from muster.kit.errors import Invalid
from muster.people.consent.models import Topic
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class SendForm(forms.Form):
    """Who → what → when."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), empty_label=_("Choose a campaign")
    )
    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        label=_("Segment"),
        empty_label=_("Choose a segment"),
    )
    email = forms.ModelChoiceField(
        Email.objects.none(), label=_("E-mail"), empty_label=_("Choose an e-mail")
    )
    second = forms.ModelChoiceField(
        Email.objects.none(),
        label=_("Compare with"),
        required=False,
        empty_label=_("No comparison"),
        help_text=_("Half of the people get this one instead, drawn by lot."),
    )
    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label=_("Topic"),
        required=False,
        empty_label=_("None: everybody who wants messages"),
        help_text=_("Who opted out of this topic gets nothing."),
    )
    holdout = forms.DecimalField(
        label=_("Held out, %"),
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(50),
        decimal_places=1,
        help_text=_("So many get nothing, drawn by lot. Only so can the effect be seen."),
    )
    starts_at = forms.DateTimeField(
        label=_("Begins"),
        required=False,
        help_text=_("In your time zone. Empty means as soon as someone starts it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=120,
        help_text=_("Empty takes that of the mail."),
    )

    def __init__(self, *args: Any, user: User, send: Send | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns = Campaign.objects.visible_to(user).exclude(status=Campaign.Status.ARCHIVED)
        emails = Email.objects.visible_to(user).select_related("campaign").order_by("-updated_at")
        fields: dict[str, Any] = self.fields
        fields["campaign"].queryset = campaigns.order_by("-starts", "-pk")
        fields["segment"].queryset = Segment.objects.visible_to(user).order_by("name")
        fields["email"].queryset = fields["second"].queryset = emails
        fields["topic"].queryset = Topic.objects.filter(removed_at=None)
        if send is not None:
            del self.fields["campaign"]
            # A send that was made through the API may have no kept segment.
            fields["segment"].required = send.segment_id is not None

    def clean_starts_at(self) -> Any:
        starts = self.cleaned_data["starts_at"]
        try:
            check_beginning(starts)
        except Invalid as invalid:
            problem = invalid.errors[0]
            raise forms.ValidationError(
                _(problem.text), problem.code, params=dict(problem.params)
            ) from invalid
        return starts

    def clean_holdout(self) -> Decimal | None:
        percent = self.cleaned_data["holdout"]
        return percent / 100 if percent else None


class FindForm(forms.Form):
    """Which recipients of a send?"""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All states")), *Recipient.State.choices]
    )
    reason = forms.CharField(required=False, widget=forms.HiddenInput)
