"""What happened to a campaign, in sentences (S07, activity)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.db.models import Q
from django.utils.translation import get_language, gettext

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.team.changes.models import Change
from muster.ui import formats

_KIND = "plan.campaign"
SENTENCES = {
    "created": _("%(who)s began the campaign"),
    "begun_from": _("%(who)s filled the campaign from a template or a past campaign"),
    "edited": _("%(who)s changed the brief"),
    "deleted": _("%(who)s put the campaign away"),
    "moved": _("%(who)s moved it to “%(after)s”"),
    "goal_set": _("%(who)s set the goal “%(thing)s”"),
    "goal_edited": _("%(who)s changed the goal “%(thing)s”"),
    "goal_dropped": _("%(who)s dropped the goal “%(thing)s”"),
    "line_added": _("%(who)s added the budget line “%(thing)s”"),
    "line_edited": _("%(who)s changed the budget line “%(thing)s”"),
    "line_dropped": _("%(who)s dropped the budget line “%(thing)s”"),
    "budget_split": _("%(who)s split the budget anew"),
    "cost_booked": _("%(who)s booked %(amount)s"),
    "cost_reversed": _("%(who)s took back %(amount)s"),
    "approval_asked": _("%(who)s asked for approval of “%(thing)s”"),
    "approval_withdrawn": _("%(who)s withdrew the request for “%(thing)s”"),
    "approved": _("%(who)s approved “%(thing)s”"),
    "sent_back": _("%(who)s sent “%(thing)s” back"),
    "made": _("%(who)s made “%(thing)s”"),
    "prepared": _("%(who)s prepared “%(thing)s”"),
    "changed": _("%(who)s changed “%(thing)s”"),
    "removed": _("%(who)s took “%(thing)s” away"),
    "scheduled": _("%(who)s scheduled “%(thing)s”"),
    "unscheduled": _("%(who)s took “%(thing)s” off the schedule"),
    "started": _("%(who)s started “%(thing)s”"),
    "paused": _("%(who)s paused “%(thing)s”"),
    "resumed": _("%(who)s resumed “%(thing)s”"),
    "stopped": _("%(who)s stopped “%(thing)s”"),
    "card_added": _("%(who)s wrote “%(thing)s” for the retrospective"),
    "retro_judged": _("%(who)s said whether we would do it again"),
    "retro_completed": _("%(who)s completed the retrospective"),
}
"""Verb of a change → its sentence."""
_OTHER = _("%(who)s: %(verb)s, “%(thing)s”")
_WAIVED = _("%(who)s approved their own “%(thing)s” (waived as owner)")


@dataclass(frozen=True)
class Said:
    """A change in words."""

    change: Change
    text: str
    note: str


def changes_of(campaign: Campaign) -> list[Said]:
    """The latest hundred changes around this campaign, newest first."""
    rows = Change.objects.filter(
        Q(kind=_KIND, object_id=campaign.pk) | Q(details__campaign=campaign.pk)
    )
    rows = rows.select_related("by").order_by("-pk")[:100]
    return [_said(change, campaign) for change in rows]


def _said(change: Change, campaign: Campaign) -> Said:
    details = change.details
    text = _WAIVED if details.get("waiver") else SENTENCES.get(change.verb, _OTHER)
    after = details.get("after", "")
    params = {
        "who": str(change.by) if change.by else gettext("Muster"),
        "thing": change.label,
        "verb": change.verb.replace("_", " "),
        "after": Campaign.Status(after).label if after in Campaign.Status.values else after,
        "amount": _money(details.get("amount"), campaign.currency),
    }
    return Said(change, gettext(text) % params, str(details.get("note") or ""))


def _money(amount: object, currency: str) -> str:
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return ""
    return formats.money(value, get_language() or "en", currency, short=True)
