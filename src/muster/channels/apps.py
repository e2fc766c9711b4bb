"""Channels: how messages leave the house."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """The part of the channels."""

    name = "muster.channels"
    label = "channels"

    def ready(self) -> None:
        """Sends can be reviewed, named in segments, held in an emergency, and forget the erased."""
        import_module("muster.channels.sending.approving")
        import_module("muster.channels.sending.erasing")
        import_module("muster.channels.sending.named")
        import_module("muster.channels.emergency")
