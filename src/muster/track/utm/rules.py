"""How a link gets its UTM tags (TR2): what the author wrote is never overwritten."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

SCHEMES = ("http", "https")


@dataclass(frozen=True)
class Naming:
    """How a house names what its links say of themselves."""

    channels: Mapping[str, tuple[str, str]]
    """Channel of a plan → the source and the medium that its links say."""
    allowed: re.Pattern[str]
    longest: int
    must_have: tuple[str, ...]
    synonyms: Mapping[str, Mapping[str, str]]
    """Parameter → what people also write → what is meant."""

    def of(self, channel: str) -> tuple[str, str]:
        """Source and medium of a channel; one that is not in the table says its own name."""
        return self.channels.get(channel, (channel, channel))


def tag(
    url: str,
    *,
    campaign: str,
    source: str = "muster",
    medium: str = "email",
    content: str = "",
    term: str = "",
) -> str:
    """The address with the tags it does not carry yet; everything else stays letter by letter.

    Addresses that are not http(s) (mail, phone, a place in the page) come back as they are. The
    tags go before the fragment, and a tag without a value is left out.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme.lower() not in SCHEMES or not parts.netloc:
        return url
    there = {name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    wanted = {
        "utm_source": source,
        "utm_medium": medium,
        "utm_campaign": campaign,
        "utm_content": content,
        "utm_term": term,
    }
    tags = [
        f"{name}={quote(value, safe='')}"
        for name, value in wanted.items()
        if value and name not in there
    ]
    if not tags:
        return url
    before, hash_sign, fragment = url.partition("#")
    join = "?" if "?" not in before else "" if before[-1] in "?&" else "&"
    return before + join + "&".join(tags) + hash_sign + fragment
