"""Each reader's language and time zone; and set-up before anything else."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from muster.team.users.models import User, Workspace
from muster.ui import formats

GetResponse = Callable[[HttpRequest], HttpResponse]
_BEFORE_SETUP = (
    "/setup",
    "/static/",
    "/api/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/language",
    "/live",
)


class ReaderMiddleware:
    """Answer in the reader's language and time zone.

    The person's own choice counts, then the choice made before signing in, then the browser's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with Workspace.read_once():
            return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        request.workspace = SimpleLazyObject(Workspace.here)  # type: ignore[attr-defined]
        user = request.user if request.user.is_authenticated else None
        language = (user.language if isinstance(user, User) else "") or request.COOKIES.get(
            settings.LANGUAGE_COOKIE_NAME, ""
        )
        if language not in dict(settings.LANGUAGES):
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        name = (user.time_zone if isinstance(user, User) else "") or (
            request.workspace.time_zone if user else ""  # type: ignore[attr-defined]
        )
        try:
            timezone.activate(ZoneInfo(name or "UTC"))
        except ZoneInfoNotFoundError:
            timezone.activate(ZoneInfo("UTC"))
        numbers = formats.NUMBERS.set(user.numbers if isinstance(user, User) else "full")
        try:
            response = self.get_response(request)
        finally:
            formats.NUMBERS.reset(numbers)
            translation.deactivate()
            timezone.deactivate()
        response.headers.setdefault("Content-Language", language)
        return response


class SetupMiddleware:
    """Until there is an owner, every page leads to set-up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._done = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._done and not request.path.startswith(_BEFORE_SETUP):
            self._done = Workspace.objects.exists()
            if not self._done:
                return HttpResponseRedirect("/setup")
        return self.get_response(request)
