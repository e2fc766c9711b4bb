"""What lies where as the table writes it: each row by how it looks, and its own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from muster.plan.materials.models import Stock
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import moment, number


class _Row(NamedTuple):
    """One place of a material."""

    has_region: bool
    is_short: bool
    is_counted: bool


def places(stock: Iterable[Stock]) -> list[Alike]:
    """The rows of one material."""
    return [
        Alike(
            _Row(bool(row.place.region), row.free < 0, row.counted_at is not None),
            {
                "place": row.place.name,
                "region": row.place.region,
                "on_hand": number(row.on_hand),
                "reserved": number(row.reserved),
                "free": number(row.free),
                "counted": moment(row.counted_at, True),
            },
        )
        for row in stock
    ]
