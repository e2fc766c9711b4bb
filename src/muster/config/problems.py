"""How the API says no: RFC 9457 problems, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError as NinjaValidationError

from muster.kit.errors import Invalid, Problem, Refused
from muster.ui.middleware import worded


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    text: str,
    params: Mapping[str, object] | None = None,
    errors: Sequence[Problem] = (),
) -> HttpResponse:
    """One problem document."""
    body: dict[str, object] = {
        "type": f"about:blank#{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": worded(text, params or {}),
        "errors": [
            {"at": error.at, "code": error.code, "detail": worded(error.text, error.params)}
            for error in errors
        ],
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status=status,
        content_type="application/problem+json",
    )


def of_refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    return problem(
        request, refused.status, refused.code, refused.text, refused.params, refused.errors
    )


def of_validation(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
    """What pydantic found wrong, as pointers into the body or names of parameters."""
    errors = []
    for found in error.errors:
        place = [str(step) for step in found.get("loc", ())]
        if place[:1] == ["body"]:  # the second step is the name of the function's parameter
            place = place[2:]
        elif place[:1] in (["query"], ["path"], ["form"], ["file"]):
            place = place[1:]
        text = str(found.get("msg", "")).replace("%", "%%")
        errors.append(Problem("/" + "/".join(place), str(found.get("type", "invalid")), text))
    return problem(request, 422, "invalid", Invalid.text, {}, errors)
