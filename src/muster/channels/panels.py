"""What a person's page shows of messages (PE1, CH9): which they got, and why not."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from muster.channels.sending.counting import reason_label
from muster.channels.sending.models import Recipient
from muster.people.profile.models import Person
from muster.people.profile.panels import panel
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
