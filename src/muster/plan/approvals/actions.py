"""What people do with approvals: ask for one, approve, send back, hand on, remind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone

from muster.kit.days import far_away
from muster.kit.errors import Forbidden, Invalid, NotFound, Refused
from muster.kit.words import _
from muster.plan.approvals import rules
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import (
    ApprovalRequest,
    Decision,
    DecisionLink,
    Policy,
    StandIn,
    is_approved,
)
from muster.plan.approvals.subjects import current_fingerprint, subject_of, tell
from muster.plan.campaigns.actions import touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.team.calendars.working import work_calendar
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.notices.actions import close, notify, told_of
from muster.team.users.models import User, Workspace

_TEXTS = {
    rules.No.CLOSED: _("This request is decided already."),
    rules.No.NOT_YOURS: _("This step is for others to decide. The review room says for whom."),
    rules.No.CHANGED: _(
        "“%(title)s” was changed after approval was asked for. Ask again for the present version."
    ),
    rules.No.OWN_REQUEST: _(
        "Nobody approves their own request. Ask a colleague, or an owner can waive this rule."
    ),
    rules.No.SIGNED_BEFORE: _(
        "You signed another step of this request. A colleague has to sign this one."
    ),
    rules.No.WAIVER_NOT_YOURS: _("Only an owner can waive the rule of four eyes."),
    rules.No.NOTE_MISSING: _("Say what has to change, so that it can be mended."),
}
_SUPERSEDED = _("Approval of a newer version was asked for since. Decide on that one.")
_WITHDRAWN = _("This request was withdrawn before it was decided.")
_ASKS = _("%(who)s asks you to approve “%(title)s”.")
_FELL = _("Nobody else can decide on “%(title)s” any more, so it falls to you.")
_REMINDS = _("%(who)s reminds you: “%(title)s” waits for your decision.")
_APPROVED = _("%(who)s approved “%(title)s”.")
_SENT_BACK = _("%(who)s sent “%(title)s” back: %(note)s")
_OVERDUE = _("“%(title)s” should be decided by now.")
_HANDED_ON = _("%(who)s asks you to decide on “%(title)s” in their place.")
_NUDGE_EVERY = timedelta(hours=1)
_LINK_WORKS = timedelta(days=7)
_WAITING = ("approval_asked", "approval_overdue")


def steps_for(kind: str, amount: Decimal | None = None) -> list[rules.Step]:
    """The signatures that a thing of this kind and sum needs; none where the sum is small."""
    policy = Policy.objects.filter(kind=kind).first()
    raw = policy.steps if policy else rules.POLICY
    return rules.needed([rules.step_of(one) for one in raw], amount)


@transaction.atomic
def ask(
    kind: str,
    object_id: int,
    *,
    title: str,
    url: str,
    fingerprint: str,
    campaign: Campaign,
    by: User,
    note: str = "",
    amount: Decimal | None = None,
) -> ApprovalRequest:
    """Ask that this version be let out; asking twice for the same version gives the same request.

    An open request for an older version is closed. Refused when this version is approved already.
    """
    if is_approved(kind, object_id, fingerprint):
        raise Refused(_("“%(title)s” is approved already, as it is now."), title=title)
    rows = ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None)
    standing = rows.select_for_update().first()
    if standing is not None:
        if standing.fingerprint == fingerprint:
            return standing
        _shut(standing)
    subject = subject_of(kind)
    # Below every limit of its policy a thing still needs somebody who looks at it.
    steps = steps_for(kind, amount) or [rules.step_of(key) for key in rules.POLICY]
    request = ApprovalRequest.objects.create(
        kind=kind,
        object_id=object_id,
        campaign=campaign,
        title=title[:200],
        url=url,
        fingerprint=fingerprint,
        steps=[rules.kept(step) for step in steps],
        asked_by=by,
        note=note,
        amount=amount,
        outline=subject.outline(object_id) if subject else [],
        about=list(subject.covers(object_id)) if subject else [],
    )
    _check_deciders(request)
    record_change("approval_asked", request, by=by, campaign=campaign.pk)
    touch(campaign)
    _open_stage(request)
    return request


def _check_deciders(request: ApprovalRequest) -> None:
    """Refuse what nobody here could ever decide."""
    deciders = Deciders([request])
    for step in request.asked_steps:
        if not deciders.can_be_signed(request, step):
            raise Refused(
                _(
                    "Nobody here could decide on “%(title)s”: nobody else may approve. Ask an"
                    " owner or admin to let a colleague approve, and then ask again."
                ),
                code="nobody_to_decide",
                title=request.title,
            )


@transaction.atomic
def decide(
    request: ApprovalRequest,
    verdict: str,
    *,
    by: User,
    note: str = "",
    waiver: bool = False,
    by_link: bool = False,
) -> Decision:
    """Approve the request as it was asked, or send it back with a note.

    Nobody approves their own request, nor signs two steps of one; an owner may with `waiver`,
    which is written down.
    """
    if verdict not in Decision.Verdict.values:
        raise Invalid.at(
            "/verdict", "unknown_verdict", _("A decision is “approved” or “sent_back”.")
        )
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    found = Deciders([request]).step_for(request, by)
    step, instead_of = found or (rules.Step(""), None)
    asked_it = request.asked_by_id in {by.pk, instead_of}
    signed_before = request.decisions.filter(by=by).exists()
    attempt = rules.Attempt(
        is_open=request.is_open,
        is_changed=current_fingerprint(request) != request.fingerprint,
        approves=verdict == Decision.Verdict.APPROVED,
        asked_it=asked_it,
        is_owner=by.role == "owner",
        waiver=waiver,
        has_note=bool(note.strip()),
        is_decider=found is not None,
        signed_before=signed_before,
    )
    no = rules.refusal(attempt)
    if no is rules.No.NOTE_MISSING:
        raise Invalid.at("/note", no.value, _TEXTS[no])
    if no is rules.No.NOT_YOURS:
        raise Forbidden(_TEXTS[no], code=no.value)
    if no is rules.No.CLOSED:
        raise closed(request)
    if no is not None:
        raise Refused(_TEXTS[no], code=no.value, title=request.title)
    decision = Decision.objects.create(
        request=request,
        step=step.key,
        verdict=verdict,
        fingerprint=request.fingerprint,
        note=note.strip()[:1000],
        waiver=waiver and (asked_it or signed_before),
        by=by,
        instead_of_id=instead_of,
        by_link=by_link,
    )
    _after(request, decision)
    return decision


def _after(request: ApprovalRequest, decision: Decision) -> None:
    """What a decision brings about: the next step opens, or the request is closed."""
    by, note = decision.by, decision.note
    record_change(
        decision.verdict,
        request,
        by=by,
        campaign=request.campaign_id,
        waiver=decision.waiver,
        note=note,
        step=decision.step,
        by_link=decision.by_link,
    )
    touch(request.campaign)
    waiting = rules.open_now(request.asked_steps, request.signed)
    if decision.verdict == Decision.Verdict.APPROVED and waiting:
        stage = next(s for s in rules.stages(request.asked_steps) if waiting[0] in s)
        # Parallel steps were asked for together; only a finished stage opens the next one.
        if decision.step not in {step.key for step in stage}:
            close(request, *_WAITING)
            _open_stage(request)
        else:
            _set_deadline(request)
            # Read anew: the decision is not among those that were fetched with the request.
            _tell_whom_it_falls_to(ApprovalRequest.objects.get(pk=request.pk))
        return
    _shut(request)
    tell(request, decision)
    approved = decision.verdict == Decision.Verdict.APPROVED
    notify(
        "approval_decided",
        request,
        [request.asked_by],
        _APPROVED if approved else _SENT_BACK,
        url=request.room,
        params={"who": str(by), "title": request.title, "note": note[:120]},
        by=by,
        campaign=request.campaign_id,
    )


def _open_stage(request: ApprovalRequest) -> None:
    request.opened_at, request.escalated_at = timezone.now(), None
    request.save(update_fields=["opened_at", "escalated_at"])
    _set_deadline(request)
    _tell(request, "approval_asked", _ASKS, by=request.asked_by)


def tell_whom_steps_fall_to() -> int:
    """People leave and roles change while requests are open: tell those who decide instead."""
    rows = ApprovalRequest.objects.filter(closed_at=None, campaign__deleted_at=None)
    requests = list(rows.select_related("campaign").prefetch_related("decisions"))
    deciders = Deciders(requests)
    return sum(_tell_whom_it_falls_to(request, deciders) for request in requests)


def _tell_whom_it_falls_to(request: ApprovalRequest, deciders: Deciders | None = None) -> bool:
    """Ask those to whom an open step fell, where nobody who could sign it was asked yet."""
    deciders = deciders or Deciders([request])
    asked = told_of(request, "approval_asked")
    new: set[int] = set()
    for step in request.open_now:
        free = set(deciders.free(request, step))
        if deciders.fell(request, step) and not free & asked:
            new |= free
    notify(
        "approval_asked",
        request,
        [deciders.users[pk] for pk in new],
        _FELL,
        url=request.room,
        params={"title": request.title},
        campaign=request.campaign_id,
    )
    return bool(new)


def _set_deadline(request: ApprovalRequest) -> None:
    request.due_at = min(filter(None, deadlines(request).values()), default=None)
    request.save(update_fields=["due_at"])


def deadlines(request: ApprovalRequest) -> dict[str, datetime | None]:
    """Open step → when it has to be decided, in working time."""
    opened = (request.opened_at or request.asked_at).astimezone(Workspace.here().zone)
    calendar = work_calendar(opened.date())
    return {
        step.key: rules.due(opened, step.within, step.unit, calendar).astimezone(UTC)
        if step.within
        else None
        for step in request.open_now
    }


def _tell(
    request: ApprovalRequest,
    event: str,
    text: str,
    *,
    by: User | None,
    more: list[User] | None = None,
) -> None:
    notify(
        event,
        request,
        [*Deciders([request]).waiting(request), *(more or [])],
        text,
        url=request.room,
        params={"who": str(by or ""), "title": request.title},
        by=by,
        campaign=request.campaign_id,
    )


def _shut(request: ApprovalRequest) -> None:
    request.closed_at = timezone.now()
    request.save(update_fields=["closed_at"])
    close(request, *_WAITING)


def withdraw(kind: str, object_id: int, *, by: User) -> None:
    """Close an open request because the thing is changed or gone."""
    for request in ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None):
        _shut(request)
        record_change("approval_withdrawn", request, by=by, campaign=request.campaign_id)


@transaction.atomic
def nudge(request: ApprovalRequest, *, by: User) -> None:
    """Remind those who have to decide; at most once an hour."""
    request = _open(request)
    now = timezone.now()
    if request.nudged_at is not None and now - request.nudged_at < _NUDGE_EVERY:
        raise Refused(
            _("They were reminded less than an hour ago. Call them, if it cannot wait."),
            code="nudged",
        )
    request.nudged_at = now
    request.save(update_fields=["nudged_at"])
    record_change("approval_nudged", request, by=by, campaign=request.campaign_id)
    _tell(request, "approval_asked", _REMINDS, by=by)
    touch(request.campaign)


@transaction.atomic
def hand_on(request: ApprovalRequest, to: User, *, by: User, note: str = "") -> StandIn:
    """Let a colleague decide on this request in one's place."""
    request = _open(request)
    deciders = Deciders([request])
    if not any(by.pk in deciders.named(request, step) for step in request.open_now):
        raise Forbidden(_TEXTS[rules.No.NOT_YOURS], code="not_yours")
    _may_stand_in(to, by)
    if to.pk == request.asked_by_id:
        raise Refused(_TEXTS[rules.No.OWN_REQUEST], code="own_request")
    stand_in, _made = StandIn.objects.get_or_create(
        of=by, to=to, request=request, defaults={"first": today(), "note": note[:200]}
    )
    record_change(
        "approval_handed_on", request, by=by, campaign=request.campaign_id, to=str(to), note=note
    )
    _told_to(request, [to], _HANDED_ON, by=by)
    touch(request.campaign)
    return stand_in


def _told_to(request: ApprovalRequest, to: list[User], text: str, *, by: User) -> None:
    notify(
        "approval_asked",
        request,
        to,
        text,
        url=request.room,
        params={"who": str(by), "title": request.title},
        by=by,
        campaign=request.campaign_id,
    )


@transaction.atomic
def appoint(to: User, first: date, last: date, *, by: User) -> StandIn:
    """Let a colleague decide in one's place from one day to another."""
    if problems := far_away({"/first": first, "/last": last}):
        raise Invalid.of(problems)
    if last < first:
        raise Invalid.at("/last", "ends_before_start", _("The last day is before the first day."))
    _may_stand_in(to, by)
    stand_in = StandIn.objects.create(of=by, to=to, first=first, last=last)
    record_change("stand_in_appointed", stand_in, by=by)
    return stand_in


@transaction.atomic
def dismiss(stand_in: StandIn, *, by: User) -> Change:
    """The colleague does not decide in one's place any more."""
    ends_stand_in(stand_in, by)
    return take_away("stand_in_dismissed", stand_in, by=by)


def ends_stand_in(stand_in: StandIn, by: User) -> None:
    """Refuse all but whose place it is, and owners and admins."""
    if stand_in.of_id != by.pk and by.role not in {"owner", "admin"}:
        raise NotFound


def _may_stand_in(to: User, by: User) -> None:
    if to.pk == by.pk or not to.may("campaigns.see"):
        raise Invalid.at(
            "/to", "cannot_decide", _("%(name)s cannot decide in your place."), name=str(to)
        )


def escalate_overdue(now: datetime) -> int:
    """Tell everybody concerned what is overdue, once; how many requests it were."""
    rows = ApprovalRequest.objects.filter(closed_at=None, escalated_at=None, due_at__lte=now)
    return sum(_escalate(pk, now) for pk in rows.values_list("pk", flat=True))


@transaction.atomic
def _escalate(pk: int, now: datetime) -> bool:
    still = models.Q(closed_at=None, escalated_at=None, due_at__lte=now)
    request = ApprovalRequest.objects.select_for_update().filter(still, pk=pk).first()
    if request is None:
        return False
    request.escalated_at = now
    request.save(update_fields=["escalated_at"])
    record_change("approval_overdue", request, by=None, campaign=request.campaign_id)
    _tell(
        request,
        "approval_overdue",
        _OVERDUE,
        by=None,
        more=[request.asked_by, request.campaign.owner],
    )
    touch(request.campaign)
    return True


def make_link(request: ApprovalRequest, user: User) -> DecisionLink:
    """A link by which this person can decide on this version, once, within a week."""
    return DecisionLink.objects.create(
        request=request,
        user=user,
        fingerprint=request.fingerprint,
        expires_at=timezone.now() + _LINK_WORKS,
    )


@transaction.atomic
def decide_by_link(link: DecisionLink, verdict: str, *, note: str = "") -> Decision:
    """Decide as the person to whom the link was sent; it works once."""
    link = (
        DecisionLink.objects.select_for_update().select_related("user", "request").get(pk=link.pk)
    )
    if link.used_at is not None:
        raise Refused(_("This link was used already."), code="link_used")
    if link.expires_at <= timezone.now() or not link.user.is_active:
        raise Refused(_("This link works no more. Sign in to decide."), code="link_expired")
    if link.fingerprint != link.request.fingerprint:
        raise Refused(_TEXTS[rules.No.CHANGED], code="changed", title=link.request.title)
    decision = decide(link.request, verdict, by=link.user, note=note, by_link=True)
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return decision


def _open(request: ApprovalRequest) -> ApprovalRequest:
    request = ApprovalRequest.objects.select_for_update().get(pk=request.pk)
    if not request.is_open:
        raise closed(request)
    return request


def closed(request: ApprovalRequest) -> Refused:
    """Why nobody decides on a closed request any more."""
    text = _TEXTS[rules.No.CLOSED]
    if not request.was_decided:
        text = _SUPERSEDED if request.newer else _WITHDRAWN
    return Refused(text, code=str(rules.No.CLOSED))


@transaction.atomic
def set_policy(kind: str, steps: list[rules.Step], *, by: User) -> Change | None:
    """Say which signatures things of this kind need; without steps one release is enough again.

    Requests that are open keep the steps with which they were asked.
    """
    if not steps:
        there = Policy.objects.filter(kind=kind).first()
        return take_away("policy_dropped", there, by=by) if there else None
    check_steps(steps)
    with kept(Policy.objects.filter(kind=kind)) as rows:
        policy, _made = Policy.objects.update_or_create(
            kind=kind, defaults={"steps": [rules.kept(step) for step in steps], "by": by}
        )
    return record_change("policy_set", policy, by=by, undo=rows.undo, steps=policy.steps)


def check_steps(steps: list[rules.Step]) -> None:
    """Refuse steps that name nobody, or too many of them."""
    if len(steps) > 12:
        raise Invalid.at("/steps", "too_many", _("A policy has at most 12 steps."))
    for place, step in enumerate(steps):
        if not step.name.strip():
            raise Invalid.at(f"/steps/{place}/name", "blank", _("Give every step a name."))
        if step.who not in list(rules.Who) or step.unit not in {"days", "hours"}:
            raise Invalid.at(
                f"/steps/{place}/who", "unknown", _("“%(name)s” names nobody."), name=step.name
            )
        if step.within < 0 or (step.above is not None and step.above < 0):
            raise Invalid.at(
                f"/steps/{place}/within", "negative", _("Time and sums are zero or more.")
            )
