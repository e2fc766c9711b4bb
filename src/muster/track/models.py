"""The tables of tracking."""

from __future__ import annotations

from muster.track.links.models import ShortLink

__all__ = ["ShortLink"]
