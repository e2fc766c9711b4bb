"""Channels: how messages leave the house."""

from __future__ import annotations

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "muster.channels"
    label = "channels"
