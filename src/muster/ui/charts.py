"""Charts (PF7): one place builds them; each stands beside a table with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from muster.ui import formats

Value = float | int | None


def line(
    categories: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    *,
    forecast: Sequence[Value] | None = None,
    forecast_name: str = "",
    plan: Sequence[Value] | None = None,
    plan_name: str = "",
    unit: str = "",
    from_zero: bool = True,
) -> dict[str, Any]:
    """A chart of lines: the first is the actual one; `forecast` is pale, `plan` is dashed.

    `categories` are shown along the bottom as they are; None in a series is a gap.
    """
    lines = [
        {"type": "line", "name": name, "data": list(values), "role": "actual" if at == 0 else ""}
        for at, (name, values) in enumerate(series.items())
    ]
    if forecast is not None:
        lines.append(
            {"type": "line", "name": forecast_name, "data": list(forecast), "role": "forecast"}
        )
    if plan is not None:
        lines.append({"type": "line", "name": plan_name, "data": list(plan), "role": "plan"})
    return {
        "kind": "line",
        "categories": list(categories),
        "series": lines,
        "unit": unit,
        "fromZero": from_zero,
    }


def bars(
    categories: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    *,
    unit: str = "",
    lying: bool = False,
    stacked: bool = False,
) -> dict[str, Any]:
    """A chart of bars from zero; `lying` bars have room for long names."""
    return {
        "kind": "bar",
        "categories": list(categories),
        "series": [
            {"type": "bar", "name": name, "data": list(values), "role": "actual" if at == 0 else ""}
            for at, (name, values) in enumerate(series.items())
        ],
        "unit": unit,
        "lying": lying,
        "stacked": stacked,
        "fromZero": True,
    }


def render(options: Mapping[str, Any], label: str, size: str, language: str) -> SafeString:
    """The chart's element: drawn when scripts run, and always a table of the same numbers."""
    rows = [
        (
            category,
            [
                formats.number(series["data"][at] if at < len(series["data"]) else None, language)
                for series in options["series"]
            ],
        )
        for at, category in enumerate(options["categories"])
    ]
    return render_to_string(
        "ui/components/chart.html",
        {
            "options": dict(options),
            "label": label,
            "size": size,
            "names": [series["name"] for series in options["series"]],
            "rows": rows,
            "unit": options.get("unit", ""),
        },
    )
