"""The pages behind the links of a message: unsubscribing, and the message in the browser."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from muster.channels.messages import tokens
from muster.channels.preferences import actions
from muster.channels.preferences.actions import NoSuchLink, Place
from muster.channels.sending.content import (
    PERSON_COLUMNS,
    filled,
    message_of,
    names_from_warehouse,
    person_values,
    trait_values,
)
from muster.kit import ids
from muster.people.consent.rules import PAUSES
from muster.people.masking import masked_email
from muster.team.permissions import public
from muster.team.stores import stores

REASONS = {
    "too_many": _("Too many messages"),
    "not_for_me": _("The offers do not fit me"),
    "never_asked": _("I never asked for them"),
    "other": _("Another reason"),
}
_WISHES = {"pause": ("days", actions.pause), "limit": ("most", actions.limit)}
"""What is done → the field of the form that says how much."""
_SANDBOX = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " img-src https: http: data:; style-src 'unsafe-inline'"
)


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Leave or come back. Looking changes nothing; the token stands for the person.

    A mail program that unsubscribes by one click (RFC 8058) posts `List-Unsubscribe=One-Click`,
    without cookies and without having looked before.
    """
    try:
        place = actions.place_of(token, tokens.UNSUBSCRIBE)
    except NoSuchLink as no:
        return render(request, "channels/preferences/unknown.html", {"text": no.text}, status=404)
    _speak(request, place)
    if request.method != "POST":
        return _page(request, place)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        actions.unsubscribe(place, how="one_click")
        return HttpResponse(status=200, content_type="text/plain")
    act = request.POST.get("act", "unsubscribe")
    if act == "come_back":
        actions.come_back(place)
    elif act == "topics":
        chosen = {ids.number("topic", one) for one in request.POST.getlist("topic")}
        actions.choose(place, {number for number in chosen if number is not None})
        return _page(request, place, chosen=True)
    elif act in _WISHES:
        name, wish = _WISHES[act]
        wish(place, _number(request.POST.get(name, "")))
        return _page(request, place, changed=act)
    elif act == "language":
        actions.speak(place, request.POST.get("language", ""))
        _speak(request, place)
        return _page(request, place, changed=act)
    elif act == "reason":
        key = request.POST.get("reason", "")
        words = request.POST.get("words", "")
        actions.say_why(place, f"{key if key in REASONS else ''} {words}")
        return _page(request, place, thanked=True)
    else:
        actions.unsubscribe(place, how="page")
    return _page(request, place)


@public
@require_safe
def view_message(request: HttpRequest, token: str) -> HttpResponse:
    """The message as it was sent to this person, in the browser."""
    try:
        place = actions.place_of(token, tokens.VIEW)
    except NoSuchLink as no:
        return render(request, "channels/preferences/unknown.html", {"text": no.text}, status=404)
    row, person = place.recipient, place.person
    if person is None or row.variant is None or row.variant.compiled is None:
        return render(
            request, "channels/preferences/unknown.html", {"text": NoSuchLink.text}, status=404
        )
    kept = row.variant.compiled
    traits = row.traits
    if traits is None and (wanted := names_from_warehouse(kept)):
        traits = trait_values([person.pk], sorted(wanted)).get(person.pk)
    values = person_values([getattr(person, name) for name in PERSON_COLUMNS], traits)
    rendered, _unsubscribe = filled(
        message_of(kept), values, recipient=row.pk, signer=stores().signer, count_open=False
    )
    response = HttpResponse(rendered.html)
    response.headers["Content-Security-Policy"] = _SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(
    request: HttpRequest,
    place: Place,
    *,
    thanked: bool = False,
    chosen: bool = False,
    changed: str = "",
) -> HttpResponse:
    topics = place.topics() if place.person else []
    response = render(
        request,
        "channels/preferences/preferences.html",
        {
            "wants_mail": place.wants_mail,
            "address": masked_email(place.person.email) if place.person else "",
            "reasons": REASONS.items(),
            "thanked": thanked,
            "topics": topics,
            "wants_no_topic": bool(topics) and not any(is_wanted for _topic, is_wanted in topics),
            "chosen": chosen,
            "changed": changed,
            "paused_until": place.paused_until,
            "pauses": PAUSES,
            "at_most": place.at_most,
            "limits": place.limits,
            "words": actions.WORDS,
            "own_language": place.person.language if place.person else "",
            "languages": [(code, _own_name(code)) for code, _name in settings.LANGUAGES],
        },
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _speak(request: HttpRequest, place: Place) -> None:
    """The language that was chosen here, else that which they want, else that of the message."""
    known = [code for code, _name in settings.LANGUAGES]
    chosen = request.GET.get("lang", "")
    variant = place.recipient.variant
    if chosen not in known and place.person is not None:
        chosen = place.person.language.lower()
    if chosen not in known and variant is not None:
        chosen = variant.email.language
    if chosen in known:
        translation.activate(chosen)
        request.LANGUAGE_CODE = translation.get_language()


def _number(said: str) -> int:
    """The number of a choice on the page; -1, which is none of them, for everything else."""
    return int(said) if re.fullmatch("[0-9]{1,3}", said) else -1


def _own_name(code: str) -> str:
    return {"zh-hans": "简体中文", "zh-hant": "繁體中文", "en": "English"}.get(code, code)
