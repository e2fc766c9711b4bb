"""Sends whose mails say a fact: when it changes, they need approval anew (S08)."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from muster.channels.sending.actions import KIND
from muster.channels.sending.models import Send
from muster.content.emails.models import facts_in, texts_of
from muster.kit.errors import NotFound
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Typed
from muster.plan.facts.usage import Use, register
from muster.team.users.models import User


class SendUses:
    """The sends of a campaign that have not begun; what was sent stays as it was sent."""

    def of(self, campaign: Campaign) -> Iterable[Use]:
        """Sends whose mails hold tokens."""
        rows = Send.objects.filter(campaign=campaign, frozen_at=None).select_related("by")
        for send in rows.prefetch_related("variants__email").order_by("pk"):
            keys: set[str] = set()
            for variant in send.variants.all():
                keys |= facts_in(texts_of(variant.email).values())
            if keys:
                yield Use(
                    title=send.name,
                    url=reverse("channels:review", args=[send.pk]),
                    keys=frozenset(keys),
                    approvals=((KIND, send.pk),),
                    people=(send.by,),
                )

    def replace(self, place: str, typed: Typed, fact: Fact, *, by: User) -> None:
        """A send has no words of its own."""
        raise NotFound


register(SendUses())
