"""What people do with vendors: order, take delivery, accept by criteria, pay.

Money follows the work: an order promises its price in the ledger, a payment spends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.budget.actions import book_cost, reverse_cost
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.vendors import rules
from muster.plan.vendors.models import Delivery, Vendor
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User

_FIELDS = ("name", "scope", "contact", "contract", "critical", "backup")


class NotAcceptable(Refused):
    """Some criteria are not met."""

    code = "criteria_unmet"
    text = _("“%(title)s” does not meet: %(unmet)s. Tick what holds, or send it back.")


@transaction.atomic
def add_vendor(fields: Mapping[str, Any], *, by: User) -> Vendor:
    """A new vendor; `fields` are name, scope, contact, contract, critical, backup."""
    vendor = Vendor()
    _take(vendor, fields)
    vendor.save()
    record_change("created", vendor, by=by)
    return vendor


@transaction.atomic
def edit_vendor(vendor: Vendor, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change some fields of a vendor; None if all stayed as it was."""
    vendor = Vendor.objects.select_for_update().get(pk=vendor.pk)
    before = {name: getattr(vendor, name) for name in _FIELDS}
    _take(vendor, fields)
    changed = {name: old for name, old in before.items() if getattr(vendor, name) != old}
    if not changed:
        return None
    vendor.save(update_fields=list(changed))
    was = {name: old.pk if isinstance(old, Vendor) else old for name, old in changed.items()}
    return record_change("edited", vendor, by=by, undo=was, fields=sorted(changed))


@transaction.atomic
def plan_delivery(
    campaign: Campaign,
    vendor: Vendor,
    title: str,
    due: date,
    *,
    by: User,
    amount: Decimal = Decimal(0),
    criteria: Sequence[str] = (),
) -> Delivery:
    """Something that a vendor is to deliver, and what it has to be like."""
    title = title.strip()
    wanted = [text.strip() for text in criteria if text.strip()]
    problems = far_away({"/due": due})
    if not title or len(title) > 160:
        problems.append(
            Problem("/title", "blank", _("Say in at most 160 characters what is delivered."))
        )
    if not 0 <= amount < Decimal(10) ** 12 or amount != amount.quantize(Decimal("0.01")):
        problems.append(
            Problem("/amount", "out_of_range", _("A price is zero or more, with two decimals."))
        )
    if len(wanted) > 30 or any(len(text) > 200 for text in wanted):
        problems.append(
            Problem(
                "/criteria",
                "too_long",
                _("At most 30 criteria of at most 200 characters each."),
            )
        )
    if problems:
        raise Invalid.of(problems)
    delivery = Delivery.objects.create(
        campaign=campaign,
        vendor=vendor,
        title=title,
        due=due,
        amount=amount,
        criteria=[{"text": text, "met": False} for text in wanted],
        by=by,
    )
    record_change("created", delivery, by=by, campaign=campaign.pk)
    touch(campaign)
    return delivery


@transaction.atomic
def order(delivery: Delivery, *, by: User) -> Delivery:
    """Order it: the price is promised in the ledger, and refused where it goes over the total."""
    held = _step(delivery, "ordered")
    if held.amount:
        held.committed = _booked(held, Cost.Kind.COMMITTED, by=by)
    return _save(held, by=by)


@transaction.atomic
def deliver(delivery: Delivery, on: date | None = None, *, by: User) -> Delivery:
    """It came."""
    held = _step(delivery, "delivered")
    held.delivered_on = on or today()
    return _save(held, by=by)


@transaction.atomic
def tick(delivery: Delivery, place: int, met: bool, *, by: User) -> Delivery:
    """Say of one criterion whether it is met."""
    held = _locked(delivery)
    if not 0 <= place < len(held.criteria):
        raise Invalid.at("/place", "unknown_criterion", _("There is no such criterion."))
    if held.state in {Delivery.State.ACCEPTED, Delivery.State.PAID}:
        raise Refused(_("“%(title)s” is accepted already."), title=held.title)
    held.criteria[place]["met"] = met
    held.save(update_fields=["criteria"])
    record_change("ticked", held, by=by, campaign=held.campaign_id, place=place, met=met)
    touch(held.campaign)
    return held


@transaction.atomic
def accept(delivery: Delivery, score: int, *, by: User) -> Delivery:
    """Accept it with a mark from 1 to 5; refused while a criterion is not met."""
    held = _step(delivery, "accepted")
    unmet = rules.unmet(held.criteria)
    if unmet:
        raise NotAcceptable(title=held.title, unmet="; ".join(unmet))
    if not 1 <= score <= 5:
        raise Invalid.at("/score", "out_of_range", _("A mark is a whole number from 1 to 5."))
    held.score = score
    return _save(held, by=by)


@transaction.atomic
def send_back(delivery: Delivery, note: str, *, by: User) -> Delivery:
    """Send it back and say why."""
    held = _step(delivery, "rejected")
    if not note.strip():
        raise Invalid.at(
            "/note", "blank", _("Say what is wrong with it, so that it can be mended.")
        )
    held.note = note.strip()[:300]
    return _save(held, by=by)


@transaction.atomic
def pay(delivery: Delivery, *, by: User) -> Delivery:
    """Pay for what was accepted; the promise becomes money spent."""
    held = _step(delivery, "paid")
    if held.committed is not None and not held.committed.is_reversed:
        reverse_cost(held.committed, by=by, at=today())
    if held.amount:
        _booked(held, Cost.Kind.ACTUAL, by=by)
    return _save(held, by=by)


def _take(vendor: Vendor, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - set(_FIELDS))
    ]
    for name in set(fields) & set(_FIELDS):
        value = fields[name]
        setattr(vendor, name, value.strip() if isinstance(value, str) else value)
    if not vendor.name or len(vendor.name) > 120:
        problems.append(Problem("/name", "blank", _("Give it a name of at most 120 characters.")))
    elif Vendor.objects.filter(name=vendor.name).exclude(pk=vendor.pk).exists():
        problems.append(
            Problem("/name", "taken", _("There is “%(name)s” already."), {"name": vendor.name})
        )
    problems += [
        Problem(f"/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most})
        for name, most in (("scope", 200), ("contact", 200), ("contract", 300))
        if len(getattr(vendor, name)) > most
    ]
    if vendor.backup is not None and vendor.backup.pk == vendor.pk:
        problems.append(
            Problem(
                "/backup", "itself", _("Nobody steps in for themselves. Choose another vendor.")
            )
        )
    if problems:
        raise Invalid.of(problems)


def _locked(delivery: Delivery) -> Delivery:
    return (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("campaign", "vendor", "committed")
        .get(pk=delivery.pk)
    )


def _step(delivery: Delivery, state: str) -> Delivery:
    held = _locked(delivery)
    if not rules.may_follow(held.state, state):
        raise Refused(
            _("“%(title)s” is “%(before)s”, so it cannot become “%(after)s” now."),
            code="wrong_status",
            title=held.title,
            before=Delivery.State(held.state).label,
            after=Delivery.State(state).label,
        )
    held.state = state
    return held


def _booked(held: Delivery, kind: Cost.Kind, *, by: User) -> Cost:
    line = held.campaign.lines.filter(vendor=held.vendor.name).first()
    return book_cost(
        held.campaign,
        kind=kind,
        amount=held.amount,
        at=today(),
        by=by,
        line=line,
        category="" if line else BudgetLine.Category.OTHER,
        note=f"{held.vendor}: {held.title}"[:300],
        source=Cost.Source.AUTO,
    )


def _save(held: Delivery, *, by: User) -> Delivery:
    held.save()
    record_change(held.state, held, by=by, campaign=held.campaign_id)
    touch(held.campaign)
    return held
