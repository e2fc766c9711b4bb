"""What people do with sends (CH1, CH9): prepare, ask, start, pause, go on, stop."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from muster.channels.sending.drawing import draw
from muster.channels.sending.fingerprint import fingerprint
from muster.channels.sending.freezing import freeze
from muster.channels.sending.models import Recipient, Send, Variant
from muster.channels.sending.telling import EVENT, STOPPED, tell
from muster.content.emails.actions import make_inline
from muster.content.emails.models import Email
from muster.kit import ids
from muster.kit.days import far_away
from muster.kit.errors import Invalid, Refused, written_down
from muster.kit.words import _
from muster.people.consent.models import Topic
from muster.people.segments.models import Segment
from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import ApprovalRequest, Decision, is_approved, open_request
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.models import Change
from muster.team.notices.actions import close
from muster.team.users.models import User, Workspace

KIND = "send"
"""What plan's approvals call a send."""
TYPED_ABOVE = 10_000
"""Larger sends start only when someone types how many people they go to."""
HOLD = timedelta(seconds=10)
"""After the start nothing leaves for so long, and it can be taken back."""
NOT_LATER_THAN = timedelta(minutes=30)
"""A scheduled send that could not begin so long after its time asks a person."""
Status = Send.Status


@dataclass(frozen=True)
class NewVariant:
    """One variant as it is asked for."""

    name: str
    email: Email
    share: Decimal | None = None
    rule: Any = None


class NotApproved(Refused):
    """Nobody approved this version."""

    code = "not_approved"
    text = _(
        "“%(name)s” is not approved as it is now. Ask for approval; after every change it is"
        " needed anew."
    )


class WrongCount(Refused):
    """A large send was not confirmed with its number of people."""

    code = "confirm_count"
    text = _("This goes to %(count)s people. Type that number to start.")


class NobodyLeft(Refused):
    """The send reaches nobody."""

    code = "empty_audience"
    text = _(
        "Nobody would get “%(name)s”. Look at the review: it says which line removed everyone."
    )


@transaction.atomic
def prepare(
    campaign: Campaign,
    name: str,
    *,
    by: User,
    variants: Sequence[NewVariant],
    segment: Segment | None = None,
    rule: Any = None,
    channel: str = "email",
    holdout: Decimal | None = None,
    holdout_rule: Any = None,
    starts_at: datetime | None = None,
    not_after: datetime | None = None,
    topic: Topic | None = None,
    purpose: str = "marketing",
) -> Send:
    """A new draft. Raises Invalid for groups that do not add up."""
    _check(
        variants, channel=channel, holdout=holdout, has_audience=bool(segment) or rule is not None
    )
    check_beginning(starts_at)
    if starts_at is not None and not_after is None:
        not_after = starts_at + NOT_LATER_THAN
    if starts_at is not None and not_after is not None and not_after < starts_at:
        raise Invalid.at(
            "/not_after",
            "ends_before_start",
            _("The send would begin only after the moment when it is too late for it."),
        )
    send = Send.objects.create(
        campaign=campaign,
        name=_name(name) or campaign.name,
        channel=channel,
        purpose=purpose,
        topic=topic,
        segment=segment,
        rule=rule,
        holdout=holdout or None,
        holdout_rule=holdout_rule,
        starts_at=starts_at,
        not_after=not_after,
        by=by,
    )
    _put_variants(send, variants)
    record_change("prepared", send, by=by, campaign=campaign.pk)
    return send


def check_beginning(starts_at: datetime | None) -> None:
    """Refuse a moment that is over, or so far away that its year must be a slip."""
    if starts_at is None:
        return
    if starts_at < timezone.now() - timedelta(minutes=1):
        raise Invalid.at(
            "/at", "past", _("This moment is over. Choose a later one, or leave it empty.")
        )
    if problems := far_away({"/at": starts_at.date()}):
        raise Invalid.of(problems)


@transaction.atomic
def change(
    send: Send, *, by: User, variants: Sequence[NewVariant] | None = None, **fields: Any
) -> Send:
    """Change a draft; an approval that was given or asked for falls away."""
    send = Send.objects.select_for_update().get(pk=send.pk)
    if not send.is_editable:
        raise Refused(_("“%(name)s” has begun and cannot be changed any more."), name=send.name)
    if fields.get("starts_at", send.starts_at) != send.starts_at:
        check_beginning(fields["starts_at"])
    for field, value in fields.items():
        setattr(send, field, value)
    if "starts_at" in fields and "not_after" not in fields:
        send.not_after = send.starts_at + NOT_LATER_THAN if send.starts_at else None
    if variants is not None:
        _check(variants, channel=send.channel, holdout=send.holdout, has_audience=True)
        send.variants.all().delete()
        _put_variants(send, variants)
    send.status = Status.DRAFT
    send.approved = ""
    send.generation += 1
    send.save()
    approvals.withdraw(KIND, send.pk, by=by)
    record_change("changed", send, by=by, campaign=send.campaign_id)
    return send


@transaction.atomic
def remove(send: Send, *, by: User) -> Change:
    """Take away a draft that nobody will send."""
    if not send.is_editable:
        raise Refused(
            _("“%(name)s” has begun and stays as proof of what was sent."), name=send.name
        )
    approvals.withdraw(KIND, send.pk, by=by)
    return take_away("removed", send, by=by, campaign=send.campaign_id)


def ask_approval(send: Send, *, by: User, note: str = "") -> ApprovalRequest:
    """Ask that this version may go out."""
    if not send.is_editable:
        raise Refused(_("“%(name)s” has begun and cannot be changed any more."), name=send.name)
    with transaction.atomic():
        request = approvals.ask(
            KIND,
            send.pk,
            title=send.name,
            url=f"/sends/{send.public_id}/review",
            fingerprint=fingerprint(send),
            campaign=send.campaign,
            by=by,
            note=note,
        )
        _move(send, Status.IN_REVIEW, from_=(Status.DRAFT, Status.APPROVED, Status.MISSED))
    send.refresh_from_db()
    return request


@transaction.atomic
def approve(send: Send, *, by: User, note: str = "", waiver: bool = False) -> Decision | None:
    """Approve the present version, asking for it first where nobody did; None if it already is.

    One's own request can be approved only as an owner with `waiver`, which is written down, or
    where nobody else could: the workspace has a single active user.
    """
    mark = fingerprint(send)
    if is_approved(KIND, send.pk, mark):
        return None
    request = open_request(KIND, send.pk)
    if request is None or request.fingerprint != mark:
        request = ask_approval(send, by=by)
    waiver = waiver or is_alone(by)
    return approvals.decide(request, Decision.Verdict.APPROVED, by=by, note=note, waiver=waiver)


def is_alone(user: User) -> bool:
    """Whether nobody else works here who could give a second look."""
    return user.role == "owner" and User.objects.filter(is_active=True).count() == 1


def send_back(send: Send, *, by: User, note: str) -> Decision:
    """Say what has to change before it may go out."""
    request = open_request(KIND, send.pk)
    if request is None:
        raise Refused(_("Nobody has asked for approval of “%(name)s”."), name=send.name)
    return approvals.decide(request, Decision.Verdict.SENT_BACK, by=by, note=note)


def start(
    send: Send,
    *,
    by: User | None,
    typed: int | str | None = None,
    ask_count: bool = False,
    hold: timedelta = timedelta(0),
    now: datetime | None = None,
) -> Send:
    """Let an approved send begin, now or at its time; starting it twice starts it once.

    With `ask_count`, a large send begins only if `typed` is the number of people it goes to.
    Refused while it is not approved as it is now, or reaches nobody.
    """
    now = now or timezone.now()
    send.refresh_from_db()
    if send.frozen_at is not None or (send.status == Status.SCHEDULED and by is not None):
        return send
    mark = fingerprint(send)
    if not is_approved(KIND, send.pk, mark):
        raise NotApproved(name=send.name)
    if send.campaign.status == Campaign.Status.REVIEWED:
        raise Refused(
            _("The campaign of “%(name)s” is closed. Nothing more is sent in it."), name=send.name
        )
    if send.campaign.deleted_at is not None or send.campaign.status == Campaign.Status.ARCHIVED:
        raise Refused(
            _("The campaign of “%(name)s” is put away. Bring it back first."), name=send.name
        )
    if send.starts_at is not None and send.starts_at > now:
        _schedule(send, mark, by=by)
        return send
    drawn = draw(send)
    with transaction.atomic():
        may_begin = Send.EDITABLE if by is not None else (Status.SCHEDULED,)
        rows = Send.objects.filter(pk=send.pk, frozen_at=None, status__in=may_begin)
        begun = rows.update(
            status=Status.SENDING,
            frozen_at=now,
            started_at=now + hold,
            approved=mark,
            trouble="",
            generation=F("generation") + 1,
        )
        if not begun:
            send.refresh_from_db()
            return send
        send.refresh_from_db()
        size = freeze(send, drawn, now)
        Send.objects.filter(pk=send.pk).update(audience_size=size)
        left = Recipient.objects.filter(send=send, state=Recipient.State.QUEUED).count()
        if not left:
            raise NobodyLeft(name=send.name)
        if ask_count and left > TYPED_ABOVE and _number(typed) != left:
            raise WrongCount(count=left)
        # It may go out before its campaign is launched; whoever reads the activities sees that.
        verb = "started_early" if send.campaign.is_planned else "started"
        record_change(verb, send, by=by, campaign=send.campaign_id, people=left)
    send.refresh_from_db()
    return send


def start_due(now: datetime) -> int:
    """Begin what is scheduled and whose time has come; how many began. None while all is halted."""
    begun = 0
    if Workspace.here().halted:
        return begun
    for send in Send.objects.waiting().filter(starts_at__lte=now).select_related("campaign"):
        if send.not_after is not None and now > send.not_after:
            _move(send, Status.MISSED, from_=(Status.SCHEDULED,))
            continue
        try:
            start(send, by=None, now=now)
        except Refused as refused:
            _move(
                send, Status.MISSED, from_=(Status.SCHEDULED,), trouble=written_down(refused, 300)
            )
        else:
            begun += 1
    return begun


def unschedule(send: Send, *, by: User) -> Send:
    """Take a scheduled send back; it stays approved."""
    _move(send, Status.APPROVED, from_=(Status.SCHEDULED,))
    record_change("unscheduled", send, by=by, campaign=send.campaign_id)
    return send


def pause(send: Send, *, by: User) -> Send:
    """No message begins any more, within a second."""
    if _move(send, Status.PAUSED, from_=(Status.SENDING,)):
        record_change("paused", send, by=by, campaign=send.campaign_id)
    elif send.status != Status.PAUSED:
        raise Refused(_("“%(name)s” is not being sent now."), name=send.name)
    return send


def resume(send: Send, *, by: User) -> Send:
    """Go on where it was paused."""
    if _move(send, Status.SENDING, from_=(Status.PAUSED,), trouble=""):
        close(send, EVENT)
        record_change("resumed", send, by=by, campaign=send.campaign_id)
    elif send.status != Status.SENDING:
        raise Refused(_("“%(name)s” is not paused."), name=send.name)
    return send


@transaction.atomic
def stop(send: Send, *, by: User) -> Send:
    """End it for good: whoever has not got the message does not get it any more."""
    if send.status == Status.SCHEDULED:
        return unschedule(send, by=by)
    now = timezone.now()
    if _move(send, Status.STOPPED, from_=(Status.SENDING, Status.PAUSED), ended_at=now):
        waiting = [Recipient.State.QUEUED, Recipient.State.RETRY]
        Recipient.objects.filter(send=send, state__in=waiting).update(
            state=Recipient.State.STOPPED, due_at=None
        )
        record_change("stopped", send, by=by, campaign=send.campaign_id)
        tell(send, STOPPED, by=by)
    elif send.status != Status.STOPPED:
        raise Refused(_("“%(name)s” is not being sent now."), name=send.name)
    return send


def decided(request: ApprovalRequest, decision: Decision) -> None:
    """What an approval, or a refusal of it, brings about."""
    send = Send.objects.filter(pk=request.object_id).first()
    if send is None or not send.is_editable:
        return
    if decision.verdict == Decision.Verdict.APPROVED:
        _move(send, Status.APPROVED, from_=Send.EDITABLE, approved=request.fingerprint)
    else:
        _move(send, Status.DRAFT, from_=Send.EDITABLE, approved="")


def _name(text: str) -> str:
    """A name from a subject: what is filled in for each person is left out."""
    plain = re.sub(r"\{[{%].*?[}%]\}", "", text)
    return " ".join(plain.split()).strip(" ,，、")[:120]


def _number(typed: int | str | None) -> int | None:
    digits = "".join(c for c in str(typed or "") if c.isdigit())
    return int(digits) if digits else None


def _schedule(send: Send, mark: str, *, by: User | None) -> None:
    if _move(send, Status.SCHEDULED, from_=Send.EDITABLE, approved=mark):
        record_change("scheduled", send, by=by, campaign=send.campaign_id)


def _move(send: Send, to: str, *, from_: Sequence[str], **fields: Any) -> bool:
    """Change the status if it is still one of those; then the object knows it too."""
    moved = Send.objects.filter(pk=send.pk, status__in=[str(s) for s in from_]).update(
        status=to, generation=F("generation") + 1, **fields
    )
    send.refresh_from_db()
    return bool(moved)


def _put_variants(send: Send, variants: Sequence[NewVariant]) -> None:
    Variant.objects.bulk_create(
        Variant(
            send=send,
            position=place,
            name=variant.name,
            email=variant.email,
            share=variant.share,
            rule=variant.rule,
        )
        for place, variant in enumerate(variants)
    )


def _check(
    variants: Sequence[NewVariant], *, channel: str, holdout: Decimal | None, has_audience: bool
) -> None:
    if channel != "email":
        raise Invalid.at(
            "/channel", "unknown_channel", _("Messages go out by e-mail. Use “email”.")
        )
    if not has_audience:
        raise Invalid.at(
            "/segment", "no_audience", _("Say who is meant: give a segment or a rule.")
        )
    if not variants:
        raise Invalid.at("/content", "no_content", _("Say what is sent: choose an e-mail."))
    if len(variants) > 20:
        raise Invalid.at("/variants", "too_many", _("At most 20 variants can be compared."))
    if len({variant.name for variant in variants}) < len(variants):
        raise Invalid.at("/variants", "same_name", _("Two variants have the same name."))
    if holdout is not None and not 0 <= holdout < 1:
        raise Invalid.at(
            "/holdout",
            "bad_share",
            _("The hold-out is a share from 0 to less than 1, such as 0.1 for one in ten."),
        )
    if any(variant.share is not None and variant.share <= 0 for variant in variants):
        raise Invalid.at("/variants", "bad_share", _("The share of a variant is more than 0."))
    total = sum((variant.share or Decimal(0) for variant in variants), Decimal(0))
    given = [variant for variant in variants if variant.share is not None]
    if given and (len(given) + sum(v.rule is not None for v in variants) < len(variants)):
        raise Invalid.at(
            "/variants", "some_shares", _("Give every variant a share, or none of them.")
        )
    if given and abs(total - 1) > Decimal("0.001"):
        raise Invalid.at(
            "/variants",
            "shares_add_up",
            _("The shares of the variants add up to %(total)s; they must add up to 1."),
            total=total.normalize(),
        )


def read_share(value: Any, at: str) -> Decimal | None:
    """A share from a request; raises Invalid for what is no number."""
    if value is None or value == "":
        return None
    try:
        share = Decimal(str(value)).quantize(Decimal("0.00001"))
    except InvalidOperation:
        share = None
    if share is None or not share.is_finite():
        raise Invalid.at(at, "bad_share", _("A share is a number such as 0.1 for one in ten."))
    return share


def read_groups(
    given: Sequence[Mapping[str, Any]], campaign: Campaign, by: User
) -> list[NewVariant]:
    """Variants as the API gives them: name, content, and a share or a rule."""
    return [
        NewVariant(
            name=str(one.get("name") or chr(65 + place))[:60],
            email=read_content(one.get("content"), campaign, by, at=f"/variants/{place}/content"),
            share=read_share(one.get("share"), f"/variants/{place}/share"),
            rule=one.get("rule"),
        )
        for place, one in enumerate(given)
    ]


def read_content(content: Any, campaign: Campaign, by: User, *, at: str) -> Email:
    """An e-mail by its public id, or made from what is given."""
    if isinstance(content, Mapping):
        try:
            return make_inline(campaign, content, by=by)
        except Invalid as invalid:
            raise invalid.below(at) from invalid
    number = ids.number("email", str(content or ""))
    found = Email.objects.filter(pk=number, deleted_at=None).first() if number else None
    if found is None:
        raise Invalid.at(
            at, "unknown_email", _("There is no such e-mail. Give its id, such as eml_7F3KQ2WA.")
        )
    return found
