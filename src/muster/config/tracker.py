"""`/t.js`: the script that sites put on their pages."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from muster.team.permissions import public


@public
@require_safe
@cache_control(public=True, max_age=3600)
def script(request: HttpRequest) -> FileResponse:
    """The tracker, at an address that stays the same for ever."""
    path = settings.PACKAGE / "ui" / "static" / "built" / "t.js"
    response = FileResponse(path.open("rb"), content_type="text/javascript; charset=utf-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
