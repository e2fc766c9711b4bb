"""The list of sends (S30), the review before one (S31), and its progress (S32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.channels.decide.rules import LABELS, Reason
from muster.channels.sending import actions, halting
from muster.channels.sending.checks import checks
from muster.channels.sending.content import message_of
from muster.channels.sending.counting import (
    CAUSES,
    answers,
    causes,
    progress,
    reason_label,
)
from muster.channels.sending.fingerprint import fingerprint
from muster.channels.sending.forms import FindForm, SendForm
from muster.channels.sending.models import Recipient, Send, Variant
from muster.channels.sending.review import people_behind, review
from muster.channels.sending.why import why
from muster.content.emails import preview as previews
from muster.content.emails.compose import attempted, known_traits, mail_of
from muster.kit import ids
from muster.kit.errors import NotFound
from muster.people.masking import masked_email, masked_text
from muster.people.profile.models import Person
from muster.people.profile.names import split_name
from muster.people.segments.showing import shown
from muster.plan.approvals.models import is_approved, open_request
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page as campaign_page
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.ui.middleware import worded

LIST = "channels/sends/sends.html"
CAMPAIGN = "channels/sends/campaign.html"
NEW = "channels/sends/new.html"
REVIEW = "channels/sends/review.html"
SEND = "channels/sends/send.html"
PER_PAGE = 50
CHIPS = {
    Send.Status.DRAFT: ("", ""),
    Send.Status.IN_REVIEW: ("warn", "clock"),
    Send.Status.APPROVED: ("info", "check"),
    Send.Status.SCHEDULED: ("info", "calendar"),
    Send.Status.SENDING: ("good", "dot"),
    Send.Status.PAUSED: ("warn", "player-pause"),
    Send.Status.DONE: ("good", "check"),
    Send.Status.STOPPED: ("bad", "player-stop"),
    Send.Status.MISSED: ("bad", "alert-triangle"),
}
"""Status → kind of chip and its icon."""


@dataclass(frozen=True)
class Row:
    """One send in a list."""

    send: Send
    chip: tuple[str, str]
    people: int | None
    sent: int
    failed: int


@allow("sends.see")
def sends(request: TeamRequest) -> HttpResponse:
    """Everything that left, leaves or will leave."""
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(request.user))
    return render(request, LIST, {"rows": _rows(rows), **_may(request)})


@allow("sends.see")
def of_campaign(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The sends of one campaign."""
    campaign = of_page(request, campaign_id)
    rows = _rows(Send.objects.filter(campaign=campaign))
    return render(
        request,
        CAMPAIGN,
        campaign_page(campaign, request.user, "sends", rows=rows, **_may(request)),
    )


@allow("sends.edit")
@require_http_methods(["GET", "POST"])
def new(request: TeamRequest) -> HttpResponse:
    """Who, what, when: a draft, and then its review."""
    if request.method == "POST":
        form = SendForm(request.POST, user=request.user)
        if form.is_valid():
            said = form.cleaned_data
            send = actions.prepare(
                said["campaign"],
                said["name"] or said["email"].name,
                by=request.user,
                variants=_variants(said),
                segment=said["segment"],
                topic=said["topic"],
                holdout=said["holdout"],
                starts_at=said["starts_at"],
            )
            return redirect("channels:review", send_id=send.pk)
        return render(request, NEW, {"form": form}, status=422)
    number = ids.number("campaign", request.GET.get("campaign", ""))
    segment = ids.number("segment", request.GET.get("segment", ""))
    initial = {"campaign": number, "segment": segment, "holdout": 10, "starts_at": _at(request)}
    form = SendForm(initial=initial, user=request.user)
    return render(request, NEW, {"form": form})


def _at(request: TeamRequest) -> datetime | None:
    """Ten o'clock on the day that the calendar asks for, if that is still to come."""
    try:
        day = date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        return None
    moment = datetime.combine(day, time(10), timezone.get_current_timezone())
    return moment if moment > timezone.now() else None


@allow("sends.edit")
@require_http_methods(["GET", "POST"])
def edit(request: TeamRequest, send_id: int) -> HttpResponse:
    """Change a draft; its approval falls away."""
    send = _send(request, send_id)
    variants = list(send.variants.all())
    if request.method == "POST":
        form = SendForm(request.POST, user=request.user, send=send)
        if form.is_valid():
            said = form.cleaned_data
            fields = {
                "name": said["name"] or said["email"].name,
                "topic": said["topic"],
                "holdout": said["holdout"],
                "starts_at": said["starts_at"],
            }
            if said["segment"] is not None:
                fields.update(segment=said["segment"], rule=None)
            actions.change(send, by=request.user, variants=_variants(said), **fields)
            return redirect("channels:review", send_id=send.pk)
        return render(request, NEW, {"form": form, "send": send}, status=422)
    initial = {
        "segment": send.segment_id,
        "topic": send.topic_id,
        "email": variants[0].email_id,
        "second": variants[1].email_id if len(variants) > 1 else None,
        "holdout": send.holdout * 100 if send.holdout else None,
        "starts_at": send.starts_at,
        "name": send.name,
    }
    form = SendForm(initial=initial, user=request.user, send=send)
    return render(request, NEW, {"form": form, "send": send})


@allow("sends.edit")
@require_POST
def remove(request: TeamRequest, send_id: int) -> HttpResponse:
    """Take a draft away."""
    send = _send(request, send_id)
    campaign = send.campaign_id
    change = actions.remove(send, by=request.user)
    messages.success(request, gettext("The draft is removed."), extra_tags=way_back(change))
    return redirect("channels:campaign", campaign_id=campaign)


@allow("sends.see")
def show_review(request: TeamRequest, send_id: int) -> HttpResponse:
    """Who gets it and who does not, before it begins."""
    send = _send(request, send_id)
    found = review(send, timezone.now())
    mark = fingerprint(send)
    asked = open_request(actions.KIND, send.pk)
    decision = is_approved(actions.KIND, send.pk, mark)
    findings = checks(send)
    context = {
        "send": send,
        "chip": CHIPS[Send.Status(send.status)],
        "review": found,
        "lines": [(line, worded(line.label, {})) for line in found.shown],
        "variants": list(send.variants.select_related("email")),
        "findings": findings,
        "blocked": any(finding.blocks for finding in findings),
        "mark": mark,
        "decision": decision,
        "asked": asked if asked is not None and asked.fingerprint == mark else None,
        "asked_before": asked is not None and asked.fingerprint != mark,
        "is_own": asked is not None and asked.asked_by_id == request.user.pk,
        "may_waive": request.user.role == "owner",
        "asks_count": found.left > actions.TYPED_ABOVE,
        "hold_seconds": int(actions.HOLD.total_seconds()),
        "emptied_by": worded(found.emptied_by.label, {}) if found.emptied_by else "",
        "cases": previews.CASES,
        **_may(request),
    }
    return render(request, f"{REVIEW}#who" if request.htmx else REVIEW, context)


@allow("sends.see")
def people(request: TeamRequest, send_id: int) -> HttpResponse:
    """Some of the people behind one line of the review, masked: a drawer of that page."""
    send = _send(request, send_id)
    if not request.htmx:
        return redirect("channels:review", send_id=send.pk)
    reason = request.GET.get("reason", "")
    if reason and reason not in {str(member) for member in Reason}:
        raise NotFound
    after = request.GET.get("after", "0")
    found = people_behind(
        send, reason, limit=PER_PAGE + 1, after=int(after) if after.isdecimal() else 0
    )
    more = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    context = {
        "send": send,
        "reason": reason,
        "title": worded(LABELS[Reason(reason)], {}) if reason else gettext("Will get it"),
        "people": shown(found[:PER_PAGE], clear=request.user.may("people.pii")),
        "after": more,
    }
    return render(request, "channels/sends/people.html", context)


@allow("sends.see")
def why_one(request: TeamRequest, send_id: int) -> HttpResponse:
    """One person, one sentence: a part of the review page."""
    send = _send(request, send_id)
    if not request.htmx:
        return redirect("channels:review", send_id=send.pk)
    asked = request.GET.get("who", "").strip()
    person = _person(asked) if request.user.may("people.see") and asked else None
    answer = why(send, person) if person else None
    sentence = worded(answer.sentence, answer.params) if answer else ""
    context = {
        "wanted": asked,
        "person": person,
        "who": shown([person.pk], clear=request.user.may("people.pii")) if person else [],
        "answer": answer,
        "sentence": sentence if request.user.may("people.pii") else masked_text(sentence),
    }
    return render(request, f"{REVIEW}#answer", context)


@allow("sends.see")
def preview(request: TeamRequest, send_id: int, variant_id: int) -> HttpResponse:
    """What one typical reader will see, in a frame without rights."""
    send = _send(request, send_id)
    variant = Variant.objects.filter(send=send, pk=variant_id).select_related("email").first()
    if variant is None:
        raise NotFound
    if variant.compiled is not None:
        message = message_of(variant.compiled)
    else:
        message = attempted(mail_of(variant.email), known_traits(variant.email)).compiled
    case = request.GET.get("as", previews.CASES[0].key)
    if case not in {one.key for one in previews.CASES}:
        raise NotFound
    seen = previews.rendered(
        message,
        previews.values_for(
            case, sees=request.user.may("people.see"), clear=request.user.may("people.pii")
        ),
    )
    response = HttpResponse(seen.html)
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@allow("sends.edit")
@require_POST
def ask(request: TeamRequest, send_id: int) -> HttpResponse:
    """Ask for approval."""
    send = _send(request, send_id)
    actions.ask_approval(send, by=request.user, note=request.POST.get("note", ""))
    return _done(request, send, gettext("Approval is asked for."), "channels:review")


@allow("approvals.decide")
@require_POST
def approve(request: TeamRequest, send_id: int) -> HttpResponse:
    """Approve what is shown."""
    send = _send(request, send_id)
    actions.approve(send, by=request.user, waiver="waiver" in request.POST)
    return _done(request, send, gettext("Approved."), "channels:review")


@allow("approvals.decide")
@require_POST
def send_back(request: TeamRequest, send_id: int) -> HttpResponse:
    """Say what has to change."""
    send = _send(request, send_id)
    actions.send_back(send, by=request.user, note=request.POST.get("note", ""))
    return _done(request, send, gettext("Sent back."), "channels:review")


@allow("sends.start")
@require_POST
def start(request: TeamRequest, send_id: int) -> HttpResponse:
    """Let it begin; a double click begins it once."""
    send = actions.start(
        _send(request, send_id),
        by=request.user,
        typed=request.POST.get("count"),
        ask_count=True,
        hold=actions.HOLD,
    )
    return _done(request, send, "", "channels:send")


@allow("sends.pause")
@require_POST
def pause(request: TeamRequest, send_id: int) -> HttpResponse:
    """No message begins any more."""
    send = actions.pause(_send(request, send_id), by=request.user)
    return _done(request, send, gettext("Paused."), "channels:send")


@allow("settings.manage")
@require_POST
def release(request: TeamRequest) -> HttpResponse:
    """Let messages leave again."""
    halting.release(by=request.user)
    messages.success(request, gettext("Messages may leave again."))
    return redirect("channels:sends")


@allow("sends.start")
@require_POST
def resume(request: TeamRequest, send_id: int) -> HttpResponse:
    """Go on."""
    send = actions.resume(_send(request, send_id), by=request.user)
    return _done(request, send, gettext("Sending goes on."), "channels:send")


@allow("sends.pause")
@require_POST
def stop(request: TeamRequest, send_id: int) -> HttpResponse:
    """End it for good."""
    send = actions.stop(_send(request, send_id), by=request.user)
    return _done(request, send, gettext("Stopped."), "channels:send")


@allow("sends.see")
def send(request: TeamRequest, send_id: int) -> HttpResponse:
    """How far it is, and what became of everybody."""
    found = _send(request, send_id)
    if not found.is_frozen and found.status != Send.Status.SCHEDULED:
        return redirect("channels:review", send_id=found.pk)
    context = {**_progress(request, found), **_recipients(request, found)}
    return render(request, f"{SEND}#live" if request.htmx else SEND, context)


@allow("sends.see")
def recipients(request: TeamRequest, send_id: int) -> HttpResponse:
    """Everybody it was meant for, filtered."""
    found = _send(request, send_id)
    context = {"send": found, **_recipients(request, found)}
    if request.htmx:
        return render(request, f"{SEND}#rows", context)
    return render(request, SEND, {**_progress(request, found), **context})


def _progress(request: TeamRequest, send: Send) -> dict[str, Any]:
    now = timezone.now()
    counted = progress(send, now)
    state = Recipient.State
    ended = send.ended_at or now
    began = send.started_at or now
    holds = send.started_at is not None and send.started_at > now
    return {
        "send": send,
        "chip": CHIPS[Send.Status(send.status)],
        "progress": counted,
        "counts": [
            (key, label, counted.counts[key]) for key, label in state.choices if counted.counts[key]
        ],
        "failures": _causes(send, [state.FAILED]),
        "unknown": _causes(send, [state.UNKNOWN]),
        "skipped": _causes(send, [state.SKIPPED]),
        "answers": [
            (code, answer if request.user.may("people.pii") else masked_text(answer), many)
            for code, answer, many in answers(send)
        ],
        "groups": _groups(send),
        "holds": holds,
        "seconds": max(0, (ended - began).total_seconds()) if not holds else 0,
        **_may(request),
    }


def _causes(send: Send, states: list[str]) -> list[tuple[str, str, int]]:
    return [(reason, worded(label, {}), many) for reason, label, many in causes(send, states)]


def _groups(send: Send) -> list[tuple[str, int, int]]:
    state = Recipient.State
    rows = (
        Recipient.objects.filter(send=send, variant__isnull=False)
        .order_by()
        .values_list("variant_id")
        .annotate(people=Count("id"), sent=Count("id", filter=Q(state=state.SENT)))
    )
    found = {variant: (people, sent) for variant, people, sent in rows}
    return [(v.name, *found.get(v.pk, (0, 0))) for v in send.variants.all()]


def _recipients(request: TeamRequest, send: Send) -> dict[str, Any]:
    form = FindForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    rows = Recipient.objects.filter(send=send).select_related("variant").order_by("pk")
    if wanted.get("state"):
        rows = rows.filter(state=wanted["state"])
    if wanted.get("reason"):
        rows = rows.filter(reason=wanted["reason"])
    after = request.GET.get("after", "")
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: PER_PAGE + 1])
    clear = request.user.may("people.pii")
    names = {one.pk: one for one in shown([row.person_id for row in found], clear=clear)}
    return {
        "find": form,
        "wanted": wanted,
        "rows": [
            {
                "row": row,
                "person": names.get(row.person_id),
                "address": row.address if clear else masked_email(row.address),
                "answer": row.answer if clear else masked_text(row.answer),
                "why": worded(reason_label(row.reason), {}) if row.reason else "",
            }
            for row in found[:PER_PAGE]
        ],
        "after": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "causes": CAUSES,
    }


def _rows(rows: Any) -> list[Row]:
    state = Recipient.State
    found = list(rows.newest()[:200])
    counted = {
        number: (sent, failed)
        for number, sent, failed in Recipient.objects.filter(send__in=found)
        .order_by()
        .values_list("send_id")
        .annotate(
            sent=Count("id", filter=Q(state=state.SENT)),
            failed=Count("id", filter=Q(state__in=[state.FAILED, state.UNKNOWN])),
        )
    }
    return [
        Row(
            send=one,
            chip=CHIPS[Send.Status(one.status)],
            people=one.audience_size,
            sent=counted.get(one.pk, (0, 0))[0],
            failed=counted.get(one.pk, (0, 0))[1],
        )
        for one in found
    ]


def _variants(said: dict[str, Any]) -> list[actions.NewVariant]:
    emails = [said["email"], *([said["second"]] if said["second"] else [])]
    return [actions.NewVariant(chr(65 + place), email) for place, email in enumerate(emails)]


def _may(request: TeamRequest) -> dict[str, bool]:
    user = request.user
    return {
        "may_edit_sends": user.may("sends.edit"),
        "may_start": user.may("sends.start"),
        "may_pause": user.may("sends.pause"),
        "may_decide": user.may("approvals.decide"),
        "may_release": user.may("settings.manage"),
    }


def _send(request: TeamRequest, number: int) -> Send:
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(request.user))
    found = rows.select_related("campaign", "segment", "by").filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _person(asked: str) -> Person | None:
    people = Person.objects.present()
    number = ids.number("person", asked)
    if number is not None:
        return people.filter(pk=number).first()
    return (
        people.filter(Q(email=asked.lower()) | Q(external_id=asked) | Q(phone=asked)).first()
        or people.filter(Q(first_name=asked) | Q(last_name=asked)).first()
        or _by_whole_name(asked)
    )


def _by_whole_name(asked: str) -> Person | None:
    first, last = split_name(asked)
    return Person.objects.present().filter(first_name=first, last_name=last).first()


def _done(request: TeamRequest, send: Send, said: str, to: str) -> HttpResponse:
    if said:
        messages.success(request, said)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse(to, args=[send.pk])})
    return redirect(to, send_id=send.pk)
