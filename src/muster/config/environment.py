"""Reads settings from the environment: `MUSTER_NAME`, or the file that `MUSTER_NAME_FILE` names."""

from __future__ import annotations

import os
from pathlib import Path


def text(name: str, default: str) -> str:
    """The value of `MUSTER_<name>`."""
    file = os.environ.get(f"MUSTER_{name}_FILE")
    if file:
        return Path(file).read_text().strip()
    return os.environ.get(f"MUSTER_{name}", default)


def number(name: str, default: int) -> int:
    """A whole number; anything else stops the start with a sentence."""
    value = text(name, str(default))
    if not value.lstrip("-").isdigit():
        raise SystemExit(f"MUSTER_{name} must be a whole number, not {value!r}.")
    return int(value)


def flag(name: str, *, default: bool = False) -> bool:
    """`1 true yes on` mean yes."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}
