"""The frame (PF7): what every page of Muster looks like and how it says no."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The frame as a Django app."""

    name = "muster.ui"
    label = "ui"
