"""`/t.js`: the script that sites put on their pages."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ADDRESS = "/t.js"


class TrackerMiddleware:
    """Answers at the address of the tracker before anybody asks who is there.

    Else the answer would depend on the cookie, and no cache on the way could keep it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return script(request) if request.path == ADDRESS else self.get_response(request)


@require_safe
@cache_control(public=True, max_age=3600)
def script(request: HttpRequest) -> HttpResponseBase:
    """The tracker, at an address that stays the same for ever."""
    path = settings.PACKAGE / "ui" / "static" / "built" / "t.js"
    plain, packed, tag = _packed(path, path.stat().st_mtime_ns)
    is_packed = _takes_gzip(request.headers.get("Accept-Encoding", ""))
    etag = f'"{tag}-gzip"' if is_packed else f'"{tag}"'
    response = HttpResponse(
        packed if is_packed else plain,
        content_type="text/javascript; charset=utf-8",
        headers={"ETag": etag, "Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*"},
    )
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.content))
    return get_conditional_response(request, etag=etag, response=response) or response


@lru_cache(maxsize=1)
def _packed(path: Path, _written: int) -> tuple[bytes, bytes, str]:
    """The script as it is, packed with gzip, and what names this version of it."""
    plain = path.read_bytes()
    return plain, gzip.compress(plain, 9, mtime=0), hashlib.sha256(plain).hexdigest()[:16]


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        name, _semicolon, quality = one.replace(" ", "").partition(";")
        if name == "gzip":
            return quality.partition("=")[2].strip("0.") != "" or not quality
    return False
