"""The pages of e-mails (CO3): the list, and the editor whose preview is what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from muster.content.emails import actions, checks, preview, starters, testing
from muster.content.emails import blocks as kinds
from muster.content.emails.blocks import KINDS, Block, Kind
from muster.content.emails.compose import (
    Attempt,
    attempted,
    known_traits,
    mail_of,
)
from muster.content.emails.models import Email
from muster.kit.errors import NotFound
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import page
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.permissions import allow
from muster.team.users.models import User
from muster.ui.middleware import worded
from muster.ui.toasts import toast, trigger
from muster.warehouse.tables import BUILT_IN

LIST = "content/emails/list.html"
CAMPAIGN = "content/emails/campaign.html"
EDITOR = "content/emails/edit.html"
DEVICES = ("desktop", "phone", "text")
_NAMES = {"first_name": _("First name"), "last_name": _("Last name"), "name": _("Whole name")}
_NOT_OFFERED = frozenset({*BUILT_IN, "last_import"})
"""Traits that a mail may use, and hardly ever wants to."""
_PREVIEW_POLICY = (
    "sandbox; default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


@allow("content.see")
@require_GET
def emails(request: TeamRequest) -> HttpResponse:
    """Every e-mail that this person may see, the last written first."""
    rows = Email.objects.visible_to(request.user).select_related("campaign", "by")
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(name__icontains=query) | rows.filter(subject__icontains=query)
    context = {
        "emails": rows.order_by("-updated_at")[:100],
        "query": query,
        "campaigns": Campaign.objects.visible_to(request.user).order_by("-pk")[:100],
        "starters": starters.STARTERS,
        "may_edit": request.user.may("content.edit"),
    }
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


@allow("content.see")
@require_GET
def of_campaign(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The e-mails of one campaign."""
    campaign = _campaign(request, campaign_id)
    rows = Email.objects.visible_to(request.user).filter(campaign=campaign).select_related("by")
    context = page(
        campaign,
        request.user,
        "content",
        emails=rows.order_by("-updated_at"),
        starters=starters.STARTERS,
        may_write=request.user.may("content.edit"),
    )
    return render(request, CAMPAIGN, context)


@allow("content.edit")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """A new e-mail of a campaign, from a starter."""
    campaign = _campaign_by_public(request, request.POST.get("campaign", ""))
    key = request.POST.get("starter", "letter")
    language = request.workspace.language  # type: ignore[attr-defined]
    subject, preheader, blocks = starters.content(key, language)
    name = request.POST.get("name", "").strip() or str(campaign)
    email = actions.make(
        campaign,
        name,
        by=request.user,
        subject=subject,
        preheader=preheader,
        blocks=blocks,
        language=language,
    )
    return redirect("content:edit", email.pk)


@allow("content.see")
@require_GET
def edit(request: TeamRequest, email_id: int) -> HttpResponse:
    """The editor: blocks, preview, fields; only preview and check for those who may not write."""
    email = _email(request, email_id)
    part = request.GET.get("part", "")
    template = f"{EDITOR}#{part}" if part in ("preview", "checks", "fields") else EDITOR
    return render(request, template, _context(request, email))


@allow("content.edit")
@require_POST
def head(request: TeamRequest, email_id: int) -> HttpResponse:
    """Name, subject, preview text and language, saved while they are typed."""
    email = _email(request, email_id)
    given: dict[str, Any] = {
        name: request.POST[name]
        for name in ("name", "subject", "preheader", "language")
        if name in request.POST
    }
    if not given.get("name", "x").strip():
        given.pop("name")
    email = actions.write(email, by=request.user, **given)
    return _changed(HttpResponse(status=204), email)


@allow("content.edit")
@require_POST
def arrange(request: TeamRequest, email_id: int) -> HttpResponse:
    """Add, move, copy or remove a block."""
    email = _email(request, email_id)
    did, chosen = request.POST.get("do", ""), request.POST.get("block", "")
    blocks = [dict(block) for block in email.blocks]
    place = next((i for i, block in enumerate(blocks) if block["id"] == chosen), None)
    if did == "add" and request.POST.get("kind") in KINDS:
        added = kinds.fresh(request.POST["kind"])
        blocks.insert(len(blocks) - 1 if place is None else place + 1, added)
        chosen = str(added["id"])
    elif place is None:
        raise NotFound
    elif did in ("up", "down"):
        other = place - 1 if did == "up" else place + 1
        if 0 <= other < len(blocks):
            blocks[place], blocks[other] = blocks[other], blocks[place]
    elif did == "copy":
        twin = {**blocks[place], "id": kinds.new_id()}
        blocks.insert(place + 1, twin)
        chosen = str(twin["id"])
    elif did == "remove" and not KINDS[str(blocks[place]["kind"])].locked:
        blocks.pop(place)
        chosen = str(blocks[min(place, len(blocks) - 1)]["id"]) if blocks else ""
    email = actions.write(email, by=request.user, blocks=blocks)
    response = render(request, f"{EDITOR}#editor", _context(request, email, chosen))
    if did == "remove":
        change = Change.objects.filter(kind=email._meta.label_lower, object_id=email.pk).last()
        undo = way_back(change)
        toast(response, gettext("The block is gone."), undo=undo)
    return response


@allow("content.edit")
@require_POST
def write_block(request: TeamRequest, email_id: int, block_id: str) -> HttpResponse:
    """The fields of one block, saved while they are typed."""
    email = _email(request, email_id)
    block = actions.block_of(email, block_id)
    kind = KINDS[str(block["kind"])]
    for field in kind.fields:
        if field.kind == "flag":
            block[field.name] = field.name in request.POST
        elif field.name in request.POST:
            written = request.POST[field.name]
            is_number = field.kind == "number" and written.strip().isdecimal()
            block[field.name] = int(written) if is_number else written
    blocks = [block if one["id"] == block_id else one for one in email.blocks]
    email = actions.write(email, by=request.user, blocks=blocks)
    return _changed(HttpResponse(status=204), email)


@allow("content.edit")
@require_POST
def copy(request: TeamRequest, email_id: int) -> HttpResponse:
    """The same e-mail once more."""
    email = _email(request, email_id)
    twin = actions.copy(email, gettext("Copy of %(name)s") % {"name": email.name}, by=request.user)
    return redirect("content:edit", twin.pk)


@allow("content.edit")
@require_POST
def remove(request: TeamRequest, email_id: int) -> HttpResponse:
    """Take the e-mail away, with a way back."""
    change = actions.remove(_email(request, email_id), by=request.user)
    response = HttpResponse(status=200)
    toast(response, gettext("The e-mail is gone."), undo=way_back(change))
    return response


@allow("content.edit")
@require_POST
def test(request: TeamRequest, email_id: int) -> HttpResponse:
    """Send the mail to oneself or a colleague, as the reader of the preview."""
    email = _email(request, email_id)
    to = testing.colleague(request.POST.get("to") or request.user.email)
    values = _values(to, request.POST.get("person") or "typical", by=request.user)
    testing.send_test(email, to=to, values=values, by=request.user)
    response = HttpResponse(status=204)
    return toast(response, gettext("The test is on its way to %(to)s.") % {"to": to.email})


@allow("content.see")
@require_GET
def show_preview(request: TeamRequest, email_id: int) -> HttpResponse:
    """The message alone, as somebody gets it, in a page that may neither run nor load anything."""
    email = _email(request, email_id)
    message = attempted(mail_of(email), known_traits(email)).compiled
    who = request.GET.get("person", "typical")
    done = preview.rendered(message, _values(request.user, who))
    if request.GET.get("device") == "text":
        response = render(request, "content/emails/plain.html", {"text": done.text})
    else:
        response = HttpResponse(preview.lit(done.html, dark=request.GET.get("theme") == "dark"))
    response.headers["Content-Security-Policy"] = _PREVIEW_POLICY
    return response


def _context(request: TeamRequest, email: Email, chosen: str = "") -> dict[str, Any]:
    traits = known_traits(email)
    mail = mail_of(email)
    attempt = attempted(mail, traits)
    blocks = [_listed(block) for block in email.blocks]
    chosen = chosen or request.GET.get("block", "")
    selected = next((one for one in blocks if one["id"] == chosen), None)
    if selected is None:
        editable = [one for one in blocks if one["kind"].fields]
        selected = next((one for one in editable if one["kind"].key != "header"), editable[0])
    device = request.GET.get("device", "desktop")
    return {
        "email": email,
        "blocks": blocks,
        "selected": selected,
        "fields": _fields(selected["kind"], selected["block"]),
        "offered": [kind for kind in KINDS.values() if kind.offered and not kind.locked],
        "findings": _findings(mail, attempt),
        "ready": not attempt.problems,
        "kilobytes": -(-attempt.compiled.html_bytes // 1024),
        "subject_width": checks.cells(email.subject),
        "subject_limit": checks.SUBJECT_CELLS,
        "cases": preview.CASES,
        "person": request.GET.get("person", "typical"),
        "device": device if device in DEVICES else "desktop",
        "devices": [
            ("desktop", gettext("Desktop")),
            ("phone", gettext("Mobile")),
            ("text", gettext("Text")),
        ],
        "mail_theme": "dark" if request.GET.get("theme") == "dark" else "light",
        "tokens": [_token(name) for name in (*_NAMES, *sorted(traits - _NOT_OFFERED))],
        "languages": Email._meta.get_field("language").choices,
        "may_edit": request.user.may("content.edit"),
        "colleagues": User.objects.filter(is_active=True)
        .exclude(pk=request.user.pk)
        .order_by("name")[:200],
    }


def _values(reader: User, who: str, *, by: User | None = None) -> Mapping[str, object]:
    """What `reader` may see of the person, and `by` too, who shows it to them."""
    both = [reader, by or reader]
    return preview.values_for(
        who,
        sees=all(user.may("people.see") for user in both),
        clear=all(user.may("people.pii") for user in both),
    )


def _listed(block: Block) -> dict[str, Any]:
    kind = KINDS[str(block["kind"])]
    said = next(
        (
            str(block[f.name])
            for f in kind.fields
            if f.kind in ("line", "rich") and block.get(f.name)
        ),
        "",
    )
    return {"id": block["id"], "kind": kind, "block": block, "said": preview.short(said)}


def _fields(kind: Kind, block: Block) -> list[dict[str, Any]]:
    return [
        {"field": field, "value": block.get(field.name, field.default)} for field in kind.fields
    ]


def _findings(mail: Any, attempt: Attempt) -> list[dict[str, Any]]:
    shown = []
    for finding in checks.findings(mail, attempt):
        steps = finding.at.split("/")
        block = ""
        if len(steps) > 2 and steps[1] == "blocks" and steps[2].isdecimal():
            block = str(mail.blocks[int(steps[2])]["id"])
        text = worded(finding.text, finding.params)
        shown.append({"blocks": finding.blocks, "text": text, "block": block, "at": finding.at})
    return shown


def _token(name: str) -> dict[str, str]:
    if name not in _NAMES:
        return {"name": name, "source": f"{{{{ {name} }}}}"}
    friend = gettext("friend")
    return {"name": gettext(_NAMES[name]), "source": f'{{{{ {name} | default: "{friend}" }}}}'}


def _changed(response: HttpResponse, email: Email) -> HttpResponse:
    return trigger(response, "email-changed", {"version": str(email.version)})


def _email(request: TeamRequest, email_id: int) -> Email:
    rows = Email.objects.visible_to(request.user).select_related("campaign")
    email = rows.filter(pk=email_id).first()
    if email is None:
        raise NotFound
    return email


def _campaign(request: TeamRequest, campaign_id: int) -> Campaign:
    campaign = Campaign.objects.visible_to(request.user).filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound
    return campaign


def _campaign_by_public(request: TeamRequest, public_id: str) -> Campaign:
    return found(Campaign.objects.visible_to(request.user), "campaign", public_id)
