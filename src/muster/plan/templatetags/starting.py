"""Bars of a small time line; widths are SVG attributes, as the content policy asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def span_bar(
    left: float, width: float, d_day: float, end: float, off: Iterable[Any] = (), kind: str = ""
) -> SafeString:
    """A stretch of time on the span of the whole plan, with days off behind it.

    `d_day` and `end` are where the campaign itself begins and ends; `off` holds days off, or
    (name, place) of the marks of an axis.
    """
    behind = [
        f'<rect class="sb-mark" x="{one[1]}%" width="1"/>'
        if isinstance(one, tuple)
        else f'<rect class="sb-off" x="{one.left}%" width="{one.width}%"/>'
        for one in off
        if isinstance(one, tuple) or one.is_off
    ]
    bar = (
        f'<circle class="sb-point" cx="{left}%" cy="50%" r="4"/>'
        if kind == "point"
        else f'<rect class="sb-bar {kind}" x="{left}%" width="{width}%" y="25%" rx="2"/>'
    )
    # Nothing but numbers and a fixed word goes in, so there is nothing to escape.
    return SafeString(
        f'<svg class="spanbar" aria-hidden="true">{"".join(behind)}<rect class="sb-live" '
        f'x="{d_day}%" width="{round(max(end - d_day, 0.2), 2)}%"/>{bar}</svg>'
    )


@register.simple_tag
def axis(marks: Iterable[tuple[str, float]]) -> SafeString:
    """Names along the top of a time line, each where its span begins."""
    names = format_html_join(
        "",
        '<text class="sb-name" x="{}%" y="14" dx="2">{}</text>',
        ((at, name) for name, at in marks),
    )
    return format_html(
        '<svg class="spanbar" role="img" aria-label="{}">{}</svg>',
        ", ".join(name for name, _at in marks),
        names,
    )
