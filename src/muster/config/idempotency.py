"""`Idempotency-Key`: a POST that is repeated with the same key acts once (Stripe's convention)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from muster.config.problems import problem
from muster.kit.words import _
from muster.team.tokens.auth import identify
from muster.team.tokens.models import IdempotentAnswer

KEPT = timedelta(days=7)


class IdempotencyMiddleware:
    """Answers a repeated API call with what the first one was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method != "POST" or not request.path.startswith("/api/v1/"):
            return self.get_response(request)
        if len(key) > 200:
            return problem(
                request, 422, "key_too_long", _("An Idempotency-Key has at most 200 characters.")
            )
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not token or identify(request, token) is None:
            return self.get_response(request)
        holder: str = request.token_holder  # type: ignore[attr-defined]
        try:
            fingerprint = _fingerprint(request)
        except RequestDataTooBig:
            return HttpResponse(status=413)
        IdempotentAnswer.objects.filter(
            holder=holder, key=key, at__lt=timezone.now() - KEPT
        ).delete()
        try:
            with transaction.atomic():
                row = IdempotentAnswer.objects.create(
                    holder=holder, key=key, fingerprint=fingerprint
                )
        except IntegrityError:
            return self._again(request, holder, key, fingerprint)
        try:
            response = self.get_response(request)
        except BaseException:
            row.delete()
            raise
        if response.status_code >= 500 or response.streaming:
            row.delete()
            return response
        IdempotentAnswer.objects.filter(pk=row.pk).update(
            status=response.status_code,
            body=response.content,
            content_type=response.headers.get("Content-Type", ""),
        )
        return response

    def _again(self, request: HttpRequest, holder: str, key: str, fingerprint: str) -> HttpResponse:
        first = IdempotentAnswer.objects.get(holder=holder, key=key)
        if first.fingerprint != fingerprint:
            return problem(
                request,
                422,
                "key_reused",
                _("This Idempotency-Key was used for another request. Use a fresh key."),
            )
        if first.status is None:
            return problem(
                request,
                409,
                "in_progress",
                _("The first request with this Idempotency-Key is still running. Try again soon."),
            )
        again = HttpResponse(
            bytes(first.body or b""), status=first.status, content_type=first.content_type
        )
        again["Idempotent-Replay"] = "true"
        return again


def _fingerprint(request: HttpRequest) -> str:
    """What was asked; of a form its fields and files, since its boundaries differ each time."""
    asked = hashlib.sha256(request.get_full_path().encode() + b"\n")
    if request.content_type != "multipart/form-data":
        asked.update(request.body)
        return asked.hexdigest()
    for name, values in sorted(request.POST.lists()):
        asked.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            asked.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                asked.update(chunk)
            file.seek(0)
    return asked.hexdigest()
