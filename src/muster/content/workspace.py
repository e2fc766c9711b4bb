"""What content adds to a campaign's pages (CO3): the tab with its e-mails."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.content.emails import facts  # noqa: F401  (says which mails hold which facts)
from muster.content.emails.models import Email
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import tab
from muster.plan.strategy.asking import linkable
from muster.team.users.models import User


@tab("content", _("Content"), 50, "content:campaign", "content.see")
def content(campaign: Campaign, user: User) -> int | None:
    """How many e-mails there are."""
    return Email.objects.visible_to(user).filter(campaign=campaign).count() or None


@linkable
def emails(campaign: Campaign) -> list[tuple[str, str]]:
    """E-mails that a cell of the touchpoint map may lead to."""
    rows = Email.objects.filter(campaign=campaign, deleted_at=None).order_by("name")
    return [(reverse("content:edit", args=[one.pk]), one.name) for one in rows[:100]]
