"""Sends in the API (CH1, CH9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Status

from muster.channels.sending import actions
from muster.channels.sending.checks import checks
from muster.channels.sending.counting import progress, reason_label
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.review import review
from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.consent.keeping import topic_called
from muster.people.masking import masked_email, masked_text
from muster.people.segments.hidden import refuse_hidden
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.team.bodies import Strict, body_of, optional
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import has_scope, scope
from muster.team.users.models import User, Workspace
from muster.ui.middleware import said, worded
from muster.warehouse.rules import parse

router = Router(tags=["sends"])


class NewSend(Strict):
    """Who gets what, when, and who is held out."""

    campaign: str
    name: str = ""
    segment: str | None = None
    rule: dict[str, Any] | None = None
    channel: str = "email"
    topic: str | None = Field(
        None, description="Id or name of a topic: who opted out of it gets nothing."
    )
    content: str | dict[str, Any] | None = Field(
        None, description="Id of an e-mail, or its subject with blocks or html."
    )
    variants: list[dict[str, Any]] | None = Field(
        None, description='[{"name", "content", "share"? | "rule"?}, …] instead of content.'
    )
    holdout: Any = Field(None, description='A share such as 0.1, {"share": 0.1}, or {"rule": R}.')
    at: datetime | None = Field(None, description="When it begins; without it, at the start.")
    not_after: datetime | None = None


class Approve(Strict):
    """How an approval is given."""

    waiver: bool = False
    note: str = ""


class Start(Strict):
    """How a send begins."""

    hold: int = Field(0, ge=0, le=3600, description="Seconds before the first message leaves.")


@router.get("", auth=scope("sends:read"), response=Page[dict[str, Any]])
def list_sends(
    request: HttpRequest, paging: Query[Paging], campaign: str | None = None
) -> dict[str, object]:
    """Sends, newest first."""
    rows = Send.objects.select_related("campaign", "segment", "topic")
    if campaign is not None:
        rows = rows.filter(campaign=found(_campaigns(request), "campaign", campaign))
    return page(rows, paging, shown)


@router.post("", auth=scope("sends:write"), response={201: dict[str, Any]})
def make_send(request: HttpRequest, body: NewSend) -> Status[dict[str, Any]]:
    """Prepare a send; it begins only when it is approved and started."""
    with transaction.atomic():
        return Status(201, shown(_prepared(request, body)))


def _prepared(request: HttpRequest, body: NewSend) -> Send:
    campaign = found(_campaigns(request), "campaign", body.campaign)
    segment = None
    if body.segment is not None:
        segment = found(Segment.objects.filter(deleted_at=None), "segment", body.segment)
    if (segment is None) == (body.rule is None):
        raise Invalid.at(
            "/segment", "no_audience", _("Say who is meant: give either a segment or a rule.")
        )
    if body.rule is not None:
        _check_rule(request, body.rule, "/rule")
    starts_at = body.at
    if starts_at is not None and timezone.is_naive(starts_at):
        starts_at = timezone.make_aware(starts_at, Workspace.here().zone)
    by = _user(request)
    holdout, holdout_rule = _holdout(request, body.holdout)
    if body.variants:
        variants = actions.read_groups(body.variants, campaign, by)
        for place, variant in enumerate(variants):
            if variant.rule is not None:
                _check_rule(request, variant.rule, f"/variants/{place}/rule")
    else:
        email = actions.read_content(body.content, campaign, by, at="/content")
        variants = [actions.NewVariant("A", email)]
    return actions.prepare(
        campaign,
        body.name or variants[0].email.name,
        by=by,
        variants=variants,
        segment=segment,
        rule=body.rule,
        channel=body.channel,
        topic=topic_called(body.topic) if body.topic else None,
        holdout=holdout,
        holdout_rule=holdout_rule,
        starts_at=starts_at,
        not_after=body.not_after,
    )


@router.get("/{send_id}", auth=scope("sends:read"), response=dict[str, Any])
def one_send(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """One send, with its people per state; they add up to the audience."""
    return shown(_send(send_id))


@router.get("/{send_id}/review", auth=scope("sends:read"), response=dict[str, Any])
def review_send(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """Who gets it and who does not, reason by reason."""
    send = _send(send_id)
    found_ = review(send, timezone.now())
    return {
        "audience": found_.audience,
        "lines": [
            {
                "reason": line.reason,
                "label": worded(line.label, {}),
                "people": line.lost,
                "left": line.left,
            }
            for line in found_.lines
        ],
        "left": found_.left,
        "later": found_.later,
        "held_out": found_.held_out,
        "variants": [
            {"id": group.variant.public_id, "name": group.variant.name, "people": group.people}
            for group in found_.groups
        ],
        "emptied_by": found_.emptied_by.reason if found_.emptied_by else None,
        "checks": [
            {"text": str(one), "blocks": one.blocks, "fix_at": one.fix_at} for one in checks(send)
        ],
        "frozen": found_.frozen,
        "as_of": found_.as_of,
    }


@router.post("/{send_id}/ask", auth=scope("sends:write"), response=dict[str, Any])
def ask(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """Ask for approval of the present version."""
    send = _send(send_id)
    actions.ask_approval(send, by=_user(request))
    return shown(_send(send_id))


@router.post(
    "/{send_id}/approve",
    auth=scope("sends:approve"),
    response=dict[str, Any],
    openapi_extra=optional(Approve),
)
def approve(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """Approve the present version; one's own only as an owner with `waiver`, or when alone."""
    body = body_of(request, Approve)
    actions.approve(_send(send_id), by=_user(request), note=body.note, waiver=body.waiver)
    return shown(_send(send_id))


@router.post(
    "/{send_id}/start",
    auth=scope("sends:start"),
    response=dict[str, Any],
    openapi_extra=optional(Start),
)
def start(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """Let it begin; a second start changes nothing."""
    hold = timedelta(seconds=body_of(request, Start).hold)
    return shown(actions.start(_send(send_id), by=_user(request), hold=hold))


@router.post("/{send_id}/pause", auth=scope("sends:pause"), response=dict[str, Any])
def pause(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """No message begins any more, within a second."""
    return shown(actions.pause(_send(send_id), by=_user(request)))


@router.post("/{send_id}/resume", auth=scope("sends:start"), response=dict[str, Any])
def resume(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """Go on after a pause."""
    return shown(actions.resume(_send(send_id), by=_user(request)))


@router.post("/{send_id}/stop", auth=scope("sends:pause"), response=dict[str, Any])
def stop(request: HttpRequest, send_id: str) -> dict[str, Any]:
    """End it for good."""
    return shown(actions.stop(_send(send_id), by=_user(request)))


@router.get("/{send_id}/recipients", auth=scope("sends:read"), response=Page[dict[str, Any]])
def recipients(
    request: HttpRequest,
    send_id: str,
    paging: Query[Paging],
    state: str | None = None,
    reason: str | None = None,
) -> dict[str, object]:
    """Everybody it was meant for, and what became of them."""
    send = _send(send_id)
    rows = Recipient.objects.filter(send=send).select_related("variant")
    if state is not None:
        if state not in Recipient.State.values:
            raise Invalid.at(
                "/state",
                "unknown_state",
                _("There is no state “%(state)s”. Use one of: %(known)s."),
                state=state,
                known=", ".join(Recipient.State.values),
            )
        rows = rows.filter(state=state)
    if reason is not None:
        rows = rows.filter(reason=reason)
    clear = has_scope(request, "people:pii")

    def one(row: Recipient) -> dict[str, Any]:
        return {
            "person": ids.public("person", row.person_id),
            "address": row.address if clear else masked_email(row.address),
            "state": row.state,
            "reason": row.reason or None,
            "reason_label": worded(reason_label(row.reason), {}) if row.reason else None,
            "variant": row.variant.name if row.variant else None,
            "attempt": row.attempt,
            "sent_at": row.sent_at,
            "code": row.code,
            "answer": row.answer if clear else masked_text(row.answer),
            "message_id": row.key,
        }

    return page(rows, paging, one, newest_first=False)


def shown(send: Send) -> dict[str, Any]:
    """A send as the API shows it."""
    counted = progress(send)
    return {
        "id": send.public_id,
        "campaign": send.campaign.public_id,
        "name": send.name,
        "channel": send.channel,
        "topic": ({"id": send.topic.public_id, "name": send.topic.name} if send.topic else None),
        "status": send.status,
        "segment": send.segment.public_id if send.segment else None,
        "rule": send.rule,
        "holdout": float(send.holdout) if send.holdout is not None else None,
        "holdout_rule": send.holdout_rule,
        "variants": [
            {
                "id": variant.public_id,
                "name": variant.name,
                "content": ids.public("email", variant.email_id),
                "share": float(variant.share) if variant.share is not None else None,
                "rule": variant.rule,
            }
            for variant in send.variants.all()
        ],
        "audience": counted.audience if send.is_frozen else None,
        "counts": dict(counted.counts),
        "per_second": counted.per_second,
        "at": send.starts_at,
        "frozen_at": send.frozen_at,
        "started_at": send.started_at,
        "ended_at": send.ended_at,
        "trouble": said(send.trouble) or None,
    }


def _holdout(request: HttpRequest, given: Any) -> tuple[Any, Any]:
    if isinstance(given, dict):
        if "rule" in given:
            _check_rule(request, given["rule"], "/holdout/rule")
            return None, given["rule"]
        given = given.get("share")
    return actions.read_share(given, "/holdout"), None


def _check_rule(request: HttpRequest, rule: Any, at: str) -> None:
    try:
        refuse_hidden(parse(rule), clear=has_scope(request, "people:pii"))
    except Invalid as invalid:
        raise invalid.below(at) from invalid


def _send(public_id: str) -> Send:
    return found(Send.objects.select_related("campaign", "segment", "topic"), "send", public_id)


def _campaigns(request: HttpRequest) -> Any:
    return Campaign.objects.visible_to(_user(request))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
