"""What a person's page shows of messages (PE1, CH9): which they got, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from muster.channels.sending.counting import reason_label
from muster.channels.sending.models import Recipient
from muster.content.emails.models import Email
from muster.kit import ids
from muster.people.profile.models import Person
from muster.people.profile.panels import called, panel
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User
from muster.ui.middleware import worded

MOST = 12
TITLE = _("Messages")


@panel("messages", "channels/sends/panel.html", order=40, permission="sends.see")
def messages(person: Person, reader: User) -> dict[str, Any] | None:
    """The latest sends that meant this person."""
    rows = (
        Recipient.objects.filter(person_id=person.pk)
        .select_related("send__campaign", "variant")
        .order_by("-pk")[:MOST]
    )
    listed = [(row, worded(reason_label(row.reason), {}) if row.reason else "") for row in rows]
    return {"title": TITLE, "rows": listed}


@called("cmp")
def campaigns(public_ids: Collection[str]) -> Mapping[str, str]:
    """What campaigns are called in front of people."""
    numbers = [ids.number("campaign", one) or 0 for one in public_ids]
    return {one.public_id: one.name for one in Campaign.objects.filter(pk__in=numbers)}


@called("eml")
def emails(public_ids: Collection[str]) -> Mapping[str, str]:
    """What e-mails are called in front of people."""
    numbers = [ids.number("email", one) or 0 for one in public_ids]
    return {one.public_id: one.name for one in Email.objects.filter(pk__in=numbers)}
