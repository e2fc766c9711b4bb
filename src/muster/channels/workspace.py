"""What the channels add to a campaign's pages: the tab with its sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.channels.sending import facts, reaching  # noqa: F401  (found through registries)
from muster.channels.sending.models import Recipient, Send
from muster.content.emails.models import Email
from muster.plan.budget.automatic import Count, counted, in_currency, price
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab
from muster.plan.strategy.asking import linkable
from muster.plan.tasks.artefacts import Artefact, Artefacts, artefacts
from muster.team.users.models import User


@artefacts("email", _("E-mails"))
class Emails(Artefacts):
    """E-mails, with how the latest send of each stands."""

    def choices(self, campaign: Campaign) -> Iterable[Artefact]:
        return self._shown(Email.objects.filter(campaign=campaign, deleted_at=None))

    def found(self, ids: Iterable[int]) -> Iterable[Artefact]:
        return self._shown(Email.objects.filter(pk__in=ids, deleted_at=None))

    def _shown(self, emails: QuerySet[Email]) -> Iterator[Artefact]:
        latest = Send.objects.filter(variants__email=OuterRef("pk")).order_by("-pk")
        for email in emails.annotate(stands=Subquery(latest.values("status")[:1])):
            stands = Send.Status(email.stands) if email.stands else None
            state = stands.label if stands else gettext("Not in a send yet")
            url = reverse("content:edit", args=[email.pk])
            chip = _CHIP.get(stands, "") if stands else ""
            yield Artefact("email", email.pk, email.name, url, state, chip, "mail")


@artefacts("send", _("Sends"))
class Sends(Artefacts):
    """Sends, as they stand."""

    def choices(self, campaign: Campaign) -> Iterable[Artefact]:
        return map(_send, Send.objects.filter(campaign=campaign))

    def found(self, ids: Iterable[int]) -> Iterable[Artefact]:
        return map(_send, Send.objects.filter(pk__in=ids))


def _send(send: Send) -> Artefact:
    url = reverse("channels:send", args=[send.pk])
    status = Send.Status(send.status)
    return Artefact("send", send.pk, send.name, url, status.label, _CHIP.get(status, ""), "send")


_CHIP = {
    Send.Status.IN_REVIEW: "warn",
    Send.Status.APPROVED: "info",
    Send.Status.SENDING: "good",
    Send.Status.DONE: "good",
}


@tab("sends", _("Sends"), 55, "channels:campaign", "sends.see")
def sends(campaign: Campaign, user: User) -> int | None:
    """How many sends there are."""
    return Send.objects.filter(campaign=campaign).count() or None


@counted("sending")
def messages(campaign: Campaign) -> list[Count]:
    """What the messages that left cost, by channel and the workspace's price list."""
    rows = Recipient.objects.filter(send__campaign=campaign, state=Recipient.State.SENT).order_by()
    sent = rows.values_list("send__channel").annotate(many=models.Count("pk"))
    return [
        Count(channel, Decimal(many), in_currency(many * price(channel), campaign))
        for channel, many in sent.order_by("send__channel")
    ]


@linkable
def sends_of(campaign: Campaign) -> list[tuple[str, str]]:
    """Sends that a cell of the touchpoint map may lead to."""
    rows = Send.objects.filter(campaign=campaign).order_by("name")
    return [(reverse("channels:send", args=[one.pk]), one.name) for one in rows[:100]]
