"""Pages of the frame itself: all components on one page, and what stands in for a missing page."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from muster.ui.middleware import frame_for
from muster.ui.showcase import showcase


def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages and those who check them."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return render(request, "ui/components.html", showcase(request))


components.permission = "signed in"  # type: ignore[attr-defined]


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page."""
    return render(request, "404.html", {"frame": frame_for(request)}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page is not for this reader."""
    return render(request, "403.html", {"frame": frame_for(request)}, status=403)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent without its proof of origin: mostly an old tab."""
    return render(request, "403_csrf.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; drawn without asking any store, since one of them may be the fault."""
    return HttpResponse(render_to_string("500.html"), status=500)
