"""“View as…” (S48): an admin sees the pages as a colleague does; and when each was last here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from muster.kit.errors import Forbidden
from muster.kit.words import _
from muster.team.users.models import User
from muster.ui.middleware import refused

SESSION = "view_as"
END = "/settings/members/view/end"
_SAFE = ("GET", "HEAD", "OPTIONS")
_STILL = ("/logout", "/language", END)
_SEEN = timedelta(minutes=5)


class ViewingMiddleware:
    """Puts the colleague in place of the admin, with the rights of both and no power to change."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User) and user.is_authenticated:
            _seen(user)
            wanted = request.session.get(SESSION)
            other = User.objects.filter(pk=wanted, is_active=True).first() if wanted else None
            if other is not None and user.may("team.manage") and request.path != END:
                other.within = user.permissions
                request.viewer = user  # type: ignore[attr-defined]
                request.user = other
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """Whoever looks through another's eyes changes nothing."""
        changes = request.method not in _SAFE and request.path not in _STILL
        if not changes or not hasattr(request, "viewer"):
            return None
        text = _("You see Muster as somebody else. Go back to yourself to change it.")
        return refused(request, Forbidden(text))


def _seen(user: User) -> None:
    now = timezone.now()
    if user.seen_at is None or now - user.seen_at > _SEEN:
        rows = User.objects.filter(Q(seen_at=None) | Q(seen_at__lt=now - _SEEN), pk=user.pk)
        rows.update(seen_at=now)
