"""Measure: what came of it."""

from __future__ import annotations

from django.apps import AppConfig


class MeasureConfig(AppConfig):
    """The part of measuring."""

    name = "muster.measure"
    label = "measure"
