"""The numbers of one campaign: page, API and retrospective show these and no others (ME1, ME3).

Whose: everybody who was drawn into a variant of one of its sends. When: from the first day 00:00 to
seven days after the last one, in the workspace's time zone; goals have their own days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from muster.channels.sending.models import Recipient, Send, Variant
from muster.events import names
from muster.experiment.significance import (
    SRM_ALARM,
    Lift,
    Mean,
    Proportion,
    difference_of_means,
    difference_of_proportions,
    srm_p,
)
from muster.measure.results import rules
from muster.measure.results.groups import Drawn, Members, Role, members
from muster.plan.budget.models import costs_by
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.plan.goals.rules import pace as plan_pace
from muster.team.stores import stores, warehouse
from muster.team.users.models import Workspace
from muster.warehouse.attribution import Attribution, attribution
from muster.warehouse.behind import machine_opens
from muster.warehouse.funnel import Reached, campaign_funnel
from muster.warehouse.metrics import METRICS, Direction, Metric, Scope, Unit, Value, evaluate
from muster.warehouse.outcomes import Outcome, Share, Sums, outcomes

if TYPE_CHECKING:
    import pyarrow as pa

    from muster.warehouse.store import Backend

COMPARED = ("visit_rate", "conversion_rate", "revenue_per_person")
"""The metrics by which groups are compared."""

MODELS = ("first", "last", "linear")

_MONEY = ("revenue", "discounts", "orders", "buyers")
_OURS = ("audience", "sent", "delivered")
"""Steps of the funnel that we take, not the people."""


@dataclass(frozen=True)
class GoalNow:
    """A goal, and where it stands."""

    goal: Goal
    metric: Metric
    aim: rules.Aim
    value: Value | None
    """None while nobody got a message."""
    pace: rules.Pace

    @property
    def actual(self) -> Decimal | float | None:
        return self.value.value if self.value else None

    @property
    def adds_up(self) -> bool:
        return self.aim.adds_up


@dataclass(frozen=True)
class Cost:
    """What the campaign cost: entries of the ledger, and the discounts that its orders had."""

    by_category: Mapping[str, Decimal]
    discounts: Decimal

    @property
    def booked(self) -> Decimal:
        return sum(self.by_category.values(), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.booked + self.discounts


@dataclass(frozen=True)
class Figure:
    """One metric of one group, and how it compares with the held-out people of the same send."""

    key: str
    value: float | None
    lift: Lift | None = None


@dataclass(frozen=True)
class Group:
    """What came of the people of one variant, or of those held out."""

    key: str
    name: str
    """Of the variant; empty for the held-out."""
    role: Role
    send: Send
    people: int
    figures: Mapping[str, Figure]
    orders: int
    revenue: float


@dataclass(frozen=True)
class Trial:
    """One send with a hold-out: how far its groups may be compared."""

    send: Send
    groups: Sequence[Group]

    @property
    def holdout(self) -> Group | None:
        return next((group for group in self.groups if group.role == "holdout"), None)

    @property
    def variants(self) -> list[Group]:
        return [group for group in self.groups if group.role == "variant"]

    @property
    def extra_revenue(self) -> float | None:
        """Revenue of the variants beyond what the same people would have brought anyway."""
        holdout = self.holdout
        if holdout is None or not holdout.people:
            return None
        anyway = holdout.revenue / holdout.people
        return sum(group.revenue - anyway * group.people for group in self.variants)

    @property
    def uneven(self) -> float | None:
        """The chance of variants as uneven as these, where equal parts were drawn by lot."""
        variants = [group for group in self.groups if group.role == "variant"]
        by_lot = all(v.rule is None for v in self.send.variants.all())
        if len(variants) < 2 or not by_lot:
            return None
        weights = {v.name: float(v.weight) for v in self.send.variants.all()}
        return srm_p([g.people for g in variants], [weights[g.name] for g in variants])

    @property
    def is_uneven(self) -> bool:
        """Whether the groups cannot have been drawn as planned, so that nothing may be read."""
        return self.uneven is not None and self.uneven < SRM_ALARM


@dataclass(frozen=True)
class Results:
    """Everything that is known of what a campaign brought."""

    campaign: Campaign
    start: datetime
    end: datetime
    goals: Sequence[GoalNow]
    cost: Cost
    revenue: Decimal
    apart: Mapping[str, Decimal]
    """Revenue in other currencies, not in `revenue`."""
    orders: int
    buyers: int
    roi: float | None
    funnel: Sequence[Reached]
    machine_opens: int
    groups: Sequence[Group]
    attribution: Attribution
    as_of: datetime
    is_sent: bool
    """Whether at least one send was started."""
    has_events: bool
    """Whether anybody did anything after a message."""
    trials: Sequence[Trial] = field(default_factory=tuple)

    @property
    def currency(self) -> str:
        return self.campaign.currency

    @property
    def primary(self) -> GoalNow | None:
        return self.goals[0] if self.goals else None

    @property
    def bottleneck(self) -> Reached | None:
        place = rules.bottleneck([step.people for step in self.funnel])
        return self.funnel[place] if place is not None else None


def results(campaign: Campaign, now: datetime) -> Results:
    """Count the campaign at `now`; raises TooSlow when the warehouse is too busy."""
    start, end = outcome_window(campaign)
    people = members(campaign)
    treated = people.treated
    with warehouse() as db:
        scope = Scope(start, end, treated, campaign.public_id, currency=campaign.currency)
        money = evaluate(db, _MONEY, scope)
        cost = Cost(costs_by(campaign, "category"), Decimal(money["discounts"].value or 0))
        goals = goals_now(db, campaign, people, cost, now)
        steps = campaign_funnel(db, scope, audience=_audience(campaign))
        machines = machine_opens(db, scope)
        groups = _groups(db, campaign, people, start, end)
        credit = attribution(
            db,
            names.ORDER_COMPLETED,
            start=start,
            end=end,
            window=f"{Workspace.here().attribution_days}d",
            models=MODELS,
            currency=campaign.currency,
            people=treated,
        )
    revenue = Decimal(money["revenue"].value or 0)
    trials = _trials(groups)
    return Results(
        campaign=campaign,
        start=start,
        end=end,
        goals=goals,
        cost=cost,
        revenue=revenue,
        apart=money["revenue"].apart,
        orders=int(money["orders"].value or 0),
        buyers=int(money["buyers"].value or 0),
        roi=rules.roi(revenue, cost.total),
        funnel=steps if people.groups else (),
        machine_opens=machines,
        groups=groups,
        attribution=credit,
        as_of=as_of(now),
        is_sent=bool(people.groups),
        has_events=any(step.people for step in steps if step.name not in _OURS),
        trials=trials,
    )


def as_of(now: datetime) -> datetime:
    """Up to when events are counted: everything acknowledged before this moment is in."""
    store = stores().warehouse
    return (store.as_of if store else None) or now


def cost_of(db: Backend, campaign: Campaign, people: pa.Array) -> Cost:
    """What the campaign cost so far; discounts are those of its people in its window."""
    start, end = outcome_window(campaign)
    scope = Scope(start, end, people, campaign.public_id, currency=campaign.currency)
    discounts = evaluate(db, ["discounts"], scope)["discounts"].value
    return Cost(costs_by(campaign, "category"), Decimal(discounts or 0))


def outcome_window(campaign: Campaign) -> tuple[datetime, datetime]:
    """The UTC bounds [from, to) in which what people do counts for the campaign."""
    start, end = campaign.window()
    return start, end + rules.AFTER_THE_END


def goal_window(campaign: Campaign, goal: Goal) -> tuple[datetime, datetime]:
    """The UTC bounds [from, to) of the days of a goal; the campaign's own where it names none."""
    zone = Workspace.here().zone
    first = goal.starts or campaign.starts
    last = goal.due or campaign.ends
    start = datetime.combine(first, time.min, zone).astimezone(UTC)
    return start, datetime.combine(last + timedelta(days=1), time.min, zone).astimezone(UTC)


def goals_now(
    db: Backend, campaign: Campaign, people: Members, cost: Cost, now: datetime
) -> list[GoalNow]:
    """Where each goal stands; goals whose metric is unknown are left out."""
    goals = [goal for goal in campaign.goals.all() if goal.metric in METRICS]
    return _standing(db, campaign, goals, people, cost, now)


def _standing(
    db: Backend,
    campaign: Campaign,
    goals: Sequence[Goal],
    people: Members,
    cost: Cost | None,
    now: datetime,
) -> list[GoalNow]:
    """Goals with the same days are counted in one pass."""
    windows = {goal.pk: goal_window(campaign, goal) for goal in goals}
    values: dict[tuple[datetime, datetime], dict[str, Value]] = {}
    if people.groups:
        for window in set(windows.values()):
            keys = [goal.metric for goal in goals if windows[goal.pk] == window]
            scope = Scope(*window, people.treated, campaign.public_id, currency=campaign.currency)
            values[window] = evaluate(db, keys, scope, cost=cost.total if cost else None)
    out = []
    for goal in goals:
        metric, window = METRICS[goal.metric], windows[goal.pk]
        value = values.get(window, {}).get(goal.metric)
        aim = _aim(goal, metric, window)
        actual = float(value.value) if value and value.value is not None else None
        # A campaign that was ended early is judged as it ended: nothing more comes.
        standing = (
            rules.pace(aim, actual, max(now, aim.due))
            if campaign.is_over
            else rules.pace(aim, actual, now, planned(goal, now))
        )
        out.append(GoalNow(goal, metric, aim, value, standing))
    return out


def goal_now(
    db: Backend, campaign: Campaign, goal: Goal, people: Members, now: datetime
) -> GoalNow | None:
    """Where one goal stands; None if its metric is not in the catalogue."""
    if goal.metric not in METRICS:
        return None
    cost = None
    if METRICS[goal.metric].cost is not None:
        cost = cost_of(db, campaign, people.treated)
    return _standing(db, campaign, [goal], people, cost, now)[0]


def planned(goal: Goal, now: datetime) -> float | None:
    """The share of the target that the plan expects by the end of today; None without its days."""
    if goal.starts is None or goal.due is None:
        return None
    today = now.astimezone(Workspace.here().zone).date()
    return float(plan_pace(goal.starts, goal.due, today))


def _aim(goal: Goal, metric: Metric, window: tuple[datetime, datetime]) -> rules.Aim:
    return rules.Aim(
        target=float(goal.target),
        baseline=float(goal.baseline) if goal.baseline is not None else None,
        adds_up=adds_up(metric),
        less_is_better=metric.direction is Direction.LOWER,
        starts=window[0],
        due=window[1],
    )


def adds_up(metric: Metric) -> bool:
    """Whether the number only grows: a sum of people, things or money, not a share or a mean."""
    return metric.denominator is None and metric.cost is None and metric.unit is not Unit.RATIO


def _groups(
    db: Backend, campaign: Campaign, people: Members, start: datetime, end: datetime
) -> list[Group]:
    if not people.groups:
        return []
    found = outcomes(
        db,
        people.table,
        start,
        end,
        currency=campaign.currency,
        keys=(*COMPARED, "orders_per_person"),
    )
    sends = {send.pk: send for send in campaign.sends.prefetch_related("variants")}
    titles = dict(Variant.objects.filter(send__in=sends).values_list("pk", "name"))
    controls = {
        drawn.send_id: found[drawn.key] for drawn in people.groups if drawn.role == "holdout"
    }
    return [
        _group(drawn, found[drawn.key], controls.get(drawn.send_id), sends, titles)
        for drawn in people.groups
    ]


def _group(
    drawn: Drawn,
    outcome: Outcome,
    control: Outcome | None,
    sends: Mapping[int, Send],
    titles: Mapping[int, str],
) -> Group:
    compared = control if drawn.role == "variant" else None
    orders = outcome.metrics["orders_per_person"]
    revenue = outcome.metrics["revenue_per_person"]
    return Group(
        key=drawn.key,
        name=titles.get(drawn.variant_id or 0, ""),
        role=drawn.role,
        send=sends[drawn.send_id],
        people=outcome.people,
        figures={
            key: Figure(
                key,
                outcome.metrics[key].value,
                lift(compared.metrics[key], outcome.metrics[key]) if compared else None,
            )
            for key in COMPARED
        },
        orders=round(orders.sum) if isinstance(orders, Sums) else 0,
        revenue=revenue.sum if isinstance(revenue, Sums) else 0.0,
    )


def lift(control: Share | Sums, treatment: Share | Sums) -> Lift:
    """The difference that the treatment made."""
    if isinstance(control, Share) and isinstance(treatment, Share):
        return difference_of_proportions(
            Proportion(control.n, control.successes), Proportion(treatment.n, treatment.successes)
        )
    if isinstance(control, Sums) and isinstance(treatment, Sums):
        return difference_of_means(
            Mean(control.n, control.sum, control.sum_squares),
            Mean(treatment.n, treatment.sum, treatment.sum_squares),
        )
    raise TypeError("a share is compared with a share, a mean with a mean")


def _trials(groups: Sequence[Group]) -> list[Trial]:
    by_send: dict[int, list[Group]] = {}
    for group in groups:
        by_send.setdefault(group.send.pk, []).append(group)
    return [Trial(of_send[0].send, of_send) for of_send in by_send.values()]


def _audience(campaign: Campaign) -> int:
    """How many people the sends of the campaign were meant for, each once."""
    rows = Recipient.objects.filter(send__campaign=campaign, send__frozen_at__isnull=False)
    return rows.order_by().values("person_id").distinct().count()
