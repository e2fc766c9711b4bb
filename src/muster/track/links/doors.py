"""What a short code stands for (TR1): read by the collector, without a request."""

from __future__ import annotations

from django.db import close_old_connections, connection

from muster.collector.links import SCANNED, Link
from muster.track.links.models import ShortLink
from muster.track.utm.naming import naming


def short(token: str) -> Link | None:
    """The link behind a code, with or without the mark of a scan; None for one that is not ours."""
    code = token.removesuffix(SCANNED).lower()
    # No request ends here, so nobody else looks after the connection of this thread; within a
    # transaction of the caller it must stay.
    alone = not connection.in_atomic_block
    if alone:
        close_old_connections()
    try:
        found = ShortLink.objects.filter(code=code, deleted_at=None).first()
        if found is None:
            return None
        source, medium = naming().of(found.channel)
        campaign = {"source": source, "medium": medium, "channel": found.channel}
        campaign["content"] = found.placement or None  # type: ignore[assignment]
        if found.campaign is not None:
            campaign["name"] = campaign["campaign_id"] = found.campaign.public_id
        about = {"link": found.public_id, "placement": found.placement}
        return Link(None, campaign, target=found.target, about=about)
    finally:
        if alone:
            close_old_connections()
