"""Who does what and who signs what in the sample workspace (PL5, PL6)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from muster.channels.sending import actions as sends
from muster.channels.sending.models import Send
from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import Decision
from muster.plan.approvals.rules import Step
from muster.plan.campaigns.models import Campaign
from muster.plan.comments import approval
from muster.plan.raci.actions import set_duties
from muster.plan.readiness.actions import waive
from muster.plan.readiness.checks import readiness
from muster.team.comments.actions import write
from muster.team.members.models import Team
from muster.team.users.models import User

GAP = "社媒加推"
"""A task that nobody answers for yet, so that the matrix has something to show."""


def give_duties(campaign: Campaign, people: Mapping[str, User], *, by: User) -> None:
    """Two signatures for every send, a matrix with a gap, and a request that waits."""
    brand = Team.objects.create(name="品牌组")
    brand.members.set([people["content"], people["operator"]])
    approvals.set_policy(
        "send",
        [
            Step("step-1", "合规审查", who="role", value="legal", within=4, unit="hours"),
            Step("step-2", "负责人放行", who="accountable", value="", within=1),
        ],
        by=by,
    )
    approvals.set_policy(
        "campaign",
        [
            Step("step-1", "合规审查", who="role", value="legal", within=1),
            Step("step-2", "预算复核", who="role", value="owner", within=1, beside=True,
                 above=Decimal(20000)),
        ],
        by=by,
    )  # fmt: skip
    usual = {"owner": "A", "legal": "I"}
    changes = {}
    for task in campaign.tasks.all():
        if task.title != GAP and not task.duties.filter(letter="A").exists():
            for role, letters in usual.items():
                held = task.duties.filter(user=people[role]).values_list("letter", flat=True)
                # Who works on it is informed anyway.
                more = frozenset(letters) if letters != "I" or not held else frozenset()
                changes[task.pk, f"u{people[role].pk}"] = frozenset(held) | more
    set_duties(campaign, changes, by=by)
    _ask(campaign, people)
    draft = Campaign.objects.filter(sample=True, status=Campaign.Status.DRAFT).first()
    key = "compliance.has_a_crisis_plan"
    answer = readiness(draft).answer(key) if draft else None
    if draft is not None and answer is not None and answer.open:
        waive(draft, key, "预售规模小，沿用门店的应急预案", by=by)


def _ask(campaign: Campaign, people: Mapping[str, User]) -> None:
    """The last send once more, as a reminder: legal has signed, the release waits."""
    last = Send.objects.filter(campaign=campaign).order_by("-pk").first()
    if last is None:
        return
    variant = last.variants.select_related("email")[0]
    again = sends.prepare(
        campaign,
        f"{campaign.name} 提醒",
        by=people["operator"],
        variants=[sends.NewVariant(variant.name, variant.email)],
        segment=last.segment,
        holdout=last.holdout,
    )
    request = sends.ask_approval(
        again, by=people["operator"], note="周五上午发，给还没下单的会员。"
    )
    approvals.decide(request, Decision.Verdict.APPROVED, by=people["legal"])
    about = approval(people["legal"], request.pk)
    if about is not None:
        write("approval", request.pk, about, "门店地址已核对，可以发。", by=people["legal"])
