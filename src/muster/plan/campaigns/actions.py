"""What people do with campaigns: begin one, change it, move it on, put it away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.plan.campaigns import rules
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User

TEXTS = (
    "message",
    "value_proposition",
    "audience",
    "competitors",
    "difference",
    "not_doing",
    "holdout",
)
"""What the brief says in words."""
EDITABLE = frozenset(
    {"name", "strategy", "starts", "ends", "currency", "total_budget", "owner", "channels", *TEXTS}
)
_MOST_MONEY = Decimal("999999999999.99")

Guard: TypeAlias = Callable[[Campaign, Mapping[str, Any]], None]
AfterMove: TypeAlias = Callable[[Campaign, str, User | None], None]
_guards: list[Guard] = []
_after_move: list[AfterMove] = []
_before_delete: list[Callable[[Campaign], None]] = []


def guard(check: Guard) -> Guard:
    """Ask this function before a changed campaign is kept; it raises to refuse.

    It gets the campaign as it would be, and the values that the changed fields had before.
    """
    _guards.append(check)
    return check


def before_delete(check: Callable[[Campaign], None]) -> Callable[[Campaign], None]:
    """Ask this function before a campaign is put away; it raises to refuse."""
    _before_delete.append(check)
    return check


def after_move(follow: AfterMove) -> AfterMove:
    """Call this function with the new status when a campaign took a step, in its transaction."""
    _after_move.append(follow)
    return follow


@transaction.atomic
def create_campaign(
    *, name: str, starts: date, ends: date, currency: str, by: User, **fields: Any
) -> Campaign:
    """A new draft; `fields` are further ones of EDITABLE. Raises Invalid with every problem."""
    values = {"name": name, "starts": starts, "ends": ends, "currency": currency, **fields}
    values.setdefault("owner", by)
    campaign = Campaign()
    _take(campaign, values)
    campaign.save()
    record_change("created", campaign, by=by, campaign=campaign.pk)
    return campaign


@transaction.atomic
def edit_campaign(campaign: Campaign, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change some fields and nothing else; returns the change, or None if all stayed as it was."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    campaign.refresh_from_db()
    if not campaign.may_be_planned:
        raise Refused(
            _(
                "“%(name)s” is closed: its plan is kept as it was. Start a new campaign from it "
                "instead."
            ),
            name=campaign.name,
        )
    before = {name: getattr(campaign, name, None) for name in fields}
    _take(campaign, fields)
    changed = {name: old for name, old in before.items() if getattr(campaign, name) != old}
    if not changed:
        return None
    check_change(campaign, changed)
    campaign.save(update_fields=[*changed, "updated_at"])
    undo = {name: old.pk if isinstance(old, User) else old for name, old in changed.items()}
    return record_change(
        "edited", campaign, by=by, undo=undo, campaign=campaign.pk, fields=sorted(changed)
    )


def check_open(campaign: Campaign) -> None:
    """Refuse what would change the plan of a closed campaign."""
    if not campaign.may_be_planned:
        raise Refused(_("The campaign is closed: its plan is kept as it was."))


def check_still_open(campaign: Campaign) -> None:
    """Refuse to take back what would change the plan of a campaign closed since."""
    if not campaign.may_be_planned:
        raise Refused(
            _("“%(name)s” was closed since: its plan is kept as it was."), name=campaign.name
        )


def check_change(campaign: Campaign, before: Mapping[str, Any]) -> None:
    """Refuse a campaign as it would be; `before` holds what the changed fields are until now."""
    _guard_currency(campaign, before)
    for check in _guards:
        check(campaign, before)


@transaction.atomic
def move(campaign: Campaign, to: str, *, by: User | None) -> Change:
    """Take the next step of its life; refused where the life of a campaign does not allow it."""
    before = Campaign.objects.select_for_update().get(pk=campaign.pk).status
    if not rules.may_follow(before, to):
        raise _wrong_step(campaign, before, to)
    Campaign.objects.filter(pk=campaign.pk).update(status=to, updated_at=timezone.now())
    campaign.status = to
    for follow in _after_move:
        follow(campaign, to, by)
    # A review has a request beside it: taking back the status alone would leave it hanging.
    alone = {rules.Status.PAUSED, rules.Status.ENDED, rules.Status.ARCHIVED}
    undo = {"status": before} if to in alone else None
    return record_change(
        "moved", campaign, by=by, undo=undo, campaign=campaign.pk, before=before, after=to
    )


@transaction.atomic
def take_step(campaign: Campaign, step: str, *, by: User) -> Change:
    """Pause, resume, end or archive; refused from any status in which that makes no sense."""
    starts_from, to = rules.STEPS[step]
    before = Campaign.objects.select_for_update().get(pk=campaign.pk).status
    if before not in starts_from:
        raise _wrong_step(campaign, before, to)
    return move(campaign, to, by=by)


def _wrong_step(campaign: Campaign, before: str, after: str) -> Refused:
    return Refused(
        _("“%(name)s” cannot go from “%(before)s” to “%(after)s”. Open it to see what comes next."),
        code="wrong_status",
        name=campaign.name,
        before=Campaign.Status(before).label,
        after=Campaign.Status(after).label,
    )


@transaction.atomic
def delete_campaign(campaign: Campaign, *, by: User) -> Change:
    """Put a campaign away; it can be brought back."""
    if campaign.is_live:
        raise Refused(
            _("“%(name)s” is running. End it first, then put it away."), name=campaign.name
        )
    for check in _before_delete:
        check(campaign)
    now = timezone.now()
    Campaign.objects.filter(pk=campaign.pk, deleted_at=None).update(deleted_at=now, updated_at=now)
    campaign.deleted_at = now
    return record_change(
        "deleted", campaign, by=by, undo={"deleted_at": None}, campaign=campaign.pk
    )


def touch(campaign: Campaign) -> None:
    """Let open pages of this campaign notice that something about it is new."""
    Campaign.objects.filter(pk=campaign.pk).update(updated_at=timezone.now())


def _take(campaign: Campaign, fields: Mapping[str, Any]) -> None:
    """Put the fields into the campaign, or say everything that is wrong with them."""
    unknown = sorted(set(fields) - EDITABLE)
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in unknown
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(campaign, name, value)
    problems += far_away(
        {f"/{name}": fields[name] for name in ("starts", "ends") if name in fields}
    )
    problems += _problems(campaign)
    if problems:
        raise Invalid.of(problems)


def _problems(campaign: Campaign) -> list[Problem]:
    problems = []
    if not campaign.name.strip():
        problems.append(Problem("/name", "blank", _("Give the campaign a name.")))
    if len(campaign.name) > 120:
        problems.append(Problem("/name", "too_long", _("A name has at most 120 characters.")))
    if campaign.ends < campaign.starts:
        problems.append(
            Problem(
                "/ends",
                "ends_before_start",
                _("The last day %(ends)s is before the first day %(starts)s."),
                {"ends": campaign.ends.isoformat(), "starts": campaign.starts.isoformat()},
            )
        )
    elif (campaign.ends - campaign.starts).days > 3660:
        problems.append(Problem("/ends", "too_long", _("A campaign lasts at most ten years.")))
    if not is_currency(campaign.currency):
        problems.append(
            Problem(
                "/currency",
                "unknown_currency",
                _("“%(currency)s” is no currency. Use a code such as CNY, TWD, HKD or USD."),
                {"currency": campaign.currency},
            )
        )
    if campaign.total_budget > _MOST_MONEY:
        problems.append(Problem("/total_budget", "out_of_range", _("This number is too large.")))
    elif campaign.total_budget < 0:
        problems.append(
            Problem("/total_budget", "out_of_range", _("The total budget is zero or more."))
        )
    elif campaign.total_budget != campaign.total_budget.quantize(Decimal("0.01")):
        problems.append(Problem("/total_budget", "too_exact", _("Money has at most two decimals.")))
    if campaign.strategy and campaign.strategy not in Campaign.Strategy.values:
        problems.append(
            Problem(
                "/strategy",
                "unknown_strategy",
                _("There is no strategy “%(strategy)s”. Use one of: %(known)s."),
                {"strategy": campaign.strategy, "known": ", ".join(Campaign.Strategy.values)},
            )
        )
    return problems


def _guard_currency(campaign: Campaign, changed: Mapping[str, Any]) -> None:
    if "currency" in changed and campaign.costs.exists():
        raise Invalid.at(
            "/currency",
            "costs_booked",
            _("Costs are booked in %(currency)s already, so the currency has to stay."),
            currency=changed["currency"],
        )
