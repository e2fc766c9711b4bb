"""Learn: what we do better next time."""

from __future__ import annotations

from django.apps import AppConfig


class LearnConfig(AppConfig):
    """The part of learning."""

    name = "muster.learn"
    label = "learn"
