"""What the plan brings to My work (S02): decisions that wait, and campaigns with gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from muster.plan.approvals.actions import decide
from muster.plan.approvals.models import ApprovalRequest, waiting_for
from muster.plan.approvals.subjects import Subject, current_fingerprint, subject_of
from muster.plan.brief.review import KIND
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from muster.team.users.models import User
from muster.team.work.registry import Act, Do, Item, Pane, lane

_MOST = 20


@lane("approvals", _("For me to decide"), 10)
def approvals(user: User) -> Iterator[Item]:
    plan = gettext("%(who)s asks for approval of the plan")
    other = gettext("%(who)s asks, for %(campaign)s")
    for asked in waiting_for(user)[:50]:
        yield Item(
            title=asked.title,
            line=(plan if asked.kind == KIND else other)
            % {"who": asked.asked_by, "campaign": asked.campaign},
            url=reverse("plan:review", args=[asked.pk]),
            icon="clipboard-check",
            at=asked.asked_at,
            # One's own request can only be waived, so a colleague's comes first.
            rank=20 if asked.asked_by_id == user.pk else 10,
            key=asked.public_id,
            at_stake=asked.campaign.budget if asked.kind == KIND else None,
            acts=_verdicts(asked) if asked.asked_by_id != user.pk else (),
            pane=_pane(asked, user),
        )


def _verdicts(asked: ApprovalRequest) -> tuple[Act, ...]:
    def decide_as(verdict: str) -> Do:
        def do(user: User, data: Mapping[str, str]) -> None:
            decide(asked, verdict, by=user, note=data.get("note", ""))

        return do

    return (
        Act("done", _("Approve"), decide_as("approved"), said=_("Approved.")),
        Act("send_back", _("Send back"), decide_as("sent_back"), "reason", _("Sent back.")),
    )


def _pane(asked: ApprovalRequest, user: User) -> Pane:
    def shown() -> tuple[str, dict[str, Any]]:
        subject = subject_of(asked.kind)
        is_there = subject is not None and current_fingerprint(asked) is not None
        return "plan/approvals/pane.html", {
            "asked": asked,
            "is_changed": current_fingerprint(asked) != asked.fingerprint,
            "template": subject.template if subject and is_there else Subject.template,
            "shown": subject.context(asked.object_id, user) if subject and is_there else {},
            "checks": list(subject.checks(asked.object_id)) if subject and is_there else [],
        }

    return shown


@lane("campaigns", _("My campaigns with something missing"), 30)
def gaps(user: User) -> Iterator[Item]:
    mine = Campaign.objects.visible_to(user).open().filter(owner=user).order_by("starts")
    mine = mine.exclude(status=Campaign.Status.IN_REVIEW)
    for campaign in mine[:_MOST]:
        answers = readiness(campaign)
        first = answers.findings[:1]
        if not first:
            continue
        count = len(answers.findings)
        more = ngettext("%(count)s thing: %(first)s", "%(count)s things, first: %(first)s", count)
        yield Item(
            title=campaign.name,
            line=more % {"count": count, "first": first[0]},
            url=first[0].fix_at,
            icon="target",
            rank=40 if answers.blockers else 60,
            key=campaign.public_id,
        )
