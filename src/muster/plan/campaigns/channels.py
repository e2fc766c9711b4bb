"""The channels that a plan can name; what is sent from here is its own list."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNELS: list[tuple[str, str | Promise]] = [
    ("email", _("Mail")),
    ("sms", _("SMS")),
    ("wecom", _("WeCom")),
    ("social", _("Social media")),
    ("ads", _("Paid ads")),
    ("store", _("Stores")),
    ("site", _("Web site")),
    ("event", _("Offline events")),
]
ICONS = {
    "email": "mail",
    "sms": "device-mobile",
    "wecom": "brand-wechat",
    "social": "share",
    "ads": "speakerphone",
    "store": "building-store",
    "site": "browser",
    "event": "map-pin",
}


def channel_name(key: str) -> str:
    """The channel in the reader's words; one that a team invented stands as it was written."""
    return str(dict(CHANNELS).get(key, key))


def channel_key(text: str) -> str:
    """The channel that somebody wrote down in their language; what is none of ours stays."""
    said = text.strip()
    for key, name in CHANNELS:
        if said.casefold() in (key, str(name).casefold()):
            return key
    return said
