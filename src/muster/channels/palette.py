"""What the command palette finds of sends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.channels.sending.models import Send
from muster.channels.sending.why import why
from muster.people.directory.search import Asked, matching
from muster.people.masking import face
from muster.plan.campaigns.models import Campaign
from muster.ui.middleware import worded
from muster.ui.palette import Entry, answers, entries, matches


@entries
def sends(user: Any, query: str) -> Iterable[Entry]:
    """The newest sends, and a new one."""
    if user.may("sends.edit"):
        yield Entry("do", _("New send"), reverse("channels:new"), _("Who, what, when"), "send")
    if not user.may("sends.see"):
        return
    yield Entry("go", _("Sends"), reverse("channels:sends"), _("Page"), "send")
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(user))
    for send in rows.select_related("campaign").order_by("-pk")[:100]:
        url = reverse("channels:send", args=[send.pk])
        yield Entry("go", send.name, url, send.campaign.name, "send")


_WHY = (
    re.compile(
        r"^(.{1,40}?)\s*(?:为什么|為什麼|为何|為何)(?:没有?|沒有?)收到\s*(.{1,60}?)\s*[?？]?$"
    ),
    re.compile(
        r"^why did(?:n't| not)? (.{1,40}?) (?:not )?(?:get|receive) (.{1,60}?)\s*\??$", re.I
    ),
)


@answers
def why_not(user: Any, query: str) -> Iterable[Entry]:
    """“Ms. Lin 为什么没收到 双11-2”: what the send did with this person, and where it says so."""
    asked = next((found for one in _WHY if (found := one.match(query))), None)
    if asked is None or not (user.may("sends.see") and user.may("people.see")):
        return
    clear = user.may("people.pii")
    rows = Send.objects.filter(campaign__in=Campaign.objects.visible_to(user))
    send = next((one for one in rows.order_by("-pk")[:200] if matches(one.name, asked[2])), None)
    if send is None:
        return
    name = re.sub(r"(?:女士|先生|小姐)$", "", asked[1].strip())
    for person in matching(Asked(name), clear=clear).order_by("-pk")[:3]:
        told = why(send, person)
        url = reverse("channels:send", args=[send.pk])
        title = f"{face(person, clear=clear).title}: {worded(told.sentence, told.params)}"
        yield Entry("ask", title, url, send.name, "mail" if told.gets_it else "mail-x")
