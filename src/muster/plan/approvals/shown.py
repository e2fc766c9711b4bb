"""A request as pages and API show it: its steps with those who decide, and what is different."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from muster.plan.approvals import rules
from muster.plan.approvals.actions import deadlines
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.approvals.subjects import Subject, subject_of
from muster.team.members.models import Team
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.users.models import User


@dataclass(frozen=True)
class ShownStep:
    """One step of a request as one reads it."""

    step: rules.Step
    name: str
    state: str
    """open, later, approved, sent_back or dropped"""
    deciders: list[User]
    """Who may sign it now; empty unless it is open."""
    due: datetime | None = None
    decision: Decision | None = None
    beside: bool = False
    fell: bool = False
    """It is open, and nobody whom it names can sign it: it fell to these deciders."""


def steps_of(request: ApprovalRequest, deciders: Deciders) -> list[ShownStep]:
    """Every step of the request, in order."""
    decided = {decision.step: decision for decision in request.decisions.all()}
    open_keys = {step.key for step in request.open_now}
    due = deadlines(request) if open_keys else {}
    found = []
    for place, step in enumerate(request.asked_steps):
        decision = decided.get(step.key)
        people: list[User] = []
        fell = False
        if decision is not None:
            state = decision.verdict
        elif step.key in open_keys:
            state = "open"
            people = [deciders.users[pk] for pk in deciders.of(request, step)]
            fell = deciders.fell(request, step)
        else:
            state = "later" if request.is_open else "dropped"
        found.append(
            ShownStep(
                step,
                step.name or gettext("Release"),
                state,
                [user for user in people if user.pk != request.asked_by_id],
                due.get(step.key),
                decision,
                bool(place) and step.beside,
                fell,
            )
        )
    return found


def who(step: rules.Step) -> str:
    """Who signs a step, in words."""
    if step.who == rules.Who.ACCOUNTABLE:
        return gettext("Whoever is accountable for the task (A)")
    if step.who == rules.Who.ROLE and step.value in ROLES:
        return gettext(ROLES[step.value].name)
    if step.who == rules.Who.TEAM:
        team = Team.objects.filter(pk=step.value or 0).first()
        return team.name if team else gettext("A team that is gone")
    if step.who == rules.Who.PERSON:
        user = User.objects.filter(pk=step.value or 0).first()
        return str(user) if user else gettext("Somebody who is gone")
    if step.value == "approvals.decide":
        return gettext("Anyone who may approve")
    return gettext(PERMISSIONS.get(step.value, step.value))


def before(request: ApprovalRequest) -> ApprovalRequest | None:
    """The last earlier version of the same thing that was approved."""
    rows = ApprovalRequest.objects.filter(
        kind=request.kind, object_id=request.object_id, pk__lt=request.pk
    ).exclude(closed_at=None)
    for earlier in rows.prefetch_related("decisions")[:20]:
        if {step.key for step in earlier.asked_steps} <= set(earlier.signed):
            return earlier
    return None


def differences(request: ApprovalRequest) -> list[rules.Difference]:
    """What differs from the version approved before, with labels in the reader's language."""
    earlier = before(request)
    if earlier is None or not (earlier.outline and request.outline):
        return []
    about = subject_of(request.kind) or Subject()
    found = []
    for one in rules.differences(_pairs(earlier.outline), _pairs(request.outline)):
        was, now = rules.only_changed(one.before, one.after)
        found.append(
            rules.Difference(
                gettext(one.label), about.worded(one.label, was), about.worded(one.label, now)
            )
        )
    return found


def _pairs(outline: Iterable[Iterable[str]]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in outline]
