"""Content: what we say to people."""

from __future__ import annotations

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "muster.content"
    label = "content"
