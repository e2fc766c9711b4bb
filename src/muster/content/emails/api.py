"""E-mails through the API (CO3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field as Part

from muster.content.emails import actions, checks, preview, testing
from muster.content.emails.compose import attempted, compile, known_traits, mail_of
from muster.content.emails.models import Email
from muster.kit import ids
from muster.kit.errors import NotFound
from muster.plan.campaigns.models import Campaign
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import has_scope, scope
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


class EmailIn(Strict):
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


class EmailPatch(Strict):
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


class TestIn(Strict):
    """Where a test goes, and as whom it is written."""

    to: str | None = Part(None, description="The address of a colleague; without it, one's own.")
    person: str = "typical"


class TestOut(Schema):
    """Where the test went."""

    to: str


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
    done = preview.rendered(message, _values(request, person))
    links = [{"url": link.url, "label": link.label} for link in message.links]
    return {"subject": done.subject, "html": done.html, "text": done.text, "links": links}


@router.post("/{email_id}/test", auth=scope("content:write"), response={202: TestOut})
def send_test(request: TeamRequest, email_id: str, body: TestIn) -> Status[dict[str, Any]]:
    """Send it to oneself or a colleague, marked as a test and counted nowhere."""
    email = _email(request, email_id)
    to = testing.colleague(body.to or request.user.email)
    is_case = any(case.key == body.person for case in preview.CASES)
    if not is_case and not (to.may("people.see") and to.may("people.pii")):
        raise NotFound
    testing.send_test(email, to=to, values=_values(request, body.person), by=request.user)
    return Status(202, {"to": to.email})


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


def _values(request: TeamRequest, who: str) -> Mapping[str, object]:
    return preview.values_for(
        who, sees=has_scope(request, "people:read"), clear=has_scope(request, "people:pii")
    )


def _email(request: TeamRequest, email_id: str) -> Email:
    return found(Email.objects.visible_to(request.user), "email", email_id)


def _campaign(request: TeamRequest, campaign_id: str) -> Campaign:
    return found(Campaign.objects.visible_to(request.user), "campaign", campaign_id)
