"""Content: what we say to people."""

from __future__ import annotations

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """The part of content."""

    name = "muster.content"
    label = "content"
