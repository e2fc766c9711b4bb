"""Starts the parts: each may add to what another part asks for (ARCHITECTURE.md, Registries)."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

REGISTRIES = (
    "readiness",
    "palette",
    "live",
    "panels",
    "workspace",
    "work",
    "calendar",
    "comments",
    "handover",
    "tools",
    "history",
)


class ConfigConfig(AppConfig):
    """Finds what the parts add."""

    name = "muster.config"
    label = "muster_config"

    def ready(self) -> None:
        autodiscover_modules(*REGISTRIES)
