"""Everything that waits for a person, in one list: what hurts first comes first (S02)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from muster.kit.money import Money
from muster.team.users.models import User
from muster.team.work.models import Snooze
from muster.team.work.registry import Act, Item, Lane, lanes_of
from muster.team.work.rules import Reason, Weight, weight
from muster.ui import formats


@dataclass(frozen=True)
class Waiting:
    """An item in its place in the list."""

    lane: Lane
    item: Item
    weight: Weight

    @property
    def key(self) -> str:
        return f"{self.lane.key}:{self.item.key or self.item.url}"

    @property
    def shown_at(self) -> datetime | None:
        return self.item.due or self.item.at

    @property
    def is_late(self) -> bool:
        return Reason.OVERDUE in self.weight.reasons

    @property
    def is_today(self) -> bool:
        return bool({Reason.HOURS, Reason.TODAY} & set(self.weight.reasons))

    @property
    def why(self) -> str:
        """Why it stands where it stands."""
        return " · ".join(self._said(reason) for reason in self.weight.reasons)

    def _said(self, reason: Reason) -> str:
        if reason is Reason.MONEY and self.item.at_stake is not None:
            return gettext("%(money)s at stake") % {"money": spoken(self.item.at_stake)}
        return {
            Reason.OVERDUE: gettext("Overdue"),
            Reason.HOURS: gettext("Due within hours"),
            Reason.TODAY: gettext("Due today"),
            Reason.TOMORROW: gettext("Due tomorrow"),
            Reason.THIS_WEEK: gettext("Due within a week"),
            Reason.BLOCKS: gettext("Others wait for it"),
            Reason.NEWS: gettext("Just news"),
        }[reason]

    def act(self, key: str) -> Act | None:
        """What it can be done about it under this name."""
        return next((act for act in self.item.acts if act.key == key), None)


@dataclass(frozen=True)
class Work:
    """What waits for one person now."""

    items: list[Waiting]
    lanes: list[tuple[Lane, int]]
    """Lanes that hold something, and how much."""
    put_off: int
    """How many things are snoozed."""

    def find(self, key: str) -> Waiting | None:
        return next((one for one in self.items if one.key == key), None)


def spoken(money: Money) -> str:
    """A sum in the reader's way, without coins."""
    from django.utils.translation import get_language

    return formats.money(money, get_language() or "en", short=True)


def work_of(user: User, *, snoozed: bool = False) -> Work:
    """Everything that waits for this person; `snoozed` shows what was put off instead."""
    now = timezone.now()
    local = timezone.localtime(now)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    away = set(Snooze.objects.filter(user=user, until__gt=now).values_list("key", flat=True))
    found: list[Waiting] = []
    lanes = []
    put_off = 0
    for lane, items in lanes_of(user):
        placed = [
            Waiting(
                lane,
                item,
                weight(
                    item.rank,
                    item.due,
                    item.at_stake.amount if item.at_stake else None,
                    now,
                    midnight,
                ),
            )
            for item in items
        ]
        here = [one for one in placed if (one.key in away) is snoozed]
        put_off += sum(one.key in away for one in placed)
        found += here
        if here:
            lanes.append((lane, len(here)))
    far = now + timedelta(days=36_500)
    found.sort(key=lambda one: (-one.weight.score, one.item.due or far, one.item.at or far))
    return Work(found, lanes, put_off)


def sentence(work: Work) -> str:
    """How much of what waits, in one sentence."""
    counts = {lane.key: count for lane, count in work.lanes}
    parts = []
    for key, said in _COUNTED.items():
        if counts.get(key):
            parts.append(said(counts[key]))
    others = sum(count for key, count in counts.items() if key not in _COUNTED)
    if others:
        parts.append(_other(others) if parts else _alone(others))
    return " · ".join(parts)


def at_stake(work: Work) -> list[Money]:
    """The money that waits for a decision of this person, one sum per currency."""
    sums: dict[str, Money] = {}
    for one in work.items:
        money = one.item.at_stake
        if money is not None and one.lane.key == "approvals":
            before = sums.get(money.currency)
            sums[money.currency] = before + money if before else money
    return list(sums.values())


def _approvals(count: int) -> str:
    return ngettext("%(count)s approval", "%(count)s approvals", count) % {"count": count}


def _tasks(count: int) -> str:
    return ngettext("%(count)s task", "%(count)s tasks", count) % {"count": count}


def _alerts(count: int) -> str:
    return ngettext("%(count)s alert", "%(count)s alerts", count) % {"count": count}


def _mentions(count: int) -> str:
    return ngettext("%(count)s mention", "%(count)s mentions", count) % {"count": count}


def _other(count: int) -> str:
    return ngettext("%(count)s more", "%(count)s more", count) % {"count": count}


def _alone(count: int) -> str:
    return ngettext("%(count)s thing", "%(count)s things", count) % {"count": count}


_COUNTED = {
    "approvals": _approvals,
    "tasks": _tasks,
    "alerts": _alerts,
    "mentions": _mentions,
}
"""Lane → how its number is said, in the order in which it is said."""
