"""The rule bar (S10): how the total is divided, and the bands in which each part should end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from muster.plan.campaigns.channels import channel_name
from muster.ui import formats

register = template.Library()
register.filter("channel_name", channel_name)


@register.filter
def channel_names(keys: Sequence[str]) -> str:
    """The channels in the reader's words."""
    return formats.listed([channel_name(key) for key in keys], get_language() or "en")


@register.filter
def plain(amount: Decimal | None) -> str:
    """A sum as a person types it: 115000, or 1870.50."""
    if amount is None:
        return ""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"


@register.simple_tag
def rule_bar(parts: Sequence[Mapping[str, Any]], handles: bool = False) -> SafeString:
    """The segments; beneath each the band that its rule asks for; handles where it may be changed.

    Widths are SVG attributes, which `rule-bar` changes while somebody drags.
    """
    whole = max(sum((part["share"] for part in parts), Decimal(0)), Decimal(1))
    rects = format_html_join(
        "",
        '<rect class="part-{} {}" data-part="{}" x="{}" width="{}" height="26"/>',
        (
            (
                part["key"],
                "" if part["holds"] else "broken",
                part["key"],
                _percent(part["from"] / whole),
                _percent(part["share"] / whole),
            )
            for part in parts
        ),
    )
    bands = format_html_join(
        "",
        '<rect class="band" data-band="{}" x="{}" width="{}" y="31" height="3"/>',
        (
            (
                part["key"],
                _percent(part["band"][0] / whole),
                _percent(max(part["band"][1] - part["band"][0], Decimal("0.004")) / whole),
            )
            for part in parts
            if part["band"] is not None
        ),
    )
    grips = format_html_join(
        "",
        '<rect class="border" role="slider" tabindex="0" data-between="{}" aria-label="{} | {}"'
        ' aria-valuemin="0" aria-valuemax="100" aria-valuenow="{}" aria-valuetext="{}"'
        ' x="{}" y="-3" width="7" height="32" rx="3"/>',
        (
            (
                at,
                left["title"],
                right["title"],
                f"{float((left['from'] + left['share']) * 100):g}",
                formats.percent(left["share"], get_language() or "en", digits=1),
                _percent((left["from"] + left["share"]) / whole),
            )
            for at, (left, right) in enumerate(pairwise(parts))
        ),
    )
    hidden = "" if handles else format_html(' aria-hidden="{}"', "true")
    return format_html(
        '<svg class="rulebar" height="38"{}>{}{}{}</svg>',
        hidden,
        rects,
        bands,
        grips if handles else "",
    )


def _percent(share: Decimal) -> str:
    return f"{float(round(share * 100, 3)):g}%"
