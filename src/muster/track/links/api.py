"""Links in the API (TR1, TR2): short links, tags, and what is wrong with tags."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from muster.kit.errors import NotFound
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.stores import warehouse
from muster.team.tokens.auth import scope
from muster.team.users.models import User
from muster.track.links import actions
from muster.track.links.codes import TYPES, code_of
from muster.track.links.models import ShortLink
from muster.track.utm.checking import Checked, check_all
from muster.track.utm.naming import naming
from muster.ui.middleware import worded
from muster.warehouse.followed import Followed, followed

router = Router(tags=["links"])


class LinkIn(Strict):
    """A link to make."""

    target: str
    channel: str
    campaign: str | None = None
    name: str = ""
    placement: str = ""
    term: str = ""


class CheckIn(Strict):
    """Links to look at."""

    urls: list[str]


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def shown(link: ShortLink, came: Followed) -> dict[str, Any]:
    """A short link as the API speaks of it."""
    return {
        "id": link.public_id,
        "address": link.address,
        "target": link.target,
        "channel": link.channel,
        "placement": link.placement,
        "campaign": link.campaign.public_id if link.campaign else None,
        "scans": came.scans,
        "clicks": came.clicks,
        "machines": came.machines,
        "codes": {kind: f"/api/v1/links/{link.public_id}/code.{kind}" for kind in TYPES},
    }


@router.get("", auth=scope("content:read"), response=Page[dict[str, Any]])
def listed(request: HttpRequest, paging: Query[Paging], campaign: str = "") -> dict[str, Any]:
    """Short links, the newest first."""
    rows = ShortLink.objects.visible_to(_user(request)).select_related("campaign")
    if campaign:
        campaigns = Campaign.objects.visible_to(_user(request))
        rows = rows.filter(campaign=found(campaigns, "campaign", campaign))
    part = page(rows, paging, lambda link: link)
    links = cast("list[ShortLink]", part["items"])
    with warehouse() as db:
        came = followed(db, [link.public_id for link in links])
    items = [shown(link, came.get(link.public_id, Followed())) for link in links]
    return {**part, "items": items}


@router.post("", auth=scope("content:write"), response={201: dict[str, Any]})
def make(request: HttpRequest, body: LinkIn) -> dict[str, Any]:
    """Make a short link; its address is tagged by its channel and campaign."""
    campaigns = Campaign.objects.visible_to(_user(request))
    campaign = found(campaigns, "campaign", body.campaign) if body.campaign else None
    given = body.model_dump(exclude={"campaign"})
    link = actions.make_link(by=_user(request), campaign=campaign, **given)
    return shown(link, Followed())


@router.post("/tag", auth=scope("content:read"), response=dict[str, str])
def tag(request: HttpRequest, body: LinkIn) -> dict[str, str]:
    """The address with its tags, without a short link."""
    campaigns = Campaign.objects.visible_to(_user(request))
    campaign = found(campaigns, "campaign", body.campaign) if body.campaign else None
    url = actions.tagged(
        body.target, channel=body.channel, campaign=campaign, name=body.name,
        content=body.placement, term=body.term,
    )  # fmt: skip
    return {"url": url}


@router.post("/check", auth=scope("content:read"), response=dict[str, Any])
def check(request: HttpRequest, body: CheckIn) -> dict[str, Any]:
    """What is wrong with the tags of some links, and the links mended."""
    return {"links": [_checked(one) for one in check_all(body.urls, naming())]}


def _checked(one: Checked) -> dict[str, Any]:
    return {
        "url": one.url,
        "mended": one.mended,
        "group": one.group or None,
        "findings": [
            {
                "code": finding.code,
                "at": finding.at,
                "detail": worded(finding.text, finding.params),
                "is_mended": finding.is_mended,
            }
            for finding in one.findings
        ],
    }


@router.get("/{link_id}/code.{kind}", auth=scope("content:read"))
def code(request: HttpRequest, link_id: str, kind: str) -> HttpResponse:
    """The QR code of a link: svg, png or pdf."""
    if kind not in TYPES:
        raise NotFound(_("A code is made as svg, png or pdf."))
    link = found(ShortLink.objects.visible_to(_user(request)), "link", link_id)
    return HttpResponse(code_of(link, kind), content_type=TYPES[kind])


@router.delete("/{link_id}", auth=scope("content:write"), response={204: None})
def remove(request: HttpRequest, link_id: str) -> None:
    """Take a link away: it leads nowhere any more."""
    link = found(ShortLink.objects.visible_to(_user(request)), "link", link_id)
    actions.remove(link, by=_user(request))
