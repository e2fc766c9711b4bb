"""The small world of the sends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.world import World


@pytest.fixture
def world(owner: Any, stores: Any) -> World:
    return World(owner)
