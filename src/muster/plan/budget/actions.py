"""What people do with budgets: split the total, promise and pay money, take an entry back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.money import Money
from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import BudgetLine, Cost, bound
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User

EDITABLE = ("category", "label", "channel", "vendor", "planned", "core")
_MOST_LINES = 200


@transaction.atomic
def add_line(
    campaign: Campaign, fields: Mapping[str, Any], *, by: User, at: str = ""
) -> BudgetLine:
    """A new line at the end of the budget."""
    _open(campaign)
    last = campaign.lines.order_by("-place").first()
    line = BudgetLine(campaign=campaign, place=last.place + 1 if last else 0)
    _take(line, fields, at)
    if campaign.lines.count() >= _MOST_LINES:
        raise Refused(_("A budget has at most %(most)s lines."), most=_MOST_LINES)
    line.save()
    record_change("line_added", line, by=by, campaign=campaign.pk, planned=line.planned)
    touch(campaign)
    return line


@transaction.atomic
def edit_line(line: BudgetLine, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change a line; None if all stayed as it was."""
    _open(line.campaign)
    line.refresh_from_db()
    before = {name: getattr(line, name, None) for name in fields}
    _take(line, fields, "")
    changed = {name: old for name, old in before.items() if getattr(line, name) != old}
    if not changed:
        return None
    line.save(update_fields=list(changed))
    touch(line.campaign)
    return record_change(
        "line_edited", line, by=by, undo=changed, campaign=line.campaign_id, fields=sorted(changed)
    )


@transaction.atomic
def drop_line(line: BudgetLine, *, by: User) -> None:
    """Take a line away; refused while money is booked on it."""
    _open(line.campaign)
    if line.costs.exists():
        raise Refused(
            _("Money is booked on “%(label)s”. Set its plan to zero instead of dropping it."),
            label=line.label,
        )
    record_change("line_dropped", line, by=by, campaign=line.campaign_id, planned=line.planned)
    campaign = line.campaign
    line.delete()
    touch(campaign)


@transaction.atomic
def set_lines(
    campaign: Campaign, lines: Sequence[Mapping[str, Any]], *, by: User
) -> list[BudgetLine]:
    """Put these lines in place of all present ones; refused when money is booked on one of them."""
    _open(campaign)
    booked = campaign.lines.filter(costs__isnull=False).first()
    if booked is not None:
        raise Refused(
            _(
                "Money is booked on “%(label)s”, so the lines cannot be replaced. Change them one "
                "by one."
            ),
            label=booked.label,
        )
    campaign.lines.all().delete()
    rows = []
    for place, fields in enumerate(lines):
        line = BudgetLine(campaign=campaign, place=place)
        _take(line, fields, f"/lines/{place}")
        rows.append(line)
    BudgetLine.objects.bulk_create(rows)
    record_change("budget_split", campaign, by=by, campaign=campaign.pk, lines=len(rows))
    touch(campaign)
    return list(campaign.lines.all())


@transaction.atomic
def split_by_suggestion(campaign: Campaign, *, by: User) -> list[BudgetLine]:
    """Split the total as the planning method suggests."""
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
            for line in rules.suggested_lines(campaign.total_budget)
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
) -> Cost:
    """Enter money promised (`committed`) or paid (`actual`) into the ledger, for good.

    Refused when it would bind more than the total budget; the refusal names the exact sum.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    _check_entry(campaign, kind, amount, line, category)
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
    before = bound([campaign.pk]).get(campaign.pk)
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
            over=_spoken(campaign, over),
            total=_spoken(campaign, campaign.total_budget),
            free=_spoken(campaign, max(amount - over, Decimal(0))),
        )
    record_change("cost_booked", entry, by=by, campaign=campaign.pk, amount=amount, entry=kind)
    touch(campaign)
    return entry


@transaction.atomic
def reverse_cost(cost: Cost, *, by: User, at: date) -> Cost:
    """Take an entry back by a counter-entry; both stay in the ledger."""
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
    )
    record_change("cost_reversed", counter, by=by, campaign=cost.campaign_id, amount=counter.amount)
    touch(cost.campaign)
    return counter


def _open(campaign: Campaign) -> None:
    if not campaign.may_be_planned:
        raise Refused(_("The campaign is closed: its budget is kept as it was."))


def _take(line: BudgetLine, fields: Mapping[str, Any], at: str) -> None:
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - set(EDITABLE))
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(line, name, value)
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
        first = problems[0]
        raise Invalid(first.text, code=first.code, errors=problems, **first.params)


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
        first = problems[0]
        raise Invalid(first.text, code=first.code, errors=problems, **first.params)


def _spoken(campaign: Campaign, amount: Decimal) -> str:
    money = Money(amount, campaign.currency)
    return f"{money.amount:,} {money.currency}"
