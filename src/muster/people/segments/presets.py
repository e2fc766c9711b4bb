"""Rules to start from (PE4): the groups that nearly every shop asks for first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """A rule with a name that someone can start from."""

    key: str
    name: str | Promise
    about: str | Promise
    rule: Mapping[str, Any]


_BOUGHT = {"event": "Order Completed"}
PRESETS = (
    Preset(
        "first_time",
        _("First-time buyers"),
        _("Exactly one order so far: win the second."),
        {"all": [{**_BOUGHT, "count": {"eq": 1}}]},
    ),
    Preset(
        "frequent",
        _("Frequent repeat buyers"),
        _("Three orders or more in 90 days: reward them."),
        {"all": [{**_BOUGHT, "within": "90d", "count": {"gte": 3}}]},
    ),
    Preset(
        "lapsed",
        _("Lapsed"),
        _("Bought before, but not in the last 180 days: win them back."),
        {"all": [{**_BOUGHT}, {**_BOUGHT, "within": "180d", "count": {"eq": 0}}]},
    ),
    Preset(
        "high_value",
        _("High value"),
        _("Spent 1,000 or more in a year: look after them."),
        {"all": [{**_BOUGHT, "within": "1y", "sum": {"property": "total", "gte": 1000}}]},
    ),
    Preset(
        "new",
        _("New in 30 days"),
        _("Seen for the first time lately: welcome them."),
        {"all": [{"trait": "first_seen", "op": "within_last", "value": "30d"}]},
    ),
    Preset(
        "email",
        _("Reachable by e-mail"),
        _("Agreed to marketing by e-mail: the base of every send."),
        {
            "all": [
                {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
                {"trait": "email", "op": "exists"},
            ]
        },
    ),
)
OWN = Preset(
    "own",
    _("Own rule"),
    _("Everybody with an e-mail address, to be narrowed down."),
    {"all": [{"trait": "email", "op": "exists"}]},
)


def preset(key: str) -> Preset:
    """The preset with this key; the own rule for any other."""
    return next((one for one in PRESETS if one.key == key), OWN)
