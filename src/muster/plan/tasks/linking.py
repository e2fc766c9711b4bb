"""What people do with dependencies: let one task wait for another, change how, cut the link."""

from __future__ import annotations

from django.db import transaction

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import announce, moved_on, refuse_circle
from muster.plan.tasks.models import Dependency, Task
from muster.plan.tasks.planning import Plan, plan_of
from muster.plan.tasks.schedule.network import Kind
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User

MOST_LAG = 250


@transaction.atomic
def add_dependency(
    before: Task, after: Task, *, by: User, kind: str = Kind.FINISH_START, lag: int = 0
) -> Change:
    """Let `after` wait for `before`; a second link between the two replaces the first.

    Refused when the tasks would wait for each other in a circle; the refusal names it.
    """
    was = Dependency.objects.filter(before=before, after=after).first()
    plan = tie(before, after, kind, lag)
    change = record_link(before, after, was, by=by, kind=kind, lag=lag)
    announce(plan.campaign, plan)
    return change


def record_link(
    before: Task, after: Task, was: Dependency | None, *, by: User, kind: str, lag: int
) -> Change:
    """Write down that `after` waits for `before` from now on; `was` is how it did until now."""
    moved_on(after)
    return record_change(
        "task_linked",
        after,
        by=by,
        undo={"back": _back(before, was)},
        campaign=after.campaign_id,
        before=str(before),
        kind=kind,
        lag=lag,
        fields=["dependencies"],
        version=after.version,
    )


def _back(before: Task, was: Dependency | None) -> dict[str, object]:
    return {"before": before.pk, "was": [was.kind, was.lag] if was else None}


def tie(before: Task, after: Task, kind: str, lag: int) -> Plan:
    """Put the link into the plan, if the plan bears it; gives the plan with it."""
    campaign = Campaign.objects.select_for_update().get(pk=after.campaign_id)
    _check(campaign, before, after, kind, lag)
    Dependency.objects.update_or_create(
        before=before, after=after, defaults={"kind": kind, "lag": lag}
    )
    plan = plan_of(campaign)
    refuse_circle(plan, "/before")
    return plan


@transaction.atomic
def drop_dependency(link: Dependency, *, by: User) -> Change:
    """Cut a link; the task no longer waits."""
    after = link.after
    campaign = Campaign.objects.select_for_update().get(pk=after.campaign_id)
    _open(campaign)
    moved_on(after)
    change = record_change(
        "task_unlinked",
        after,
        by=by,
        undo={"back": _back(link.before, link)},
        campaign=campaign.pk,
        before=str(link.before),
        fields=["dependencies"],
        version=after.version,
    )
    link.delete()
    announce(campaign)
    return change


def _open(campaign: Campaign) -> None:
    if not campaign.may_be_planned:
        raise Refused(_("The campaign is closed: its plan is kept as it was."))


def _check(campaign: Campaign, before: Task, after: Task, kind: str, lag: int) -> None:
    _open(campaign)
    if before.campaign_id != after.campaign_id:
        raise Invalid.at(
            "/before", "other_campaign", _("A task can only wait for one of the same campaign.")
        )
    if before.pk in {after.pk, after.parent_id} or after.pk == before.parent_id:
        raise Invalid.at(
            "/before", "itself", _("A task cannot wait for itself, its parts or its whole.")
        )
    if kind not in Dependency.Kind.values:
        raise Invalid.at(
            "/kind",
            "unknown_kind",
            _("A dependency is FS (after its end), SS (with its start) or FF (with its end)."),
        )
    if not -MOST_LAG <= lag <= MOST_LAG:
        raise Invalid.at(
            "/lag",
            "out_of_range",
            _("The lag is between −%(most)s and %(most)s working days."),
            most=MOST_LAG,
        )
