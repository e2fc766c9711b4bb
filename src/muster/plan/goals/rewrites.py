"""Concrete sentences in place of a vague one (PL2); each of them can be read back as a goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from muster.kit.words import _

_SHOWN_BY = {
    "awareness": ("new_visitors", "people_reached", "visitors"),
    "impressions": ("people_reached", "visitors", "clicks"),
    "sentiment": ("complaint_rate", "repeat_rate", "first_time_buyers"),
    "satisfaction": ("complaint_rate", "repeat_rate", "orders_per_person"),
    "followers": ("leads", "first_time_buyers", "new_visitors"),
    "engagement": ("click_rate", "visitors", "clicks"),
    "loyalty": ("repeat_rate", "orders_per_person", "revenue_per_person"),
    "market": ("first_time_buyers", "revenue", "orders"),
    "quality": ("leads", "lead_rate", "cpl"),
    "performance": ("revenue", "conversion_rate", "roi"),
    "": ("first_time_buyers", "orders", "revenue"),
}
"""Sort of wish → metrics that would show whether it came true."""
_FALLS = frozenset({"complaint_rate", "cpl"})
_RATES = frozenset({
    "complaint_rate", "repeat_rate", "click_rate", "lead_rate", "conversion_rate", "roi",
    "orders_per_person", "revenue_per_person", "cpl", "revenue",
})  # fmt: skip
"""Where a round number of things would say nothing: a change is proposed."""


@dataclass(frozen=True)
class Rewrite:
    """A concrete sentence in place of a vague one."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)


def rewrites(
    metric: str,
    topic: str,
    names: Mapping[str, str],
    target: Decimal | None,
    baseline: Decimal | None,
    *,
    falls: bool,
) -> tuple[Rewrite, ...]:
    """Three sentences: about the goal's own metric if it has one, else about what would show it."""
    name = names.get(metric, metric)
    if metric and target is not None:
        return _with_target({"metric": name}, target, baseline)
    if metric:
        first, second = (_change(name, *step, falls) for step in ((10, 2), (20, 4)))
        return first, second, _guarded(name, names, falls)
    shown = _SHOWN_BY.get(topic, _SHOWN_BY[""])
    return tuple(
        _change(names.get(key, key), 10 * place, 2 * place, key in _FALLS)
        if key in _RATES
        else _count(names.get(key, key), 500 * place, 2 * place)
        for place, key in enumerate(shown, start=1)
    )


def _count(name: str, target: int, weeks: int) -> Rewrite:
    return Rewrite(
        _("In %(weeks)s weeks, get %(target)s of “%(metric)s” through e-mail"),
        {"metric": name, "target": target, "weeks": weeks},
    )


def _change(name: str, share: int, weeks: int, falls: bool) -> Rewrite:
    text = (
        _("In %(weeks)s weeks, lower “%(metric)s” by %(change)s %% through e-mail")
        if falls
        else _("In %(weeks)s weeks, raise “%(metric)s” by %(change)s %% through e-mail")
    )
    return Rewrite(text, {"metric": name, "change": share, "weeks": weeks})


def _guarded(name: str, names: Mapping[str, str], falls: bool) -> Rewrite:
    facts = {"metric": name, "rail": names.get("unsubscribe_rate", ""), "weeks": 4}
    if falls:
        return Rewrite(
            _(
                "In %(weeks)s weeks, lower “%(metric)s” by 20 %% through e-mail, with “%(rail)s” "
                "at most 0.4 %%"
            ),
            facts,
        )
    return Rewrite(
        _(
            "In %(weeks)s weeks, raise “%(metric)s” by 20 %% through e-mail, with “%(rail)s” at "
            "most 0.4 %%"
        ),
        facts,
    )


def _with_target(
    facts: Mapping[str, object], target: Decimal, baseline: Decimal | None
) -> tuple[Rewrite, ...]:
    facts = {**facts, "target": target}
    if not baseline:
        return (
            Rewrite(_("Bring “%(metric)s” to %(target)s by the last day"), facts),
            Rewrite(_("Reach %(target)s of “%(metric)s” in this campaign"), facts),
            Rewrite(_("End the campaign with “%(metric)s” at %(target)s or better"), facts),
        )
    change = ((target / baseline - 1) * 100).quantize(Decimal(1))
    facts |= {"baseline": baseline, "change": change}
    return (
        Rewrite(_("Bring “%(metric)s” from %(baseline)s to %(target)s by the last day"), facts),
        Rewrite(_("Change “%(metric)s” by %(change)s %% against the last period"), facts),
        Rewrite(_("End the campaign with “%(metric)s” at %(target)s or better"), facts),
    )
