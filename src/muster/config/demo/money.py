"""The money of the sample campaigns: planned, promised, moved, released, paid by real actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from muster.config.demo.stories import Story
from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import Decision
from muster.plan.budget import actions as budget
from muster.plan.budget.automatic import refresh
from muster.plan.budget.documents import add_document
from muster.plan.budget.models import BudgetLine, BudgetMove
from muster.plan.budget.moves import move_money, request_of
from muster.plan.budget.policy import set_policy
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

STUDIO = "一间摄影"
"""Who makes the pictures."""
_RETURN = Decimal("3.5")
"""What a yuan of media is expected to bring."""


def set_up(*, by: User) -> None:
    """The price list of the channels, and what an hour costs."""
    prices = {"email": "0.02", "sms": "0.045"}
    rates = {"manager": "180", "content": "140", "operator": "120", "analyst": "150"}
    set_policy({"prices": prices, "rates": rates}, by=by)


def plan(campaign: Campaign, *, by: User) -> None:
    """Lines that count themselves, and what the media money should bring."""
    for category, label, auto in (
        ("discounts", "优惠让利", "discounts"),
        ("tools", "邮件发送费", "sending"),
    ):
        budget.add_line(
            campaign,
            {"category": category, "label": label, "planned": Decimal(0), "auto": auto},
            by=by,
        )
    media = campaign.lines.get(category="media")
    expected = (media.planned * _RETURN).quantize(Decimal(1))
    fields = {"channel": "社媒", "vendor": "星图代理", "expected_return": expected}
    budget.edit_line(media, fields, by=by)
    creative = campaign.lines.filter(category="creative").first()
    if creative is not None:
        budget.edit_line(creative, {"vendor": STUDIO}, by=by)


def spend(
    campaign: Campaign,
    story: Story,
    starts: datetime,
    now: datetime,
    *,
    owner: User,
    team: Mapping[str, User],
) -> None:
    """Contracts, bills, a move, a release that two people agreed to, and one that waits."""
    lines = {line.category: line for line in campaign.lines.filter(auto="")}
    agrees = team["legal"]
    _release(campaign, lines["flexible"], lines["media"], by=owner, agrees=agrees)
    for place, (category, channel, amount) in enumerate(story.costs):
        at = min(starts + timedelta(days=place), now).date()
        line = lines.get(category)
        if line is None:
            line = budget.add_line(
                campaign, {"category": category, "planned": Decimal(0)}, by=owner
            )
            lines[category] = line
        if line.planned < amount and category != "media":
            _bring(campaign, line, amount - line.planned, lines, by=owner, agrees=agrees)
        if category == "media":
            budget.book_cost(
                campaign, kind="committed", amount=amount + 600, at=at, line=line, by=owner,
                note="投放合同",
            )  # fmt: skip
            add_document(
                line, kind="contract", name="星图框架合同", link="https://files.muster.example/ht-118",
                by=owner,
            )  # fmt: skip
        budget.book_cost(
            campaign, kind="actual", amount=amount, at=at, line=line, channel=channel, by=owner
        )
    if campaign.ends >= now.date():
        move_money(
            campaign, lines["contingency"], lines["creative"], Decimal(800), by=owner,
            reason="主视觉返工，需加急", reason_class="emergency",
        )  # fmt: skip
    refresh(campaign, at_once=True)


def _bring(
    campaign: Campaign,
    target: BudgetLine,
    amount: Decimal,
    lines: Mapping[str, BudgetLine],
    *,
    by: User,
    agrees: User,
) -> None:
    made = move_money(campaign, lines["media"], target, amount, by=by, reason="按实际报价调整")
    _agree(made, agrees)


def _release(
    campaign: Campaign, source: BudgetLine, target: BudgetLine, *, by: User, agrees: User
) -> None:
    made = move_money(
        campaign, source, target, (campaign.total_budget * Decimal("0.04")).quantize(Decimal(1)),
        by=by, reason="首日点击成本低于预期，追加投放", reason_class="opportunity",
    )  # fmt: skip
    _agree(made, agrees)


def _agree(made: BudgetMove, by: User) -> None:
    request = request_of(made)
    if request is not None:
        approvals.decide(request, Decision.Verdict.APPROVED, by=by)
