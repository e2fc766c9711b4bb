"""Lines that count themselves (PL3): discounts from orders, labour from tasks, sending by price.

What a line comes to is asked through a registry, because orders and messages are known to parts
above planning:

@counted("sending")
def sent(campaign: Campaign) -> list[Count]: …

Discounts are shown and bind money, but are never booked: measuring adds them to the costs from the
same orders, and an entry would count them twice. Labour and sending are booked, by the difference
to what is booked already, so that counting again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from muster.kit.errors import Invalid
from muster.plan.budget import rules
from muster.plan.budget.actions import book_cost, reverse_cost
from muster.plan.budget.alerts import watch
from muster.plan.budget.exchange import rate_of
from muster.plan.budget.models import BudgetLine, Cost, bound
from muster.plan.budget.policy import kept
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.models import Duty, Task
from muster.team.stores import NO_NUMBERS
from muster.team.users.models import Workspace

FRESH_FOR = timedelta(minutes=1)
_HOURS_A_DAY = Decimal(8)


@dataclass(frozen=True)
class Count:
    """How many of something cost how much; in the campaign's currency."""

    what: str
    """A channel, a role, or an empty text."""
    many: Decimal
    amount: Decimal


Source: TypeAlias = Callable[[Campaign], Sequence[Count]]
_sources: dict[str, Source] = {}


def counted(kind: str) -> Callable[[Source], Source]:
    """This function counts automatic lines of a kind; raises Unavailable when it cannot now."""

    def register(source: Source) -> Source:
        _sources[kind] = source
        return source

    return register


def counts(campaign: Campaign, kind: str) -> list[Count]:
    """What stands behind an automatic line, part by part."""
    source = _sources.get(kind)
    return list(source(campaign)) if source else []


def refresh(campaign: Campaign, *, at_once: bool = False) -> None:
    """Count the automatic lines again where that is older than a minute."""
    lines = campaign.lines.exclude(auto="")
    limit = timezone.now() - FRESH_FOR
    for line in lines:
        if at_once or line.live_at is None or line.live_at < limit:
            try:
                amount = sum((c.amount for c in counts(campaign, line.auto)), Decimal(0))
            except NO_NUMBERS:
                continue
            keep_count(line, amount.quantize(rules.CENT, ROUND_HALF_UP))


@transaction.atomic
def keep_count(line: BudgetLine, amount: Decimal) -> Cost | None:
    """The one door by which automatic costs come in.

    Discounts are only remembered. Of labour and sending the difference is booked, at most what is
    left of the total: the rest stays visible as not booked until the total is raised.
    """
    campaign = Campaign.objects.select_for_update().get(pk=line.campaign_id)
    BudgetLine.objects.filter(pk=line.pk).update(live=amount, live_at=timezone.now())
    if not campaign.may_be_planned:
        return None
    now = bound([campaign.pk]).get(campaign.pk)
    if line.auto == BudgetLine.Auto.DISCOUNTS:
        if now is not None:
            watch(campaign, now.total)
        return None
    day = min(max(today(), campaign.starts), campaign.ends)
    rows = Cost.objects.filter(line=line, kind=Cost.Kind.ACTUAL)
    more = amount - sum(rows.values_list("amount", flat=True), Decimal(0))
    if more < 0:
        # Less than was counted, as when a task was opened again: the last entries are taken back.
        ours = rows.filter(source=Cost.Source.AUTO, reverses=None, reversed_by=None)
        for cost in ours.order_by("-pk"):
            if more >= 0:
                break
            reverse_cost(cost, by=None, at=day)
            more += cost.amount
        now = bound([campaign.pk]).get(campaign.pk)
    free = campaign.total_budget - (now.total if now else Decimal(0))
    more = min(more, max(free, Decimal(0)))
    if more <= 0:
        return None
    line.refresh_from_db()
    return book_cost(
        campaign,
        kind=Cost.Kind.ACTUAL,
        amount=more,
        at=day,
        by=None,
        line=line,
        source=Cost.Source.AUTO,
    )


def in_currency(amount: Decimal, campaign: Campaign) -> Decimal:
    """A price of the workspace in the campaign's currency; 0 while no rate is known."""
    try:
        rate, _day = rate_of(Workspace.here().currency, campaign.currency, today())
    except Invalid:
        return Decimal(0)
    return (amount * rate).quantize(rules.CENT, ROUND_HALF_UP)


def price(channel: str) -> Decimal:
    """What one message costs on this channel, in the workspace's currency."""
    return Decimal(kept().prices.get(channel, "0"))


@counted(BudgetLine.Auto.LABOUR)
def labour(campaign: Campaign) -> list[Count]:
    """Hours of finished tasks × the rate of the role of those who did them."""
    duties = Duty.objects.filter(
        task__campaign=campaign,
        task__deleted_at=None,
        task__status=Task.Status.DONE,
        letter=Duty.Letter.RESPONSIBLE,
        user__isnull=False,
    ).annotate(hours=F("task__hours"), days=F("task__days"), role=F("user__role"))
    rows = list(duties.values_list("task", "hours", "days", "role", "share", "user__hours_per_day"))
    people: dict[int, int] = {}
    for task, *_rest in rows:
        people[task] = people.get(task, 0) + 1
    hours: dict[str, Decimal] = {}
    for task, given, days, role, share, a_day in rows:
        own = given / people[task] if given is not None else days * share * (a_day or _HOURS_A_DAY)
        hours[role] = hours.get(role, Decimal(0)) + own
    rates = kept().rates
    return [
        Count(role, many, in_currency(many * Decimal(rates.get(role, "0")), campaign))
        for role, many in sorted(hours.items())
    ]
