"""Measure: what came of it."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class MeasureConfig(AppConfig):
    """The part of measuring."""

    name = "muster.measure"
    label = "measure"

    def ready(self) -> None:
        """Risks may fire on any number of the catalogue."""
        import_module("muster.measure.signs")
