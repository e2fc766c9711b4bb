"""Opens and clicks (TR3, CO3): a picture and a way on, whoever asks; what was asked is an event."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from muster.collector import actor
from muster.events import names, shape

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent point."""
SCANNED = "/q"
"""What the address in a QR code ends with, so that a scan is told from a click."""


@dataclass(frozen=True)
class Link:
    """What a token stands for."""

    person_id: int | None
    campaign: Mapping[str, str | None] = field(default_factory=dict)
    """The campaign context of the message: name, channel, campaign_id, send_id, message_id …"""
    sent_at: datetime | None = None
    target: str = ""
    """Where a click leads; only this address is ever answered."""
    about: Mapping[str, str] = field(default_factory=dict)
    """What else the event says of it."""


@dataclass(frozen=True)
class Links:
    """Reads tokens; None for one that we did not make. May ask a database, so it may be slow."""

    open_: Callable[[str], Link | None]
    click: Callable[[str], Link | None]
    short: Callable[[str], Link | None] = lambda _token: None


NO_LINKS = Links(open_=lambda _token: None, click=lambda _token: None)


def hit(name: str, link: Link, *, method: str, headers: Mapping[str, str], now: datetime) -> bytes:
    """The event of an open or a click, with who it probably was and why we think so."""
    seconds = (now - link.sent_at).total_seconds() if link.sent_at else None
    who, reasons = actor.classify(method, headers, seconds)
    properties: dict[str, object] = {
        "actor": who,
        "actor_reasons": reasons,
        "user_agent": headers.get("user-agent", "")[:400],
    }
    if link.target and name != names.MESSAGE_OPENED:
        properties["url"] = link.target
    properties |= link.about
    campaign = {key: value for key, value in link.campaign.items() if value is not None}
    return shape.event(
        name,
        person_id=link.person_id,
        properties=properties,
        context={"campaign": campaign},
        at=now,
    )


def location(target: str) -> bytes | None:
    """The target as a header says it, or None if it is no address of the web."""
    if not target.lower().startswith(("http://", "https://")):
        return None
    return quote(target, safe="%/:?#[]@!$&'()*+,;=~-._").encode("ascii")
