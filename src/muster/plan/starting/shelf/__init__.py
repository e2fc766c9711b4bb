"""The templates that come with Muster: one readable file each, in the order of their `place`."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from muster.plan.starting.rules import Template, template

_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def templates() -> dict[str, Template]:
    """Key → template."""
    files = _FOLDER.glob("*.toml")
    read = [template(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return {one.key: one for one in sorted(read, key=lambda one: one.place)}
