"""What people do with budgets: split the total, promise and pay money, take an entry back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.money import Money
from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.alerts import watch, watch_vaults
from muster.plan.budget.exchange import rate_of
from muster.plan.budget.models import BudgetLine, BudgetMove, Cost, LineMonth, PlanEntry, bound
from muster.plan.budget.phasing import months
from muster.plan.budget.vaults import taken, vaults_of
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.conflict import check_version
from muster.team.changes.keeping import CHANGED, kept
from muster.team.changes.models import ROWS, Change
from muster.team.users.models import User

EDITABLE = (
    "category",
    "label",
    "channel",
    "vendor",
    "planned",
    "core",
    "status",
    "estimate",
    "expected_return",
    "currency",
    "own_planned",
)
LOCKED = ("category", "planned", "own_planned", "currency")
"""What stays as it was approved once the campaign is launched: money then moves by moves."""
_KEPT = (*EDITABLE, "rate", "rate_on")
_WRITTEN = [name for name in (*_KEPT, "place") if name != "planned"]
_MOST_LINES = 200
_COSTS_BEFORE, _COSTS_AFTER = timedelta(days=5 * 366), timedelta(days=2 * 366)


@transaction.atomic
def add_line(
    campaign: Campaign, fields: Mapping[str, Any], *, by: User, at: str = ""
) -> BudgetLine:
    """A new line at the end of the budget; with `auto` it is counted by itself from then on."""
    campaign = opened(campaign)
    last = campaign.lines.order_by("-place").first()
    line = BudgetLine(campaign=campaign, place=last.place + 1 if last else 0)
    fields = dict(fields)
    _count_by_itself(line, fields.pop("auto", ""), at)
    _take(line, fields, at)
    _guard_launched(campaign, {"planned"} if line.planned else set())
    if campaign.lines.count() >= _MOST_LINES:
        raise Refused(_("A budget has at most %(most)s lines."), most=_MOST_LINES)
    planned, line.planned = line.planned, Decimal(0)
    line.save()
    replan(line, planned, by=by)
    record_change("line_added", line, by=by, campaign=campaign.pk, planned=line.planned)
    touch(campaign)
    return line


@transaction.atomic
def edit_line(
    line: BudgetLine, fields: Mapping[str, Any], *, by: User, version: int | None = None
) -> Change | None:
    """Change a line; None if all stayed as it was.

    Refused when `version` is given and is not the line's any more.
    """
    campaign = opened(line.campaign)
    check_version(line, version)
    line.refresh_from_db()
    line.campaign = campaign
    before = {name: getattr(line, name) for name in _KEPT}
    _take(line, fields, "")
    changed = {name: old for name, old in before.items() if getattr(line, name) != old}
    if not changed:
        return None
    _guard_launched(campaign, changed)
    planned, line.planned = line.planned, before["planned"]
    line.save(update_fields=list(changed))
    with kept(LineMonth.objects.filter(line=line)) as trimmed:
        replan(line, planned, by=by)
    touch(campaign)
    return record_change(
        "line_edited",
        line,
        by=by,
        undo=changed,
        campaign=line.campaign_id,
        fields=sorted(changed),
        months=trimmed.found,
    )


@transaction.atomic
def drop_line(line: BudgetLine, *, by: User) -> Change:
    """Take a line away; refused while money is booked on it."""
    campaign = opened(line.campaign)
    _check_droppable(line)
    _guard_launched(campaign, {"planned"} if line.planned else set())
    planned = line.planned
    # The ledger first: its entries come back with the line, and so does this one.
    _enter(line, Decimal(0), by=by)
    with kept(line) as rows:
        BudgetLine.objects.filter(pk=line.pk).delete()
    touch(campaign)
    return record_change(
        "line_dropped",
        line,
        by=by,
        undo=rows.undo,
        campaign=line.campaign_id,
        planned=planned,
        plans={str(line.pk): [planned, None]},
    )


def _check_droppable(line: BudgetLine) -> None:
    if line.costs.exists():
        raise Refused(
            _("Money is booked on “%(label)s”. Set its plan to zero instead of dropping it."),
            label=line.label,
        )
    if BudgetMove.objects.filter(Q(source=line) | Q(target=line)).exists():
        raise Refused(
            _("Money was moved from or to “%(label)s”, so the line has to stay."), label=line.label
        )


@transaction.atomic
def set_lines(
    campaign: Campaign,
    lines: Sequence[Mapping[str, Any]],
    *,
    by: User,
    present: Mapping[int, BudgetLine] | None = None,
) -> Change:
    """Put these lines in place of the present ones; those that count themselves always stay.

    `present` says which of the given lines (by their place) are there already and stay themselves.
    Refused where a line would go on which money is booked.
    """
    campaign = opened(campaign)
    present = present or {}
    staying = {line.pk for line in present.values()}
    others = [line for line in campaign.lines.all() if line.pk not in staying]
    gone = [line for line in others if not line.auto]
    for line in gone:
        _check_droppable(line)
    plans: dict[str, list[Decimal | None]] = {}
    rows, wanted, rewritten = [], [], []
    for place, fields in enumerate(lines):
        line = present.get(place) or BudgetLine(campaign=campaign)
        line.campaign = campaign
        before = {name: getattr(line, name) for name in _KEPT} if line.pk else {}
        values, at = dict(fields), f"/lines/{place}"
        if not line.pk:
            _count_by_itself(line, values.pop("auto", ""), at)
        was = line.planned if line.pk else None
        _take(line, values, at)
        line.place = place
        changed = {name: old for name, old in before.items() if getattr(line, name) != old}
        _guard_launched(campaign, changed if before else {"planned"})
        rewritten.append((line, changed))
        rows.append((line, was))
        wanted.append(line.planned)
    if gone:
        _guard_launched(campaign, {"planned"})
    for line in gone:
        plans[str(line.pk)] = [line.planned, None]
        _enter(line, Decimal(0), by=by)
    phases = LineMonth.objects.filter(line__campaign=campaign)
    with kept(*gone, campaign.lines.all(), phases) as kept_rows:
        BudgetLine.objects.filter(pk__in=[line.pk for line in gone]).delete()
        for (line, was), planned in zip(rows, wanted, strict=True):
            line.planned = was if was is not None else Decimal(0)
            line.save(update_fields=_WRITTEN if was is not None else None)
            _trim(line, planned)
        for place, line in enumerate((one for one in others if one.auto), len(rows)):
            line.place = place
            line.save(update_fields=["place"])
    for (line, was), planned in zip(rows, wanted, strict=True):
        replan(line, planned, by=by)
        plans[str(line.pk)] = [was, planned]
    note_lines(rewritten, by=by)
    touch(campaign)
    return _record_split(campaign, kept_rows.undo, plans, by=by)


def note_lines(
    lines: Iterable[tuple[BudgetLine, Mapping[str, object]]], *, by: User | None
) -> None:
    """Write down at the lines what changed with others: whoever knows an older version learns it.

    Each comes with what its changed fields were before; undo is with what changed them all.
    """
    for line, before in lines:
        if before:
            record_change("line_rewritten", line, by=by, was=dict(before))


def _record_split(
    campaign: Campaign,
    undo: Mapping[str, object],
    plans: Mapping[str, Sequence[Decimal | None]],
    *,
    by: User,
) -> Change:
    """`plans`: number of a line → its plan before and after; None: there was, or is, no line."""
    return record_change(
        "budget_split",
        campaign,
        by=by,
        undo=undo or {ROWS: []},
        campaign=campaign.pk,
        lines=sum(after is not None for _before, after in plans.values()),
        plans=plans,
    )


@contextmanager
def plans_of(change: Change, campaign: Campaign, *, by: User) -> Iterator[None]:
    """Around rows of the budget that are put back: plans go through the ledger, as ever."""
    opened(campaign)
    plans = {
        int(pk): [None if one is None else Decimal(one) for one in both]
        for pk, both in change.details.get("plans", {}).items()
    }
    if any(before != after for before, after in plans.values()):
        _guard_launched(campaign, {"planned"})
    lines = {line.pk: line for line in campaign.lines.all()}
    for pk, (before, after) in plans.items():
        line = lines.get(pk)
        if (line.planned if line else None) != after:
            raise Refused(CHANGED)
        if line is not None and before is None:
            _enter(line, Decimal(0), by=by)
    yield
    for line in campaign.lines.filter(pk__in=plans):
        planned, after = plans[line.pk]
        if planned is not None:
            _enter(line, planned, by=by)
            note_lines([(line, {"planned": after})], by=by)
    for line in campaign.lines.prefetch_related("months"):
        if sum((month.planned for month in line.months.all()), Decimal(0)) > line.planned:
            raise Refused(CHANGED)
    touch(campaign)


@transaction.atomic
def split_by_suggestion(campaign: Campaign, *, by: User) -> Change:
    """Split the total as the planning method suggests; lines that count themselves keep theirs."""
    own = campaign.lines.exclude(auto="").values_list("planned", flat=True)
    total = max(campaign.total_budget - sum(own, Decimal(0)), Decimal(0))
    labels = BudgetLine.Category
    return set_lines(
        campaign,
        [
            {
                "category": line.category,
                "label": str(labels(line.category).label),
                "planned": line.planned,
                "core": line.core,
            }
            for line in rules.suggested_lines(total)
        ],
        by=by,
    )


@transaction.atomic
def book_cost(
    campaign: Campaign,
    *,
    kind: str,
    amount: Decimal,
    at: date,
    by: User | None,
    line: BudgetLine | None = None,
    category: str = "",
    channel: str = "",
    note: str = "",
    source: str = Cost.Source.MANUAL,
    currency: str = "",
) -> Cost:
    """Enter money promised (`committed`) or paid (`actual`) into the ledger, for good.

    `amount` is in `currency`, or else in the campaign's; another currency is converted at the rate
    that the line locked, or else at that of the day. Refused when it would bind more than the total
    budget; the refusal names the exact sum.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if line is not None:
        line.refresh_from_db()
    _refuse_archived(campaign)
    _check_entry(campaign, kind, amount, line, category)
    if source == Cost.Source.MANUAL:
        _check_day(campaign, at)
        _guard_vaults(campaign, line, category)
    entry = Cost(
        campaign=campaign,
        line=line,
        kind=kind,
        category=category or (line.category if line else BudgetLine.Category.OTHER),
        amount=amount,
        at=at,
        channel=channel or (line.channel if line else ""),
        note=note,
        by=by,
        source=source,
    )
    if currency and currency != campaign.currency:
        locked = line is not None and line.currency == currency
        entry.rate = line.rate if line and locked else rate_of(currency, campaign.currency, at)[0]
        entry.currency, entry.own_amount = currency, amount
        entry.amount = (amount * entry.rate).quantize(rules.CENT, ROUND_HALF_UP)
    before = bound([campaign.pk]).get(campaign.pk)
    locked_before = taken(vaults_of(campaign))
    entry.save()
    after = bound([campaign.pk])[campaign.pk]
    over = rules.over_by(campaign.total_budget, before.total if before else Decimal(0), after.total)
    if over:
        raise Invalid.at(
            "/amount",
            "over_budget",
            _(
                "This would go %(over)s over the total of %(total)s. Raise the total budget, or "
                "book at most %(free)s."
            ),
            over=spoken(campaign, over),
            total=spoken(campaign, campaign.total_budget),
            free=spoken(campaign, max(entry.amount - over, Decimal(0))),
        )
    _bring_on(line, kind)
    record_change(
        "cost_booked", entry, by=by, campaign=campaign.pk, amount=entry.amount, entry=kind
    )
    touch(campaign)
    watch(campaign, after.total)
    watch_vaults(campaign, locked_before)
    return entry


@transaction.atomic
def reverse_cost(cost: Cost, *, by: User | None, at: date) -> Cost:
    """Take an entry back by a counter-entry; both stay in the ledger."""
    _refuse_archived(Campaign.objects.select_for_update().get(pk=cost.campaign_id))
    cost = Cost.objects.select_for_update().get(pk=cost.pk)
    if cost.reverses_id or cost.is_reversed:
        raise Refused(_("This entry is taken back already, or takes one back itself."))
    counter = Cost.objects.create(
        campaign=cost.campaign,
        line=cost.line,
        kind=cost.kind,
        category=cost.category,
        amount=-cost.amount,
        at=at,
        channel=cost.channel,
        note=cost.note,
        by=by,
        source=cost.source,
        reverses=cost,
        currency=cost.currency,
        own_amount=None if cost.own_amount is None else -cost.own_amount,
        rate=cost.rate,
    )
    record_change("cost_reversed", counter, by=by, campaign=cost.campaign_id, amount=counter.amount)
    watch_vaults(cost.campaign, cost.campaign.total_budget)
    touch(cost.campaign)
    return counter


def _refuse_archived(campaign: Campaign) -> None:
    if not campaign.may_be_booked:
        raise Refused(
            _("“%(name)s” is archived: its ledger is kept as it was."), name=campaign.name
        )


@transaction.atomic
def set_months(line: BudgetLine, sums: Mapping[date, Decimal], *, by: User) -> Change:
    """Say how much of a line is meant for which month; no sums at all spread it evenly again."""
    campaign = opened(line.campaign)
    line.refresh_from_db()
    allowed = set(months(campaign.starts, campaign.ends))
    if set(sums) - allowed:
        raise Invalid.at("/month", "other_month", _("The campaign has no day in this month."))
    if any(amount < 0 or amount != amount.quantize(rules.CENT) for amount in sums.values()):
        raise Invalid.at("/planned", "out_of_range", _("A planned sum is zero or more."))
    given = sum(sums.values(), Decimal(0))
    if given > line.planned:
        raise Invalid.at(
            "/planned",
            "over_line",
            _("The months come to %(over)s more than the plan of “%(label)s”."),
            over=spoken(campaign, given - line.planned),
            label=line.label,
        )
    with kept(LineMonth.objects.filter(line=line)) as rows:
        line.months.all().delete()
        LineMonth.objects.bulk_create(
            LineMonth(line=line, month=month, planned=amount) for month, amount in sums.items()
        )
    touch(campaign)
    return record_change("line_phased", line, by=by, undo=rows.undo, campaign=campaign.pk)


@transaction.atomic
def set_shares(campaign: Campaign, parts: Mapping[str, Decimal], *, by: User) -> Change:
    """Divide the total among core, other lines and the vaults; inside each, lines keep their ratio.

    `parts` holds the sums of core, other, contingency and flexible, which add up to the total.
    """
    campaign = opened(campaign)
    _guard_launched(campaign, {"planned"})
    if sum(parts.values(), Decimal(0)) != campaign.total_budget or min(parts.values()) < 0:
        raise Invalid.at("/parts", "not_total", _("The parts have to add up to the total."))
    groups: dict[str, list[BudgetLine]] = {part: [] for part in rules.PARTS}
    plans: dict[str, list[Decimal | None]] = {}
    for line in campaign.lines.all():
        groups[rules.part_of(line.category, line.core)].append(line)
        plans[str(line.pk)] = [line.planned, line.planned]
    with kept(campaign.lines.all()) as rows:
        for part, lines in groups.items():
            if not lines and parts.get(part):
                lines.append(_first_of(campaign, part))
                plans[str(lines[0].pk)] = [None, Decimal(0)]
    with kept(LineMonth.objects.filter(line__campaign=campaign)) as trimmed:
        for part, lines in groups.items():
            _scale(lines, parts.get(part, Decimal(0)), plans, by=by)
    touch(campaign)
    return _record_split(campaign, {ROWS: rows.found + trimmed.found}, plans, by=by)


def _scale(
    lines: Sequence[BudgetLine],
    wanted: Decimal,
    plans: Mapping[str, list[Decimal | None]],
    *,
    by: User,
) -> None:
    """Let these lines come to the wanted sum; `plans` is told what each comes to."""
    if sum((line.planned for line in lines), Decimal(0)) == wanted:
        return
    scaled = rules.scaled([line.planned for line in lines], wanted)
    for line, planned in zip(lines, scaled, strict=True):
        if line.currency:
            raise Refused(
                _("“%(label)s” is planned in %(currency)s. Change its cell instead."),
                label=line.label,
                currency=line.currency,
            )
        if planned != line.planned:
            note = {"planned": line.planned}
            replan(line, planned, by=by)
            note_lines([(line, note)], by=by)
        plans[str(line.pk)][1] = planned


def _count_by_itself(line: BudgetLine, auto: str, at: str) -> None:
    if not auto:
        return
    if auto not in BudgetLine.Auto.values:
        raise Invalid.at(
            f"{at}/auto",
            "unknown_source",
            _("A line can be counted from: %(known)s."),
            known=", ".join(BudgetLine.Auto.values),
        )
    if line.campaign.lines.filter(auto=auto).exists():
        raise Invalid.at(f"{at}/auto", "counted_already", _("Such a line is there already."))
    if (
        auto == BudgetLine.Auto.DISCOUNTS
        and Cost.objects.filter(
            campaign=line.campaign, category=BudgetLine.Category.DISCOUNTS
        ).exists()
    ):
        raise Invalid.at(
            f"{at}/auto",
            "booked_by_hand",
            _("Discounts are booked by hand already. Take those entries back first."),
        )
    line.auto = auto


def _first_of(campaign: Campaign, part: str) -> BudgetLine:
    category = {"core": "media", "other": "other"}.get(part, part)
    return BudgetLine.objects.create(
        campaign=campaign,
        category=category,
        label=str(BudgetLine.Category(category).label),
        planned=Decimal(0),
        core=part == "core",
        place=campaign.lines.count(),
    )


def opened(campaign: Campaign) -> Campaign:
    """The campaign, locked until the transaction ends; refused when its budget is closed."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not campaign.may_be_planned:
        raise Refused(_("The campaign is closed: its budget is kept as it was."))
    return campaign


def replan(
    line: BudgetLine, planned: Decimal, *, by: User | None, move: BudgetMove | None = None
) -> None:
    """Give a line another plan and write the difference into the plan's ledger."""
    if planned == line.planned:
        return
    _enter(line, planned, by=by, move=move)
    _trim(line, planned)


def _trim(line: BudgetLine, planned: Decimal) -> None:
    """Months that come to more than the plan say nothing any more."""
    if sum(line.months.values_list("planned", flat=True), Decimal(0)) > planned:
        line.months.all().delete()


def _enter(
    line: BudgetLine, planned: Decimal, *, by: User | None, move: BudgetMove | None = None
) -> None:
    """The difference goes into the ledger; months stay as they are."""
    difference = planned - line.planned
    if not difference:
        return
    PlanEntry.objects.create(
        campaign_id=line.campaign_id,
        line=line,
        label=line.label,
        move=move,
        kind=PlanEntry.Kind.MOVE if move else PlanEntry.Kind.PLAN,
        amount=difference,
        by=by,
    )
    line.planned = planned
    line.save(update_fields=["planned"])


def _guard_launched(campaign: Campaign, changed: Iterable[str]) -> None:
    if not campaign.is_planned and set(changed) & set(LOCKED):
        raise Refused(
            _(
                "The campaign is launched: its plan stays as it was approved. Move money from "
                "another line, or release it from a vault."
            ),
            code="launched",
        )


def _guard_vaults(campaign: Campaign, line: BudgetLine | None, category: str) -> None:
    if (line is not None and line.is_vault) or (line is None and category in rules.VAULTS):
        raise Invalid.at(
            "/line",
            "vault",
            _(
                "The contingency and the flexible part are locked. Release the money to the line "
                "that needs it, then book it there."
            ),
        )
    automatic = line.auto if line is not None else ""
    if not automatic and category == BudgetLine.Category.DISCOUNTS:
        counted = campaign.lines.filter(auto=BudgetLine.Auto.DISCOUNTS)
        automatic = BudgetLine.Auto.DISCOUNTS if counted.exists() else ""
    if automatic:
        raise Invalid.at(
            "/line",
            "automatic",
            _("This line is counted by itself. An entry by hand would count the money twice."),
        )


def _bring_on(line: BudgetLine | None, kind: str) -> None:
    """A promise makes a planned line contracted; a payment means that it happened."""
    status = BudgetLine.Status
    if line is None:
        return
    before = (
        [status.PLANNED] if kind == Cost.Kind.COMMITTED else [status.PLANNED, status.CONTRACTED]
    )
    if line.status in before:
        line.status = status.CONTRACTED if kind == Cost.Kind.COMMITTED else status.HAPPENED
        line.save(update_fields=["status"])


def _take(line: BudgetLine, fields: Mapping[str, Any], at: str) -> None:
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - set(EDITABLE))
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(line, name, value)
    _convert(line, fields, at, problems)
    if line.status not in BudgetLine.Status.values:
        problems.append(
            Problem(
                f"{at}/status",
                "unknown_status",
                _("There is no status “%(status)s”. Use one of: %(known)s."),
                {"status": line.status, "known": ", ".join(BudgetLine.Status.values)},
            )
        )
    if line.category not in BudgetLine.Category.values:
        problems.append(
            Problem(
                f"{at}/category",
                "unknown_category",
                _("There is no category “%(category)s”. Use one of: %(known)s."),
                {"category": line.category, "known": ", ".join(BudgetLine.Category.values)},
            )
        )
    elif not line.label.strip():
        line.label = str(BudgetLine.Category(line.category).label)
    if line.planned is None or not 0 <= line.planned < Decimal(10) ** 12:
        problems.append(
            Problem(f"{at}/planned", "out_of_range", _("A planned sum is zero or more."))
        )
    elif line.planned != line.planned.quantize(rules.CENT):
        problems.append(Problem(f"{at}/planned", "too_exact", _("Money has at most two decimals.")))
    problems += [
        Problem(
            f"{at}/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most}
        )
        for name, most in (("label", 120), ("channel", 60), ("vendor", 120))
        if len(getattr(line, name)) > most
    ]
    if problems:
        raise Invalid.of(problems)


def _convert(line: BudgetLine, fields: Mapping[str, Any], at: str, problems: list[Problem]) -> None:
    """A plan in another currency is converted once, at the rate of the day, which is then kept."""
    base = line.campaign.currency
    if line.currency == base:
        line.currency = ""
    if not line.currency:
        line.rate, line.rate_on, line.own_planned = Decimal(1), None, None
        return
    if "currency" in fields and (line.rate_on is None or line.rate == 1):
        try:
            line.rate, line.rate_on = rate_of(line.currency, base, today())
        except Invalid as invalid:
            problems += [
                Problem(f"{at}/currency", p.code, p.text, p.params) for p in invalid.errors
            ]
            return
    if "planned" in fields and "own_planned" not in fields:
        # What is typed into the plan of such a line is in its own currency.
        line.own_planned = line.planned
    if line.own_planned is None:
        line.own_planned = (line.planned / line.rate).quantize(rules.CENT, ROUND_HALF_UP)
    line.planned = (line.own_planned * line.rate).quantize(rules.CENT, ROUND_HALF_UP)


def _check_day(campaign: Campaign, at: date) -> None:
    """Money of a campaign is spent around it, not in another age: mostly a digit went wrong."""
    first, last = campaign.starts - _COSTS_BEFORE, campaign.ends + _COSTS_AFTER
    if not first <= at <= last:
        raise Invalid.at(
            "/at",
            "far_away",
            _(
                "%(day)s is far from the campaign. Its costs lie between %(first)s and %(last)s: "
                "look at the year again."
            ),
            day=at.isoformat(),
            first=first.isoformat(),
            last=last.isoformat(),
        )


def _check_entry(
    campaign: Campaign, kind: str, amount: Decimal, line: BudgetLine | None, category: str
) -> None:
    problems = []
    if kind not in Cost.Kind.values:
        problems.append(
            Problem(
                "/kind", "unknown_kind", _("An entry is “committed” (promised) or “actual” (paid).")
            )
        )
    if not 0 < amount < Decimal(10) ** 12:
        problems.append(
            Problem(
                "/amount",
                "out_of_range",
                _(
                    "The amount is more than zero. Take an entry back instead of booking a "
                    "negative one."
                ),
            )
        )
    elif amount != amount.quantize(rules.CENT):
        problems.append(Problem("/amount", "too_exact", _("Money has at most two decimals.")))
    if line is not None and line.campaign_id != campaign.pk:
        problems.append(
            Problem("/line", "other_campaign", _("This line belongs to another campaign."))
        )
    if category and category not in BudgetLine.Category.values:
        problems.append(
            Problem(
                "/category",
                "unknown_category",
                _("There is no category “%(category)s”. Use one of: %(known)s."),
                {"category": category, "known": ", ".join(BudgetLine.Category.values)},
            )
        )
    if problems:
        raise Invalid.of(problems)


def spoken(campaign: Campaign, amount: Decimal) -> str:
    """A sum as refusals name it."""
    money = Money(amount, campaign.currency)
    return f"{money.amount:,} {money.currency}"
