"""Where everything that a campaign shows people leads (PL8): found here, asked beside the pages."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from muster.connect import web
from muster.content.emails.compose import attempted, known_traits, mail_of
from muster.content.emails.models import Email
from muster.plan.campaigns.models import Campaign
from muster.track.links.models import ShortLink
from muster.track.utm.checking import check_all
from muster.track.utm.naming import naming
from muster.track.utm.rules import SCHEMES

_AT_ONCE = 8
_SECONDS = 120.0
"""So long addresses are asked at all; those that are left then have not answered."""


@dataclass(frozen=True)
class Lead:
    """One address, and the place that says it."""

    url: str
    title: str
    """What people call the place: an e-mail, a short link, a cell of the touchpoint map."""
    fix_at: str
    is_tagged: bool = True
    """Whether its tags are ours to get right."""


def mark(campaign: Campaign) -> str:
    """Changes when an address may have changed; empty when nothing leads anywhere."""
    said = [
        list(_mails(campaign).values_list("pk", "version")),
        list(_short(campaign).values_list("pk", "target")),
        [cell.link for cell in campaign.cells.all() if _is_outside(cell.link)],
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest() if any(said) else ""


def leads(campaign: Campaign) -> Iterator[Lead]:
    """Every address that people can follow, as often as it is said."""
    for mail in _mails(campaign):
        place = reverse("content:edit", args=[mail.pk])
        for link in attempted(mail_of(mail), known_traits(mail)).compiled.links:
            yield Lead(link.url, mail.name, place)
    for short in _short(campaign):
        place = reverse("track:links") + f"?campaign={campaign.pk}"
        yield Lead(short.target, str(short), place)
    for cell in campaign.cells.all():
        if _is_outside(cell.link):
            place = reverse("plan:strategy_map", args=[campaign.pk])
            yield Lead(cell.link, cell.text or cell.link, place, is_tagged=False)


def asked(campaign: Campaign) -> dict[str, Any]:
    """What each address answered, and what is wrong with the tags of which."""
    found = list(leads(campaign))
    places: dict[str, Lead] = {}
    for lead in found:
        places.setdefault(_target(lead.url), lead)
    urls = list(places)
    until = time.monotonic() + _SECONDS

    def ask(url: str) -> web.Answer:
        if time.monotonic() > until:
            return web.Answer(web.Verdict.SILENT)
        return web.ask(url, own=settings.PUBLIC_URL)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(ask, filter(None, urls)))
    told = dict(zip(filter(None, urls), answers, strict=True))
    return {
        "links": [
            {
                "url": url or places[url].url,
                "title": places[url].title,
                "fix_at": places[url].fix_at,
                # A short link of ours that is gone leads nowhere.
                "verdict": told[url].verdict if url else web.Verdict.MISSING,
                "status": told[url].status if url else 404,
                "led_to": told[url].led_to if url else "",
            }
            for url in urls
        ],
        "tags": list(_tags([lead for lead in found if lead.is_tagged])),
    }


def _tags(found: list[Lead]) -> Iterator[dict[str, Any]]:
    seen = set()
    checked = check_all([lead.url for lead in found], naming())
    for lead, one in zip(found, checked, strict=True):
        for finding in one.findings:
            said = (lead.title, finding.text, str(finding.params))
            if said not in seen:
                seen.add(said)
                yield {
                    "title": lead.title,
                    "fix_at": lead.fix_at,
                    "text": finding.text,
                    "params": dict(finding.params),
                }


def _target(url: str) -> str:
    """The address behind one of our short links, for to follow those is counted; "" if it is gone.

    Everything else stays as it is.
    """
    before = f"{settings.PUBLIC_URL}/s/"
    if not url.startswith(before):
        return url
    code = url.removeprefix(before).partition("?")[0].partition("#")[0].strip("/").lower()
    link = ShortLink.objects.filter(code=code, deleted_at=None).first()
    return link.target if link else ""


def _mails(campaign: Campaign) -> Any:
    return Email.objects.filter(campaign=campaign, deleted_at=None).order_by("pk")


def _short(campaign: Campaign) -> Any:
    return ShortLink.objects.filter(campaign=campaign, deleted_at=None).order_by("pk")


def _is_outside(link: str) -> bool:
    return link.partition("://")[0].lower() in SCHEMES
