"""Rules to start from (PE4, PE5): the stages of a customer's life, made with one click.

Each has its thresholds beside it; what they are set to is written into an ordinary rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.scoring.models import ScoreModel


@dataclass(frozen=True)
class Threshold:
    """A number of a preset that a team sets for itself."""

    key: str
    label: str
    default: int
    most: int = 1_000_000_000


@dataclass(frozen=True)
class Preset:
    """A rule with a name that someone can start from."""

    key: str
    name: str
    about: str
    build: Callable[[Mapping[str, int]], Mapping[str, Any]]
    thresholds: tuple[Threshold, ...] = ()

    def rule(self, said: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The rule with the thresholds as they were said, by their keys; else as we would."""
        values = {one.key: _number(one, (said or {}).get(one.key, "")) for one in self.thresholds}
        return self.build(values)


def _number(threshold: Threshold, said: str) -> int:
    said = said.strip().replace(",", "").replace("，", "")
    if not said:
        return threshold.default
    if not (said.isascii() and said.isdigit()) or not 1 <= int(said[:12]) <= threshold.most:
        raise Invalid.at(
            f"/{threshold.key}",
            "wrong_value",
            _("“%(name)s” is %(found)s; write a whole number from 1 to %(most)s."),
            name=threshold.key,
            found=said[:40],
            most=threshold.most,
        )
    return int(said)


_BOUGHT = {"event": "Order Completed"}
_DAYS = 36_500


def _bought(within: int, **more: Any) -> dict[str, Any]:
    return {**_BOUGHT, "within": f"{within}d", **more}


def _no_order(within: int) -> dict[str, Any]:
    return _bought(within, count={"eq": 0})


PRESETS = (
    Preset(
        "new_leads",
        _("New leads"),
        _("Seen for the first time lately and bought nothing yet: welcome them."),
        lambda n: {
            "all": [
                {"trait": "first_seen", "op": "within_last", "value": f"{n['days']}d"},
                {**_BOUGHT, "count": {"eq": 0}},
            ]
        },
        (Threshold("days", _("days since the first visit"), 30, _DAYS),),
    ),
    Preset(
        "mql",
        _("Marketing qualified leads"),
        _("For sales by your rule of leads, as it is today: hand them over."),
        lambda n: ScoreModel.here().mql,
    ),
    Preset(
        "first_time",
        _("First-time buyers"),
        _("Exactly one order so far: win the second."),
        lambda n: {"all": [{**_BOUGHT, "count": {"eq": 1}}]},
    ),
    Preset(
        "frequent",
        _("Frequent repeat buyers"),
        _("Several orders in a short time: reward them."),
        lambda n: {"all": [_bought(n["days"], count={"gte": n["orders"]})]},
        (
            Threshold("orders", _("orders at least"), 3),
            Threshold("days", _("in so many days"), 90, _DAYS),
        ),
    ),
    Preset(
        "best",
        _("Best customers (RFM)"),
        _("Bought lately, often and for much: keep them close."),
        lambda n: {
            "all": [
                _bought(n["days"]),
                {**_BOUGHT, "count": {"gte": n["orders"]}},
                {**_BOUGHT, "sum": {"property": "revenue", "gte": n["amount"]}},
            ]
        },
        (
            Threshold("days", _("days since the last order"), 30, _DAYS),
            Threshold("orders", _("orders at least"), 5),
            Threshold("amount", _("spent at least"), 1000),
        ),
    ),
    Preset(
        "high_value",
        _("High value"),
        _("Spent much in a year: look after them."),
        lambda n: {"all": [_bought(n["days"], sum={"property": "revenue", "gte": n["amount"]})]},
        (
            Threshold("amount", _("spent at least"), 1000),
            Threshold("days", _("in so many days"), 365, _DAYS),
        ),
    ),
    Preset(
        "at_risk",
        _("At risk"),
        _("Bought repeatedly, but not lately: ask them back before they are gone."),
        lambda n: {
            "all": [
                {**_BOUGHT, "count": {"gte": n["orders"]}},
                _no_order(n["days"]),
                _bought(n["lapsed"]),
            ]
        },
        (
            Threshold("orders", _("orders at least"), 2),
            Threshold("days", _("days without an order"), 60, _DAYS),
            Threshold("lapsed", _("lapsed after so many days"), 180, _DAYS),
        ),
    ),
    Preset(
        "lapsed",
        _("Lapsed customers"),
        _("Bought before, but not for a long time: win them back."),
        lambda n: {"all": [{**_BOUGHT}, _no_order(n["days"])]},
        (Threshold("days", _("days without an order"), 180, _DAYS),),
    ),
    Preset(
        "advocates",
        _("Advocates"),
        _("Bought repeatedly and told others: thank them, and give them something to share."),
        lambda n: {
            "all": [
                {**_BOUGHT, "count": {"gte": n["orders"]}},
                {
                    "any": [
                        {"event": "Product Reviewed"},
                        {"event": "Product Shared"},
                        {"event": "Cart Shared"},
                    ]
                },
            ]
        },
        (Threshold("orders", _("orders at least"), 2),),
    ),
    Preset(
        "email",
        _("Reachable by e-mail"),
        _("Agreed to marketing by e-mail: the base of every send."),
        lambda n: {
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
    lambda n: {"all": [{"trait": "email", "op": "exists"}]},
)


def preset(key: str) -> Preset:
    """The preset with this key; the own rule for any other."""
    return next((one for one in PRESETS if one.key == key), OWN)
