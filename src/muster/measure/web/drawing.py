"""A heat map as shapes (TR4): the page as a strip 400 wide, what lies where, and how hot it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from muster.kit.words import _
from muster.warehouse.heat import BANDS, COLUMNS, Element, Heat

WIDTH = 400
LEVELS = 5
LAYERS = {
    "click": _("Clicks"),
    "scroll": _("Scrolling"),
    "attention": _("Attention"),
    "dead": _("Dead clicks"),
}
"""What can be shown, in the order of the keys 1 to 4."""
_MOST_BOXES = 30
_UNKNOWN_HEIGHT = 800.0


@dataclass(frozen=True)
class Shape:
    """A rectangle; `level` 0 is cold."""

    x: float
    y: float
    width: float
    height: float
    level: int = 0
    number: int = 0
    """Its line in the table beside, from 1."""


@dataclass(frozen=True)
class Drawing:
    """What the picture shows."""

    height: float
    fold: float | None
    hot: Sequence[Shape]
    boxes: Sequence[Shape]


def drawing(heat: Heat, layer: str) -> Drawing:
    """One layer of a heat map."""
    scale = WIDTH / heat.width if heat.width else 1.0
    height = heat.height * scale if heat.height else _UNKNOWN_HEIGHT
    fold = heat.fold * scale if 0 < heat.fold * scale < height else None
    shown = elements(heat, layer)[:_MOST_BOXES]
    boxes = [
        Shape(e.left * scale, e.top * scale, e.width * scale, e.height * scale, number=number)
        for number, e in enumerate(shown, 1)
    ]
    return Drawing(round(height, 1), fold, _hot(heat, layer, height, boxes, shown), boxes)


def elements(heat: Heat, layer: str) -> list[Element]:
    """What the table beside lists: everything that was pressed, or what did nothing."""
    if layer != "dead":
        return heat.elements
    dead = [element for element in heat.elements if element.dead or element.rage]
    return sorted(dead, key=lambda one: (-one.dead, -one.rage, one.path))


def _hot(
    heat: Heat, layer: str, height: float, boxes: Sequence[Shape], shown: Sequence[Element]
) -> list[Shape]:
    if layer in ("scroll", "attention"):
        values = heat.reach if layer == "scroll" else heat.attention
        most, part = max(values, default=0) or 1, height / BANDS
        return [
            Shape(0, at * part, WIDTH, part, _level(value, most)) for at, value in enumerate(values)
        ]
    if layer == "dead":
        most = max((one.dead for one in shown), default=0) or 1
        return [
            Shape(box.x, box.y, box.width, box.height, _level(one.dead, most))
            for box, one in zip(boxes, shown, strict=True)
        ]
    side = WIDTH / COLUMNS
    most = max((clicks for _x, _y, clicks in heat.spots), default=0) or 1
    return [
        Shape(column * side, row * side, side, side, _level(clicks, most))
        for column, row, clicks in heat.spots
        if row * side < height
    ]


def _level(value: float, most: float) -> int:
    return min(LEVELS, -int(-value * LEVELS // most))
