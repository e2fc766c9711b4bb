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
    behind = format_html_join(
        "",
        '<rect class="sb-off" x="{}%" width="{}%"/>',
        ((one.left, one.width) for one in off if getattr(one, "is_off", False)),
    ) + format_html_join(
        "",
        '<rect class="sb-mark" x="{}%" width="1"/>',
        ((one[1],) for one in off if isinstance(one, tuple)),
    )
    bar = (
        format_html('<circle class="sb-point" cx="{}%" cy="50%" r="4"/>', left)
        if kind == "point"
        else format_html(
            '<rect class="sb-bar {}" x="{}%" width="{}%" y="25%" rx="2"/>', kind, left, width
        )
    )
    return format_html(
        '<svg class="spanbar" aria-hidden="true">{}<rect class="sb-live" x="{}%" width="{}%"/>'
        "{}</svg>",
        behind,
        d_day,
        round(max(end - d_day, 0.2), 2),
        bar,
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
