"""Saying no (PF7): a refusal becomes a page or a small part of one, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext

from muster.kit.errors import Refused, read_again

GetResponse = Callable[[HttpRequest], HttpResponse]


class RefusedMiddleware:
    """Shows what was refused: above the page if htmx asked, else as a page of its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; anything else stays loud."""
        return refused(request, error) if isinstance(error, Refused) else None


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """The answer to a refusal: what happened, what is safe, what to do."""
    context = {
        "text": worded(error.text, error.params),
        "errors": [
            {
                "at": found.at,
                "text": worded(found.text, found.params),
                # What blocks a launch or a send says on which page it is mended.
                "mended_at": found.at if found.code == "blocker" else "",
            }
            for found in error.errors
        ],
        "code": error.code,
        "status": error.status,
        # Whoever lacks one right alone can ask for it here.
        "lacks": getattr(error, "permission", "") if error.status == 403 else "",
        "frame": frame_for(request),
    }
    again = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        return HttpResponse(
            render_to_string("ui/refused.html#notice", context, request),
            status=error.status,
            headers={
                **again,
                "HX-Retarget": "#messages",
                "HX-Reswap": "innerHTML",
                "HX-Push-Url": "false",
            },
        )
    return HttpResponse(
        render_to_string("ui/refused.html", context, request), status=error.status, headers=again
    )


def frame_for(request: HttpRequest) -> str:
    """The frame around a page that says no: with the menu for those who are signed in."""
    user = getattr(request, "user", None)
    return "ui/page.html" if user is not None and user.is_authenticated else "ui/alone.html"


def worded(text: str, params: Mapping[str, object]) -> str:
    """A marked English sentence in the reader's language."""
    translated = gettext(text) if text else ""
    return translated % params if params else translated.replace("%%", "%")


def said(kept: str) -> str:
    """What was written down when something went wrong, in the reader's language."""
    return worded(*read_again(kept))
