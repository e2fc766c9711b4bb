"""What proves a word (PE3), as people read it; the record keeps it as it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

_BROWSERS = (
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Sign in the header `User-Agent` → product; the first that fits, as most call themselves Safari
too."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def readable(proof: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Field and value of a proof for `proof.html`: moments as moments, browsers by their names."""
    read = [(field, _value(field, value)) for field, value in proof.items()]
    # A proof may hold anything; only a moment can be told as one.
    return [
        (field.removesuffix("_at") if not isinstance(value, datetime) else field, value)
        for field, value in read
    ]


def browser_of(agent: str) -> str:
    """“Chrome · Windows”; another program stands as it calls itself."""
    browser, system = (
        next((name for sign, name in signs if sign in agent), "") for signs in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(filter(None, (browser, system))) if browser else agent


def _value(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field == "user_agent":
        return browser_of(value)
    if field.endswith("_at"):
        try:
            return parse_datetime(value) or value
        except ValueError:
            return value
    return value
