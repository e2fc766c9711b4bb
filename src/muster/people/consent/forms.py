"""What is filled in of topics, texts and the law of consent (S22)."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from muster.people.consent.rules import LAWS
from muster.people.consent.terms import terms


class TopicForm(forms.Form):
    """One topic."""

    name = forms.CharField(label=_("Name"), max_length=60)
    says = forms.CharField(
        label=_("What it is about"),
        max_length=200,
        required=False,
        help_text=_("One line for the page on which people choose."),
    )


class TextForm(forms.Form):
    """A text, or its next version."""

    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("Such as “Newsletter form”. The same name with other words is a new version."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    words = forms.CharField(label=_("Words"), max_length=5000, widget=forms.Textarea({"rows": 5}))


class LawForm(forms.Form):
    """Which law holds, and where we are stricter."""

    law = forms.ChoiceField(
        label=_("Law that holds here"), choices=[(key, _(name)) for key, name in LAWS.items()]
    )
    by_country = forms.BooleanField(
        label=_("People abroad go by the law of their country"),
        required=False,
        help_text=_("The country is read from the phone number."),
    )
    months = forms.IntegerField(
        label=_("Consent lapses after, months"),
        min_value=0,
        max_value=120,
        help_text=_("0 leaves it to the law. The shorter time counts."),
    )
    double_opt_in = forms.BooleanField(
        label=_("E-mail offers need a confirmed yes"),
        required=False,
        help_text=_(
            "A yes counts once its owner has clicked the link in our mail (double opt-in)."
        ),
    )
    keep_events = forms.IntegerField(
        label=_("Events are kept for, months"),
        min_value=0,
        max_value=120,
        required=False,
        help_text=_(
            "0 keeps them. Older ones are taken out every night, for good, also from the log: page"
            " views, clicks, carts, what became of messages. What stays: proofs of consent, orders,"
            " refunds, deals, leads and costs, what is known of people, and of each when they were"
            " first and last seen; also visits and messages from a campaign or channel in the 90"
            " days before an order, as attribution needs them."
        ),
    )

    def clean_keep_events(self) -> int:
        """Nothing written keeps them; not asked, it stays as it is."""
        if "keep_events" not in self.data:
            return terms().keep_events
        return self.cleaned_data["keep_events"] or 0
