"""E-mails through the API (CO3)."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field as Part

from muster.content.emails import actions, checks, preview
from muster.content.emails.compose import attempted, compile, known_traits, mail_of
from muster.content.emails.models import Email
from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.ui.middleware import worded

router = Router(tags=["emails"])


class EmailOut(Schema):
    """One e-mail."""

    id: str
    campaign: str
    name: str
    subject: str
    preheader: str
    language: str
    blocks: list[dict[str, Any]]
    text: str
    traits: list[str]
    version: int
    fingerprint: str
    created_at: str
    updated_at: str


class EmailIn(Schema):
    """What a new e-mail says; `html` instead of `blocks` for a body that was made elsewhere."""

    campaign: str
    name: str = ""
    subject: str = ""
    preheader: str = ""
    language: str = ""
    blocks: list[Any] | None = None
    html: str | None = None
    text: str = ""
    draft: bool = Part(False, description="Keep it although it could not be sent as it is.")


class EmailPatch(Schema):
    """What changes; `version` is the one that was read."""

    name: str | None = None
    subject: str | None = None
    preheader: str | None = None
    language: str | None = None
    blocks: list[Any] | None = None
    text: str | None = None
    version: int | None = None
    draft: bool = False


class FindingOut(Schema):
    """Something that should be mended."""

    severity: str
    code: str
    at: str
    detail: str


class ChecksOut(Schema):
    """What the inbox check found."""

    ready: bool
    html_bytes: int
    findings: list[FindingOut]


class LinkOut(Schema):
    """One tracked link."""

    url: str
    label: str


class PreviewOut(Schema):
    """The message as one reader gets it."""

    subject: str
    html: str
    text: str
    links: list[LinkOut]


def show(email: Email) -> dict[str, Any]:
    return {
        "id": email.public_id,
        "campaign": ids.public("campaign", email.campaign_id),
        "name": email.name,
        "subject": email.subject,
        "preheader": email.preheader,
        "language": email.language,
        "blocks": email.blocks,
        "text": email.text,
        "traits": email.traits,
        "version": email.version,
        "fingerprint": email.fingerprint(),
        "created_at": email.created_at.isoformat(),
        "updated_at": email.updated_at.isoformat(),
    }


@router.get("", auth=scope("content:read"), response=Page[EmailOut])
def emails(request: TeamRequest, paging: Query[Paging], campaign: str = "") -> dict[str, object]:
    """E-mails, the newest first; of one campaign if it is named."""
    rows = Email.objects.visible_to(request.user)
    if campaign:
        rows = rows.filter(campaign=_campaign(request, campaign))
    return page(rows, paging, show)


@router.post("", auth=scope("content:write"), response={201: EmailOut})
def add(request: TeamRequest, body: EmailIn) -> Status[dict[str, Any]]:
    """Make an e-mail; refused with every problem unless it is ready, or `draft` is said."""
    campaign = _campaign(request, body.campaign)
    blocks: object = body.blocks or []
    if body.html is not None:
        blocks = [{"kind": "html", "html": body.html}]
    email = actions.make(
        campaign,
        body.name or body.subject or campaign.name,
        by=request.user,
        subject=body.subject,
        preheader=body.preheader,
        blocks=blocks,
        text=body.text,
        language=body.language,
        ready=not body.draft,
    )
    return Status(201, show(email))


@router.get("/{email_id}", auth=scope("content:read"), response=EmailOut)
def one(request: TeamRequest, email_id: str) -> dict[str, Any]:
    """One e-mail."""
    return show(_email(request, email_id))


@router.patch("/{email_id}", auth=scope("content:write"), response=EmailOut)
def change(request: TeamRequest, email_id: str, body: EmailPatch) -> dict[str, Any]:
    """Change some of it; the answer has a new version and fingerprint."""
    fields = body.dict(exclude_unset=True, exclude={"version", "draft"})
    fields = {name: value for name, value in fields.items() if value is not None}
    email = actions.write(
        _email(request, email_id),
        by=request.user,
        version=body.version,
        ready=not body.draft,
        **fields,
    )
    return show(email)


@router.delete("/{email_id}", auth=scope("content:write"), response={204: None})
def remove(request: TeamRequest, email_id: str) -> Status[None]:
    """Take it away; it can be brought back in the pages for ten minutes."""
    actions.remove(_email(request, email_id), by=request.user)
    return Status(204, None)


@router.get("/{email_id}/preview", auth=scope("content:read"), response=PreviewOut)
def show_preview(request: TeamRequest, email_id: str, person: str = "typical") -> dict[str, Any]:
    """The message as a person (`per_…`) or a typical case gets it."""
    message = compile(_email(request, email_id))
    done = preview.rendered(message, preview.values_for(person, reader=request.user))
    links = [{"url": link.url, "label": link.label} for link in message.links]
    return {"subject": done.subject, "html": done.html, "text": done.text, "links": links}


@router.get("/{email_id}/checks", auth=scope("content:read"), response=ChecksOut)
def check(request: TeamRequest, email_id: str) -> dict[str, Any]:
    """What the inbox check found."""
    email = _email(request, email_id)
    mail = mail_of(email)
    attempt = attempted(mail, known_traits(email))
    found_ = checks.findings(mail, attempt)
    return {
        "ready": not any(finding.blocks for finding in found_),
        "html_bytes": attempt.compiled.html_bytes,
        "findings": [
            {
                "severity": finding.severity,
                "code": finding.code,
                "at": finding.at,
                "detail": worded(finding.text, finding.params),
            }
            for finding in found_
        ],
    }


def _email(request: TeamRequest, email_id: str) -> Email:
    return found(Email.objects.visible_to(request.user), "email", email_id)


def _campaign(request: TeamRequest, campaign_id: str) -> Campaign:
    return found(Campaign.objects.visible_to(request.user), "campaign", campaign_id)
