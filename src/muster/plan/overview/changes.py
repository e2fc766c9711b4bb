"""What happened to a campaign, in sentences (S07, activity)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import UNDO_FOR
from muster.team.changes.history import Told, told
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.users.models import User
from muster.ui import formats

_KIND = "plan.campaign"
SENTENCES = {
    "created": _("%(who)s began the campaign"),
    "begun_from": _("%(who)s filled the campaign from a template or a past campaign"),
    "edited": _("%(who)s changed the brief"),
    "deleted": _("%(who)s put the campaign away"),
    "brought_back": _("%(who)s brought back “%(thing)s”"),
    "plan.delivery:created": _("%(who)s agreed with a vendor on “%(thing)s”"),
    "fact_written": _("%(who)s wrote down the fact “%(thing)s”"),
    "fact_changed": _("%(who)s changed the fact “%(thing)s”"),
    "fact_verified": _("%(who)s verified the fact “%(thing)s”"),
    "fact_dropped": _("%(who)s dropped the fact “%(thing)s”"),
    "tagged": _("%(who)s put the tag “%(tag)s” on"),
    "untagged": _("%(who)s took the tag “%(tag)s” off"),
    "moved": _("%(who)s moved it to “%(after)s”"),
    "goal_set": _("%(who)s set the goal “%(thing)s”"),
    "goal_edited": _("%(who)s changed the goal “%(thing)s”"),
    "goal_dropped": _("%(who)s dropped the goal “%(thing)s”"),
    "line_added": _("%(who)s added the budget line “%(thing)s”"),
    "line_edited": _("%(who)s changed the budget line “%(thing)s”"),
    "line_dropped": _("%(who)s dropped the budget line “%(thing)s”"),
    "budget_split": _("%(who)s split the budget anew"),
    "line_phased": _("%(who)s laid “%(thing)s” over the months"),
    "money_moved": _("%(who)s moved %(amount)s: %(thing)s"),
    "money_released": _("%(who)s released %(amount)s: %(thing)s"),
    "move_undone": _("%(who)s undid a move of %(amount)s: %(thing)s"),
    "document_added": _("%(who)s put the paper “%(thing)s” beside a budget line"),
    "document_dropped": _("%(who)s took the paper “%(thing)s” away"),
    "cost_booked": _("%(who)s booked %(amount)s"),
    "cost_reversed": _("%(who)s took back %(amount)s"),
    "task_added": _("%(who)s wrote down the task “%(thing)s”"),
    "task_edited": _("%(who)s changed the task “%(thing)s”"),
    "task_done": _("%(who)s finished the task “%(thing)s”"),
    "task_dropped": _("%(who)s put the task “%(thing)s” away"),
    "task_given": _("%(who)s made %(to)s responsible for “%(thing)s”"),
    "task_taken": _("%(who)s took “%(thing)s” from %(to)s"),
    "task_linked": _("%(who)s let “%(thing)s” wait for “%(before)s”"),
    "task_unlinked": _("%(who)s lets “%(thing)s” no longer wait for “%(before)s”"),
    "baseline_set": _("%(who)s kept the dates of the plan as the baseline"),
    "approval_asked": _("%(who)s asked for approval of “%(thing)s”"),
    "approval_withdrawn": _("%(who)s withdrew the request for “%(thing)s”"),
    "approved": _("%(who)s approved “%(thing)s”"),
    "sent_back": _("%(who)s sent “%(thing)s” back"),
    "check_waived": _("%(who)s waived the check “%(thing)s”"),
    "check_confirmed": _("%(who)s said that it is done: “%(thing)s”"),
    "check_revoked": _("%(who)s let the check “%(thing)s” count again"),
    "duties_set": _("%(who)s changed who does what"),
    "approval_nudged": _("%(who)s reminded those who decide on “%(thing)s”"),
    "approval_handed_on": _("%(who)s handed the decision on “%(thing)s” on"),
    "approval_overdue": _("The time to decide on “%(thing)s” ran out"),
    "made": _("%(who)s made “%(thing)s”"),
    "prepared": _("%(who)s prepared “%(thing)s”"),
    "changed": _("%(who)s changed “%(thing)s”"),
    "removed": _("%(who)s took “%(thing)s” away"),
    "send_moved": _("%(who)s moved “%(thing)s” to another time"),
    "scheduled": _("%(who)s scheduled “%(thing)s”"),
    "unscheduled": _("%(who)s took “%(thing)s” off the schedule"),
    "started": _("%(who)s started “%(thing)s”"),
    "started_early": _("%(who)s started “%(thing)s” before its campaign was launched"),
    "paused": _("%(who)s paused “%(thing)s”"),
    "resumed": _("%(who)s resumed “%(thing)s”"),
    "stopped": _("%(who)s stopped “%(thing)s”"),
    "risk_added": _("%(who)s wrote down the risk “%(thing)s”"),
    "risk_edited": _("%(who)s changed the risk “%(thing)s”"),
    "risk_dropped": _("%(who)s took the risk “%(thing)s” off the list"),
    "risk_fired": _("%(who)s: the risk “%(thing)s” has come true"),
    "risk_settled": _("%(who)s settled the risk “%(thing)s”"),
    "risk_drilled": _("%(who)s rehearsed the plan for “%(thing)s”"),
    "risk_plan_run": _("%(who)s ran the plan for “%(thing)s”"),
    "training_planned": _("%(who)s planned a training, %(thing)s"),
    "training_edited": _("%(who)s changed the training, %(thing)s"),
    "training_called_off": _("%(who)s called the training off, %(thing)s"),
    "item_passed": _("%(who)s noted something as passed, %(thing)s"),
    "item_unpassed": _("%(who)s noted something as not passed, %(thing)s"),
    "training_finished": _("%(who)s noted the last thing as passed, %(thing)s"),
    "peak_planned": _("%(who)s planned temporary staff, %(thing)s"),
    "peak_edited": _("%(who)s changed temporary staff, %(thing)s"),
    "peak_dropped": _("%(who)s dropped temporary staff, %(thing)s"),
    "reserved": _("%(who)s reserved %(thing)s"),
    "released": _("%(who)s gave back %(thing)s"),
    "handed_out": _("%(who)s handed out of %(thing)s"),
    "ordered": _("%(who)s ordered “%(thing)s”"),
    "delivered": _("“%(thing)s” was delivered, says %(who)s"),
    "accepted": _("%(who)s accepted “%(thing)s”"),
    "rejected": _("%(who)s sent “%(thing)s” back to the vendor"),
    "paid": _("%(who)s paid for “%(thing)s”"),
    "ticked": _("%(who)s checked a criterion of “%(thing)s”"),
    "card_added": _("%(who)s wrote “%(thing)s” for the retrospective"),
    "retro_judged": _("%(who)s said whether we would do it again"),
    "retro_completed": _("%(who)s completed the retrospective"),
}
"""Verb of a change, or kind and verb → its sentence."""
_OTHER = _("%(who)s changed “%(thing)s”")
_WAIVED = _("%(who)s approved their own “%(thing)s” (waived as owner)")


@dataclass(frozen=True)
class Said:
    """A change in words."""

    change: Change
    text: str
    note: str
    told: Told | None = None
    """Field by field, where it was kept."""
    undo: str = ""
    """The address that takes back what its reader has just done, where nothing brings it back."""

    @property
    def may_restore(self) -> bool:
        return self.told is not None and self.told.may_restore


def changes_of(campaign: Campaign, user: User | None = None) -> list[Said]:
    """The latest hundred changes around this campaign, newest first."""
    rows = Change.objects.filter(
        Q(kind=_KIND, object_id=campaign.pk) | Q(details__campaign=campaign.pk)
    )
    rows = rows.select_related("by").order_by("-pk")[:100]
    found = list(rows)
    fields = told(found, user) if user is not None else {}
    said = [_said(change, campaign) for change in found]
    if user is None:
        return said
    return [
        replace(one, told=fields.get(one.change.pk), undo=_way_back(one.change, user))
        for one in said
    ]


def _way_back(change: Change, user: User) -> str:
    """Only one's own, while undo works; of what was done in one go the last one speaks for all."""
    mine = change.by_id == user.pk and change.together_id is None and change.undone_at is None
    if not mine or timezone.now() - change.at > UNDO_FOR:
        return ""
    return way_back(change, user)


def _said(change: Change, campaign: Campaign) -> Said:
    details = change.details
    text = SENTENCES.get(f"{change.kind}:{change.verb}") or SENTENCES.get(change.verb, _OTHER)
    if details.get("waiver"):
        text = _WAIVED
    after = details.get("after", "")
    params = {
        "who": str(change.by) if change.by else gettext("Muster"),
        # Checks are kept by their English titles, so that they outlive the code that asks.
        "thing": gettext(change.label) if change.kind == "plan.waiver" else change.label,
        "after": Campaign.Status(after).label if after in Campaign.Status.values else after,
        "to": details.get("to", ""),
        "tag": details.get("tag", ""),
        "before": details.get("before", ""),
        "amount": _money(details.get("amount"), campaign.currency),
    }
    return Said(change, gettext(text) % params, str(details.get("note") or ""))


def _money(amount: object, currency: str) -> str:
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return ""
    return formats.money(value, get_language() or "en", currency, short=True)
