"""What the plan brings to My work (S02): decisions that wait, and campaigns with gaps."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from muster.plan.approvals.deciders import waiting_for
from muster.plan.brief.review import KIND
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import lately
from muster.team.users.models import User
from muster.team.work.registry import Item, lane

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
        )


@lane("campaigns", _("My campaigns with something missing"), 30)
def gaps(user: User) -> Iterator[Item]:
    mine = Campaign.objects.visible_to(user).open().filter(owner=user).order_by("starts")
    mine = mine.exclude(status=Campaign.Status.IN_REVIEW)
    for campaign in mine[:_MOST]:
        found = lately(campaign).findings
        first = found[:1]
        if not first:
            continue
        count = len(found)
        more = ngettext("%(count)s thing: %(first)s", "%(count)s things, first: %(first)s", count)
        yield Item(
            title=campaign.name,
            line=more % {"count": count, "first": first[0]},
            url=first[0].fix_at,
            icon="target",
            rank=40 if first[0].blocks else 60,
        )
