"""Money on the move: from line to line, out of the vaults and back, and into the budget (PL3).

Every move posts a pair of ledger entries that nets to zero; a move is undone by a counter pair.
Above a limit a second person has to agree first.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.budget import rules
from muster.plan.budget.actions import note_lines, opened, replan, spoken
from muster.plan.budget.models import BudgetLine, BudgetMove
from muster.plan.budget.policy import policy
from muster.plan.budget.standing import Position, position, sums_per_line
from muster.plan.budget.vaults import vaults_of
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.notices.actions import close, notify
from muster.team.users.models import User
from muster.ui import formats

KIND = "budget_move"
ALONE_WITHIN = timedelta(days=7)
"""Moves of these last days are added up against the limit of what one person may do alone."""
_ASKED = _("%(who)s asks for %(amount)s: “%(reason)s”")


@transaction.atomic
def move_money(
    campaign: Campaign,
    source: BudgetLine,
    target: BudgetLine,
    amount: Decimal,
    *,
    by: User,
    reason: str,
    reason_class: str = "",
) -> BudgetMove:
    """Move planned money; out of a vault this is a release, which needs a class of reason.

    Posted at once below the limit; above it, it waits for a second person.
    """
    campaign = opened(campaign)
    source.refresh_from_db()
    target.refresh_from_db()
    kind = BudgetMove.Kind.RELEASE if source.is_vault else BudgetMove.Kind.MOVE
    problems = _problems(campaign, source, target, amount, reason)
    if kind == BudgetMove.Kind.RELEASE and reason_class not in BudgetMove.Reason.values:
        problems.append(
            Problem(
                "/reason_class",
                "reason_class_missing",
                _("Say whether this is an emergency or an opportunity."),
            )
        )
    _raise(problems)
    _guard_left(campaign, source, amount)
    move = BudgetMove.objects.create(
        campaign=campaign,
        kind=kind,
        source=source,
        target=target,
        amount=amount,
        reason=reason.strip(),
        reason_class=reason_class if kind == BudgetMove.Kind.RELEASE else "",
        by=by,
    )
    asked = policy()
    limit = asked.release_limit if kind == BudgetMove.Kind.RELEASE else asked.move_limit
    if rules.needs_two(amount + _moved_alone(move), campaign.total_budget, limit):
        _ask(move)
    else:
        post(move, agreed_by=None)
    return move


def _moved_alone(move: BudgetMove) -> Decimal:
    """What nobody else agreed to of late counts along: a limit is not passed in small steps."""
    lately = timezone.now() - ALONE_WITHIN
    rows = _standing(move.campaign, move.kind).filter(
        source=move.source, agreed_by=None, posted_at__gte=lately
    )
    total: Decimal = rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]
    return total


@transaction.atomic
def raise_total(
    campaign: Campaign, target: BudgetLine, amount: Decimal, *, by: User, reason: str
) -> BudgetMove:
    """Ask for more money than the total; nothing changes until a second person agrees."""
    campaign = opened(campaign)
    target.refresh_from_db()
    _raise(_problems(campaign, None, target, amount, reason))
    move = BudgetMove.objects.create(
        campaign=campaign,
        kind=BudgetMove.Kind.RAISE,
        target=target,
        amount=amount,
        reason=reason.strip(),
        by=by,
    )
    _ask(move)
    return move


@transaction.atomic
def reverse_move(move: BudgetMove, *, by: User) -> BudgetMove:
    """Undo a move by a counter pair; refused when the money is used by now."""
    campaign = opened(move.campaign)
    move = BudgetMove.objects.select_for_update().get(pk=move.pk)
    if move.state != BudgetMove.State.POSTED or move.source is None:
        raise Refused(_("Only a posted move between lines can be undone."))
    if move.reverses_id or move.is_reversed:
        raise Refused(_("This move is undone already, or undoes one itself."))
    _guard_left(campaign, move.target, move.amount)
    counter = BudgetMove.objects.create(
        campaign=campaign,
        kind=move.kind,
        source=move.target,
        target=move.source,
        amount=move.amount,
        reason=move.reason,
        reason_class=move.reason_class,
        reverses=move,
        by=by,
    )
    post(counter, agreed_by=None)
    return counter


@transaction.atomic
def post(move: BudgetMove, *, agreed_by: User | None) -> None:
    """Write the pair of entries; what was agreed to is refused if the money is gone by now."""
    refuse_if_closed(move)
    campaign = opened(move.campaign)
    if move.source is not None:
        move.source.refresh_from_db()
        _guard_left(campaign, move.source, move.amount)
        _shift(move, move.source, -move.amount, by=move.by)
    else:
        campaign.total_budget += move.amount
        campaign.save(update_fields=["total_budget", "updated_at"])
    move.target.refresh_from_db()
    _shift(move, move.target, move.amount, by=move.by)
    move.state, move.posted_at = BudgetMove.State.POSTED, timezone.now()
    move.agreed_by = agreed_by
    move.save(update_fields=["state", "posted_at", "agreed_by"])
    verb = "money_released" if move.kind == BudgetMove.Kind.RELEASE else "money_moved"
    if move.reverses_id:
        verb = "move_undone"
    record_change(verb, move, by=move.by, campaign=campaign.pk, amount=move.amount)
    touch(campaign)


CLOSED = _(
    "“%(campaign)s” was closed after this was asked, so its budget stays as it was. Send the "
    "request back; what has to be paid still belongs into the budget of another campaign."
)


def refuse_if_closed(move: BudgetMove) -> None:
    """Nothing is moved in a closed campaign: what was asked before can only be sent back."""
    if not move.campaign.may_be_planned:
        raise Refused(CLOSED, code="campaign_closed", campaign=move.campaign.name)


@transaction.atomic
def refuse(move: BudgetMove, *, by: User) -> None:
    """Somebody who may decide sent the request back."""
    BudgetMove.objects.filter(pk=move.pk, state=BudgetMove.State.ASKED).update(
        state=BudgetMove.State.REFUSED, agreed_by=by
    )
    close(move, "budget_move_asked")
    touch(move.campaign)


@transaction.atomic
def return_unspent(campaign: Campaign, *, by: User | None) -> list[BudgetMove]:
    """At the close, what was released and not used goes back into its vault."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    released = _standing(campaign, BudgetMove.Kind.RELEASE).order_by("posted_at", "pk")
    moves = [move for move in released.select_related("source", "target") if move.source]
    back_already = _standing(campaign, BudgetMove.Kind.RETURN)
    given_back = {(move.target_id, move.source_id) for move in back_already}
    lines = {line.pk: line for line in campaign.lines.all()}
    sums = sums_per_line(campaign)
    used = {pk: position(line, sums.get(pk, {})).bound for pk, line in lines.items()}
    back = rules.unspent(
        [(move.source_id or 0, move.target_id, move.amount) for move in moves],
        {pk: line.planned for pk, line in lines.items()},
        used,
    )
    returned = []
    for vault, line, amount in back:
        if (vault, line) in given_back:
            continue
        move = BudgetMove.objects.create(
            campaign=campaign,
            kind=BudgetMove.Kind.RETURN,
            source=lines[line],
            target=lines[vault],
            amount=amount,
            reason="",
            by=by,
        )
        post(move, agreed_by=None)
        returned.append(move)
    return returned


@transaction.atomic
def give_out_again(campaign: Campaign, *, by: User) -> None:
    """What the close gave back to the vaults, when the close is taken back."""
    for move in _standing(campaign, BudgetMove.Kind.RETURN):
        reverse_move(move, by=by)


def _standing(campaign: Campaign, kind: str) -> QuerySet[BudgetMove]:
    """The posted moves of a kind that neither undo one nor are undone."""
    return BudgetMove.objects.filter(
        campaign=campaign,
        kind=kind,
        state=BudgetMove.State.POSTED,
        reverses=None,
        reversed_by=None,
    )


def fingerprint(move: BudgetMove) -> str:
    """What an approval of this move is bound to."""
    parts = [move.pk, move.kind, move.source_id, move.target_id, f"{move.amount:.2f}", move.reason]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def request_of(move: BudgetMove) -> ApprovalRequest | None:
    """The newest request for approval of this move."""
    return ApprovalRequest.objects.filter(kind=KIND, object_id=move.pk).first()


def _in_short(move: BudgetMove) -> str:
    return formats.money(move.amount, get_language() or "en", move.campaign.currency, short=True)


def _ask(move: BudgetMove) -> None:
    by = move.by
    if by is None:
        raise Refused(_("Somebody has to ask for this."))
    request = approvals.ask(
        KIND,
        move.pk,
        title=f"{move} · {_in_short(move)}",
        url=reverse("plan:budget", args=[move.campaign_id]),
        fingerprint=fingerprint(move),
        campaign=move.campaign,
        by=by,
        note=move.reason,
    )
    everybody = User.objects.filter(is_active=True).select_related("own_role")
    notify(
        "budget_move_asked",
        move,
        [user for user in everybody if user.may("approvals.decide")],
        _ASKED,
        url=reverse("plan:review", args=[request.pk]),
        params={
            "who": by.name,
            "amount": _in_short(move),
            "reason": move.reason[:100],
        },
        by=by,
        campaign=move.campaign_id,
    )


def _shift(move: BudgetMove, line: BudgetLine, amount: Decimal, *, by: User | None) -> None:
    before: dict[str, object] = {"planned": line.planned}
    if line.currency:
        before["own_planned"] = line.own_planned
        line.own_planned = ((line.planned + amount) / line.rate).quantize(rules.CENT)
        line.save(update_fields=["own_planned"])
    replan(line, line.planned + amount, by=by, move=move)
    note_lines([(line, before)], by=by)


def _guard_left(campaign: Campaign, source: BudgetLine, amount: Decimal) -> None:
    now = _position(campaign, source)
    if amount > now.left:
        raise Invalid.at(
            "/amount",
            "too_much",
            _("“%(label)s” has %(left)s left that is neither promised nor spent."),
            label=source.label,
            left=spoken(campaign, max(now.left, Decimal(0))),
        )
    if source.is_vault:
        _guard_vault(campaign, source, amount)


def _guard_vault(campaign: Campaign, source: BudgetLine, amount: Decimal) -> None:
    """What other lines spent of a vault cannot be released any more."""
    vault = next((one for one in vaults_of(campaign) if one.line.pk == source.pk), None)
    if vault is not None and amount > vault.left:
        raise Invalid.at(
            "/amount",
            "vault_reached",
            _(
                "Of “%(label)s” only %(left)s is really left: costs of other lines took the rest "
                "of the total."
            ),
            label=source.label,
            left=spoken(campaign, vault.left),
        )


def _position(campaign: Campaign, line: BudgetLine) -> Position:
    return position(line, sums_per_line(campaign).get(line.pk, {}))


def _problems(
    campaign: Campaign,
    source: BudgetLine | None,
    target: BudgetLine,
    amount: Decimal,
    reason: str,
) -> list[Problem]:
    problems = []
    if not 0 < amount < Decimal(10) ** 12 or amount != amount.quantize(rules.CENT):
        problems.append(
            Problem("/amount", "out_of_range", _("The amount is more than zero, to the cent."))
        )
    lines = [("source", source)] if source is not None else []
    problems += [
        Problem(f"/{name}", "other_campaign", _("This line belongs to another campaign."))
        for name, line in [*lines, ("target", target)]
        if line is not None and line.campaign_id != campaign.pk
    ]
    if source == target:
        problems.append(Problem("/target", "same_line", _("Choose two different lines.")))
    if not 0 < len(reason.strip()) <= 300:
        problems.append(
            Problem("/reason", "reason_missing", _("Say why, in at most 300 characters."))
        )
    return problems


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise Invalid.of(problems)
