"""Pages of the built-in inbox at /sink."""

from __future__ import annotations

import re
from dataclasses import replace
from email.message import EmailMessage

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from muster.connect.inbox import Inbox, is_message
from muster.people.masking import masked_text
from muster.team.http import TeamRequest
from muster.team.permissions import allow

PER_PAGE = 50
_TELLING = ("return-path", "x-envelope-from", "list-unsubscribe")
"""Headers with which one could act for the person."""
_LOCKED = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " img-src 'self' https: data:; style-src 'unsafe-inline'; form-action 'none';"
    " frame-ancestors 'self'"
)


def _inbox() -> Inbox:
    return Inbox(settings.DATA.inbox)


def _message(request: TeamRequest, name: str) -> EmailMessage:
    """The mail; one to a colleague may hold the way to a new password and is not for everybody."""
    message = _inbox().message(name)
    if message is None or not (is_message(message) or request.user.may("team.manage")):
        raise Http404
    return message


@allow("sends.see")
def mails(request: TeamRequest) -> HttpResponse:
    """The mails, newest first; `?to=` finds those to an address."""
    inbox = _inbox()
    names = inbox.names()
    wanted = request.GET.get("to", "").strip().lower()
    if wanted:
        found = [mail for mail in inbox.mails(names[:5000]) if wanted in mail.to.lower()]
        shown, total = found[:PER_PAGE], len(found)
    else:
        after = max(int(request.GET["from"]), 0) if request.GET.get("from", "").isdecimal() else 0
        shown, total = list(inbox.mails(names[after : after + PER_PAGE])), len(names)
    if not request.user.may("team.manage"):
        shown = [mail for mail in shown if mail.is_message]
    if not request.user.may("people.pii"):
        shown = [replace(mail, to=masked_text(mail.to)) for mail in shown]
    context = {"mails": shown, "total": total, "to": wanted, "more": _next(request, total, wanted)}
    return render(request, "channels/inbox/mails.html", context)


def _next(request: TeamRequest, total: int, wanted: str) -> int | None:
    after = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() else 0
    return after + PER_PAGE if not wanted and after + PER_PAGE < total else None


@allow("sends.see")
def mail(request: TeamRequest, name: str) -> HttpResponse:
    """One mail as a mail program shows it, with its headers and its text part."""
    message = _message(request, name)
    plain = message.get_body(("plain",))
    clear = request.user.may("people.pii")
    context = {
        "name": name,
        "message": message,
        "subject": str(message["Subject"] or ""),
        "headers": [
            (key, str(value) if clear else masked_text(str(value)))
            for key, value in message.items()
            if clear or key.lower() not in _TELLING
        ],
        "text": plain.get_content() if plain is not None else "",
        "is_clear": clear,
        "unsubscribe": _one_click(message) if clear else "",
    }
    return render(request, "channels/inbox/mail.html", context)


def _one_click(message: EmailMessage) -> str:
    """The address for one-click unsubscribe, as a mail program would use it (RFC 8058)."""
    if "One-Click" not in str(message["List-Unsubscribe-Post"] or ""):
        return ""
    found = re.search(r"<(https?://[^>]+)>", str(message["List-Unsubscribe"] or ""))
    return found[1] if found else ""


@allow("sends.see")
def html(request: TeamRequest, name: str) -> HttpResponse:
    """The HTML part alone, locked away from the pages of Muster."""
    body = _message(request, name).get_body(("html",))
    content = body.get_content() if body is not None else ""
    response = HttpResponse(content.replace("<head>", '<head><base target="_blank">', 1))
    response.headers["Content-Security-Policy"] = _LOCKED
    return response


@allow("people.pii")
def raw(request: TeamRequest, name: str) -> HttpResponse:
    """The mail as its bytes."""
    _message(request, name)
    return HttpResponse(_inbox().raw(name), content_type="text/plain; charset=utf-8")
