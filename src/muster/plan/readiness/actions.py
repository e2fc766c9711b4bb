"""What people do with the checks (PL8): answer for one, take that back, and launch.

A campaign starts only when nothing blocks it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.errors import Forbidden, Invalid, NotFound, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open, move, touch
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import rules
from muster.plan.readiness.checks import Answer, Question, readiness
from muster.plan.readiness.duties import duty_name
from muster.plan.readiness.looking import is_outdated
from muster.plan.readiness.models import Waiver
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.keeping import CHANGED, kept
from muster.team.changes.models import Change
from muster.team.jobs.actions import start_job
from muster.team.lacking import lacking
from muster.team.users.models import User

PATIENCE, _REST = 10.0, 0.3
"""Seconds that a launch waits for looks, and between two glances at how far they are."""
_TEXTS = {
    rules.No.FIXED: _("“%(title)s” cannot be waived: others have to decide it."),
    rules.No.NOTHING: _("“%(title)s” is not open, so there is nothing to waive."),
    rules.No.NOT_YOURS: _(
        "“%(title)s” can be waived by %(owner)s, who owns the campaign, by an owner or admin, "
        "and where it only warns by those who are accountable for a task."
    ),
    rules.No.NO_REASON: _("Say why it does not matter here. The reason stays in sight."),
}


class NotReady(Refused):
    """Something blocks the launch; `errors` lists everything that does."""

    code = "not_ready"
    text = _("%(count)s things block the launch of “%(name)s”. Mend them first.")


def launch(campaign: Campaign, *, by: User) -> Change:
    """Start a ready campaign.

    Where nothing is in its way but looks that something has changed since, the machine is asked to
    look again, and that is waited for a little.
    """
    if campaign.is_planned:
        _let_it_look(campaign)
    return _launch(campaign, by=by)


def ask_for_a_look(campaign: Campaign) -> None:
    """Let the machine look at a campaign soon; once is enough."""
    with suppress(Refused):
        start_job(
            "readiness_look",
            {"campaign": campaign.pk},
            title=gettext("A look at the readiness of “%(name)s”") % {"name": campaign.name},
            by=None,
            unique=f"readiness_look:{campaign.pk}",
        )


def _let_it_look(campaign: Campaign) -> None:
    looks = {answer.question.look for answer in readiness(campaign).answers if answer.blocks}
    until = time.monotonic() + PATIENCE
    while looks and all(look and is_outdated(campaign, look) for look in looks):
        if time.monotonic() > until:
            break
        # Once is not enough where something changed while the machine looked.
        ask_for_a_look(campaign)
        time.sleep(_REST)


@transaction.atomic
def _launch(campaign: Campaign, *, by: User) -> Change:
    # Whoever waives, revokes or launches at the same time waits here.
    if Campaign.objects.select_for_update().get(pk=campaign.pk).deleted_at:
        raise NotFound
    campaign.refresh_from_db()
    blockers = readiness(campaign).blockers
    if blockers:
        raise NotReady(
            errors=[Problem(b.fix_at, "blocker", b.sentence, b.params) for b in blockers],
            count=len(blockers),
            name=campaign.name,
        )
    return move(campaign, Campaign.Status.RUNNING, by=by)


@transaction.atomic
def waive(campaign: Campaign, key: str, reason: str, *, by: User) -> Waiver:
    """Go on although this check fails; what it finds besides is open again."""
    check_open(Campaign.objects.select_for_update().get(pk=campaign.pk))
    answer = _answer(campaign, key)
    reason = reason.strip()
    check_waivable(campaign, answer, reason, by=by)
    return _write(campaign, answer, reason, by=by, verb="check_waived")


def check_waivable(campaign: Campaign, answer: Answer, reason: str, *, by: User) -> None:
    """Refuse where this person may not waive the check as it stands now."""
    attempt = rules.Attempt(
        may_be_waived=answer.question.may_be_waived,
        is_open=bool(answer.open),
        blocks=answer.blocks,
        is_admin=by.role in {"owner", "admin"},
        owns_campaign=campaign.owner_id == by.pk,
        is_accountable=is_accountable(campaign, by),
        has_reason=bool(reason),
    )
    no = rules.refusal(attempt)
    if no is rules.No.NO_REASON:
        raise Invalid.at("/reason", no.value, _TEXTS[no])
    if no is rules.No.NOT_YOURS:
        raise Forbidden(
            _TEXTS[no], code=no.value, title=answer.question.title, owner=campaign.owner
        )
    if no is not None:
        raise Refused(_TEXTS[no], code=no.value, title=answer.question.title)


@transaction.atomic
def confirm(campaign: Campaign, key: str, note: str = "", *, by: User) -> Waiver:
    """Say that something only people can answer is done."""
    check_open(Campaign.objects.select_for_update().get(pk=campaign.pk))
    answer = _answer(campaign, key)
    if not answer.question.by_hand:
        raise Refused(_("“%(title)s” is answered by Muster itself."), title=answer.question.title)
    check_confirmable(campaign, by, answer.question)
    if answer.waiver is not None and answer.waiver.done:
        return answer.waiver
    return _write(campaign, answer, note.strip(), by=by, verb="check_confirmed", done=True)


def check_confirmable(campaign: Campaign, by: User, question: Question) -> None:
    """Refuse where this person may not say that it is done."""
    if may_confirm(campaign, by, question, accountable=is_accountable(campaign, by)):
        return
    if not question.duty:
        raise lacking("campaigns.edit")
    raise Forbidden(
        _("“%(title)s” is answered by: %(duty)s. An owner or admin can do so too."),
        code="not_your_duty",
        title=question.title,
        duty=duty_name(question.duty),
    )


def may_confirm(campaign: Campaign, by: User, question: Question, *, accountable: bool) -> bool:
    """Whether it is this person's duty to say that it is done."""
    if by.role in {"owner", "admin"}:
        return True
    if question.duty == rules.Duty.OWNER:
        return campaign.owner_id == by.pk
    if question.duty == rules.Duty.ACCOUNTABLE:
        return accountable
    if question.duty:
        return by.role == question.duty
    return accountable or by.may("campaigns.edit")


def check_answerable(waiver: Waiver, *, by: User) -> None:
    """Refuse where this person could not answer for the check today as this waiver does."""
    answer = _answer(waiver.campaign, waiver.check_key)
    if waiver.done:
        check_confirmable(waiver.campaign, by, answer.question)
    else:
        check_waivable(waiver.campaign, answer, waiver.reason, by=by)


@transaction.atomic
def revoke(campaign: Campaign, key: str, *, by: User) -> Change:
    """The check counts again; that it was waived once stays written down."""
    check_open(Campaign.objects.select_for_update().get(pk=campaign.pk))
    waiver = Waiver.objects.filter(campaign=campaign, check_key=key, revoked_at=None).first()
    if waiver is None:
        raise NotFound
    if not answers_for(waiver, by):
        raise Forbidden(
            _(
                "Whoever waived “%(title)s” lets it count again; so can %(owner)s, who owns the"
                " campaign, and an owner or admin."
            ),
            title=_answer(campaign, key).question.title,
            owner=campaign.owner,
        )
    with kept(Waiver.objects.filter(pk=waiver.pk)) as rows:
        waiver.revoked_at, waiver.revoked_by = timezone.now(), by
        waiver.save(update_fields=["revoked_at", "revoked_by"])
    touch(campaign)
    return record_change("check_revoked", waiver, by=by, undo=rows.undo, campaign=campaign.pk)


@takes_back("check_waived")
@takes_back("check_confirmed")
def ask_again(change: Change, back: Mapping[str, Any], by: User) -> None:
    """The check is open as before; that it was answered for once stays written down."""
    waiver = Waiver.objects.filter(pk=change.object_id, revoked_at=None).first()
    if waiver is None:
        raise Refused(CHANGED)
    revoke(waiver.campaign, waiver.check_key, by=by)
    Waiver.objects.filter(pk=back["before"]).update(revoked_at=None, revoked_by=None)


def answers_for(waiver: Waiver, user: User) -> bool:
    """Whether this person may let the check count again."""
    mine = waiver.by_id == user.pk or waiver.campaign.owner_id == user.pk
    return mine or user.role in {"owner", "admin"}


def is_accountable(campaign: Campaign, user: User) -> bool:
    """Whether this person, or a team they belong to, has an A in this campaign."""
    rows = User.objects.filter(pk=user.pk)
    own = Q(duties__task__campaign=campaign, duties__task__deleted_at=None, duties__letter="A")
    through_team = Q(
        teams__duties__task__campaign=campaign,
        teams__duties__task__deleted_at=None,
        teams__duties__letter="A",
    )
    return rows.filter(own | through_team).exists()


def _answer(campaign: Campaign, key: str) -> Answer:
    answer = readiness(campaign).answer(key)
    if answer is None:
        raise NotFound
    return answer


def _write(
    campaign: Campaign, answer: Answer, reason: str, *, by: User, verb: str, done: bool = False
) -> Waiver:
    now = timezone.now()
    before = Waiver.objects.filter(
        campaign=campaign, check_key=answer.question.key, revoked_at=None
    )
    back = {"before": before.values_list("pk", flat=True).first()}
    before.update(revoked_at=now, revoked_by=by)
    waiver = Waiver.objects.create(
        campaign=campaign,
        check_key=answer.question.key,
        title=answer.question.title,
        done=done,
        blocking=answer.blocks,
        covers=sorted({finding.mark for finding in answer.findings}),
        reason=reason[:500],
        by=by,
    )
    record_change(verb, waiver, by=by, undo={"back": back}, campaign=campaign.pk, note=reason)
    touch(campaign)
    return waiver
