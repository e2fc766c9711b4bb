"""What open pages hear of sends (S32)."""

from __future__ import annotations

from django.db.models import Count, Max
from django.utils import timezone

from muster.channels.sending.models import Recipient, Send
from muster.kit import ids
from muster.ui.live import topic


@topic("send")
def send_version(public_id: str) -> str:
    """Changes with the status, and while messages leave with every result."""
    number = ids.number("send", public_id) or 0
    found = Send.objects.filter(pk=number).values_list("status", "generation", "trouble").first()
    if found is None:
        return ""
    status, generation, trouble = found
    if status != Send.Status.SENDING:
        return f"{status} {generation}"
    begun = Send.objects.filter(pk=number, started_at__lte=timezone.now()).exists()
    counted = Recipient.objects.filter(send_id=number, state__in=Recipient.OPEN).aggregate(
        Count("id"), Max("attempt")
    )
    return f"{status} {generation} {begun} {trouble} {counted}"
