"""Track: what people do, and how we come to know of it."""

from __future__ import annotations

from django.apps import AppConfig


class TrackConfig(AppConfig):
    """The part of tracking."""

    name = "muster.track"
    label = "track"
