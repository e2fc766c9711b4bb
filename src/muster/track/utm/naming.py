"""Reads the table of names by which links are tagged (TR2)."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from muster.track.utm.rules import Naming


@cache
def naming() -> Naming:
    """The names of this house."""
    text = resources.files("muster.track.utm").joinpath("naming.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return Naming(
        channels={key: (said["source"], said["medium"]) for key, said in data["channel"].items()},
        allowed=re.compile(data["rules"]["allowed"]),
        longest=data["rules"]["longest"],
        must_have=tuple(data["rules"]["must_have"]),
        synonyms={"utm_medium": data["medium"], "utm_source": data["source"]},
    )
