"""What content adds to the command palette: its e-mails by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from muster.content.emails.models import Email
from muster.ui.palette import Entry, entries


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
