"""Numbers that pages show in passing are kept for some seconds: they say as of when they are.

Every page of a campaign shows how far its goal is, and many colleagues look at the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache

T = TypeVar("T")


def kept(key: str, count: Callable[[], T | None], seconds: int | None = None) -> T | None:
    """The value counted within the last seconds, or counted now; nothing is not kept."""
    key = key.replace(" ", "_")
    found: T | None = cache.get(key)
    if found is None:
        found = count()
        if found is not None:
            cache.set(key, found, settings.COUNTS_KEPT if seconds is None else seconds)
    return found
