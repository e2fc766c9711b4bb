"""Which words fit a person: only what the counts show clearly, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from muster.kit.words import _
from muster.warehouse.habit import Habits

FEWEST = 3
"""Fewer than so many of a thing show no habit."""
MOSTLY = 0.6
SELDOM = 0.1

TIMES = {
    ("weekday", "morning"): _("Buys on weekday mornings"),
    ("weekday", "day"): _("Buys during the working day"),
    ("weekday", "evening"): _("Buys on weekday evenings"),
    ("weekday", "night"): _("Buys late on weekday nights"),
    ("weekend", "morning"): _("Buys on weekend mornings"),
    ("weekend", "day"): _("Buys on weekend afternoons"),
    ("weekend", "evening"): _("Buys on weekend evenings"),
    ("weekend", "night"): _("Buys late on weekend nights"),
}
WEEKEND, EVENING = _("Buys at weekends"), _("Buys in the evening")


@dataclass(frozen=True)
class Word:
    """One word, and what it was drawn from."""

    text: str
    evidence: str
    """English, marked for translation, with %(named)s places."""
    params: Mapping[str, object] = field(default_factory=dict)
    """For text and evidence."""


def words(habits: Habits) -> list[Word]:
    """What can be said, the most telling first."""
    return [*_when(habits), *_what(habits), *_price(habits), *_rhythm(habits), *_read(habits)]


def _when(habits: Habits) -> Iterator[Word]:
    if habits.orders < FEWEST:
        return
    evidence = _("%(part)s of %(all)s orders in two years fall into this time.")
    place, count = max(habits.at.items(), key=lambda item: item[1])
    if count >= MOSTLY * habits.orders:
        yield Word(TIMES[place], evidence, {"part": count, "all": habits.orders})
        return
    weekend = sum(n for (week, _part), n in habits.at.items() if week == "weekend")
    evening = sum(n for (_week, part), n in habits.at.items() if part == "evening")
    for text, count in ((WEEKEND, weekend), (EVENING, evening)):
        if count >= MOSTLY * habits.orders:
            yield Word(text, evidence, {"part": count, "all": habits.orders})


def _what(habits: Habits) -> Iterator[Word]:
    if not habits.categories:
        return
    name, count = max(habits.categories.items(), key=lambda item: (item[1], item[0]))
    if count >= FEWEST and count >= habits.items / 2:
        evidence = _("%(part)s of %(all)s items that were bought.")
        params = {"what": name, "part": count, "all": habits.items}
        yield Word(_("Loves %(what)s"), evidence, params)


def _price(habits: Habits) -> Iterator[Word]:
    params = {"part": habits.reduced, "all": habits.orders}
    evidence = _("%(part)s of %(all)s orders came with a coupon or a discount.")
    if habits.orders >= FEWEST and habits.reduced >= MOSTLY * habits.orders:
        yield Word(_("Looks at the price"), evidence, params)
    elif habits.orders >= 5 and habits.reduced <= SELDOM * habits.orders:
        yield Word(_("Pays the full price"), evidence, params)


def _rhythm(habits: Habits) -> Iterator[Word]:
    gaps = [gap for gap in habits.gaps if gap > 0]
    if len(gaps) >= FEWEST:
        days = round(median(gaps))
        evidence = _("The middle one of %(all)s gaps between orders is %(days)s days.")
        params = {"days": days, "all": len(gaps)}
        yield Word(_("Comes back about every %(days)s days"), evidence, params)
    if habits.before >= 6 and habits.lately <= habits.before / 2:
        evidence = _("%(part)s actions in the last 30 days, %(all)s in the 30 days before.")
        yield Word(_("Quieter lately"), evidence, {"part": habits.lately, "all": habits.before})


def _read(habits: Habits) -> Iterator[Word]:
    total = sum(habits.clicks.values())
    if total < FEWEST:
        return
    channel, count = max(habits.clicks.items(), key=lambda item: item[1])
    if channel == "email" and count >= MOSTLY * total:
        evidence = _("%(part)s of %(all)s clicks on messages were in e-mails.")
        yield Word(_("Clicks in e-mails"), evidence, {"part": count, "all": total})
