"""What content adds to the command palette: its e-mails by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from muster.content.emails.models import Email
from muster.plan.campaigns.found import at_hand
from muster.ui.palette import Entry, creates, entries


@entries
def emails(user: Any, query: str) -> Iterable[Entry]:
    """The e-mails last written."""
    rows = Email.objects.visible_to(user).select_related("campaign").order_by("-updated_at")[:300]
    for email in rows:
        yield Entry(
            "go",
            email.name,
            reverse("content:edit", args=[email.pk]),
            hint=str(email.campaign),
            icon="mail",
            keywords=(email.subject,),
        )


@creates
def new_email(user: Any, words: str, at: str) -> Iterable[Entry]:
    """An e-mail of the campaign whose page is open, or of one that is chosen there."""
    if not user.may("content.edit"):
        return
    campaign = at_hand(user, at)
    title = gettext("E-mail “%(name)s”") % {"name": words}
    query = urlencode({"name": words})
    if campaign is not None:
        url = f"{reverse('content:campaign', args=[campaign.pk])}?{query}#new-name"
        yield Entry("create", title, url, campaign.name, "mail")
    else:
        yield Entry("create", title, f"{reverse('content:content')}?{query}#new-email", icon="mail")
