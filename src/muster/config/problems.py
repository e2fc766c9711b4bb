"""How the API says no: RFC 9457 problems, in the caller's language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError as NinjaValidationError

from muster.kit.errors import Forbidden, Invalid, Problem, Refused
from muster.kit.words import _
from muster.ui.middleware import worded

_BY_STATUS = {
    401: ("unauthorized", _("Sign in, or send “Authorization: Bearer TOKEN”.")),
    403: ("forbidden", _("You do not have the right to do this.")),
    404: ("not_found", _("There is nothing at this address. See /api/v1/docs.")),
    405: ("method_not_allowed", _("This address does not take this method. See /api/v1/docs.")),
    413: ("too_large", _("The request is too large. Send less at once.")),
}
_STRANGE_NAME = _(
    "Muster does not answer under the name “%(name)s”. Whoever runs it can add the name to"
    " MUSTER_ALLOWED_HOSTS, or set MUSTER_PUBLIC_URL to this address."
)
_BROKEN = ("broken", _("Something broke on our side and was noted. Try again in a moment."))
_BAD_PAGE = ("bad_request", _("The request cannot be read. Go back and try again."))
_BAD = ("bad_request", _("The request cannot be read. See /api/v1/docs."))

_WORDS = {
    "missing": _("This is missing."),
    "int_parsing": _("This must be a whole number."),
    "int_type": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "float_parsing": _("This must be a number."),
    "float_type": _("This must be a number."),
    "decimal_parsing": _("This must be a number."),
    "decimal_type": _("This must be a number."),
    "string_type": _("This must be a text."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "list_type": _("This must be a list."),
    "dict_type": _("This must be a JSON object."),
    "model_type": _("This must be a JSON object."),
    "model_attributes_type": _("This must be a JSON object."),
    "greater_than_equal": _("This must be at least %(ge)s."),
    "greater_than": _("This must be more than %(gt)s."),
    "less_than_equal": _("This must be at most %(le)s."),
    "less_than": _("This must be less than %(lt)s."),
    "string_too_long": _("This may have at most %(max_length)s characters."),
    "string_too_short": _("This must have at least %(min_length)s characters."),
    "literal_error": _("This must be one of: %(expected)s."),
    "enum": _("This must be one of: %(expected)s."),
    "date_from_datetime_parsing": _("This must be a day such as 2026-11-22."),
    "date_parsing": _("This must be a day such as 2026-11-22."),
    "date_type": _("This must be a day such as 2026-11-22."),
    "datetime_parsing": _("This must be a moment such as 2026-11-22T08:30:00Z."),
    "datetime_from_date_parsing": _("This must be a moment such as 2026-11-22T08:30:00Z."),
    "datetime_type": _("This must be a moment such as 2026-11-22T08:30:00Z."),
    "finite_number": _("This must be a number."),
    "extra_forbidden": _("This is not known here; leave it out."),
}
"""What pydantic calls an error → what people read; anything else is said as pydantic says it."""


_FORM = re.compile(r".*\[.*\].*|decimal|function-.*")
"""What pydantic puts into a place for each form that a value may have."""


_WITH_NUL = _("The request has a NUL character in it, which no text may have. Leave it out.")


class NulMiddleware:
    """Refuses a NUL character in an address or a form; out of the API's bodies it is taken."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = [request.path_info, *(text for _name, text in request.GET.items())]
        if request.content_type == "application/x-www-form-urlencoded":
            said += [text for texts in request.POST.lists() for text in texts[1]]
        if any("\0" in text for text in said):
            return _unreadable(request, "nul_character", _WITH_NUL)
        return self.get_response(request)


class ProblemMiddleware:
    """Turns every "no" of the API that is not a problem document yet into one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        status = response.status_code
        if status < 400 or not request.path.startswith("/api/v1/"):
            return response
        if response.headers.get("Content-Type") == "application/problem+json":
            return response
        code, text = _BY_STATUS.get(status, _BROKEN if status >= 500 else _BAD)
        answer = problem(request, status, code, text)
        if "Allow" in response.headers:
            answer["Allow"] = response["Allow"]
        return answer


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be answered at all, such as one to a name that is not ours."""
    code, text, params = *_BAD_PAGE, {}
    if isinstance(exception, DisallowedHost):
        name = request.META.get("HTTP_HOST", "")[:100]
        code, text, params = "unknown_host", _STRANGE_NAME, {"name": name}
    return _unreadable(request, code, text, params)


def _unreadable(
    request: HttpRequest, code: str, text: str, params: Mapping[str, object] | None = None
) -> HttpResponse:
    if request.path.startswith("/api/v1/"):
        return problem(request, 400, code, text, params)
    sentence = worded(text, params or {})
    return HttpResponse(f"{sentence}\n", status=400, content_type="text/plain; charset=utf-8")


def problem(
    request: HttpRequest,
    status: int,
    code: str,
    text: str,
    params: Mapping[str, object] | None = None,
    errors: Sequence[Problem] = (),
    **more: object,
) -> HttpResponse:
    """One problem document; `more` are members that only some problems have."""
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
        **more,
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, default=str),
        status=status,
        content_type="application/problem+json",
    )


def of_refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    # What is missing, for machines: the key of the right, and the scope if the token lacks it.
    missing = {
        name: getattr(refused, name)
        for name in ("permission", "scope")
        if isinstance(refused, Forbidden) and getattr(refused, name)
    }
    answer = problem(
        request,
        refused.status,
        refused.code,
        refused.text,
        refused.params,
        refused.errors,
        **missing,
    )
    if refused.retry_after:
        answer["Retry-After"] = str(refused.retry_after)
    return answer


def of_validation(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
    """What pydantic found wrong, as pointers into the body or names of parameters."""
    errors = []
    for found in error.errors:
        place = [str(step) for step in found.get("loc", ())]
        if place[:1] == ["body"]:  # the second step is the name of the function's parameter
            place = place[2:]
        elif place[:1] in (["query"], ["path"], ["form"], ["file"]):
            place = place[1:]
        # Which form of several was tried is no place in the document.
        place = [step for step in place if not _FORM.fullmatch(step)]
        code, params = str(found.get("type", "invalid")), found.get("ctx") or {}
        text = _WORDS.get(code) or str(found.get("msg", "")).replace("%", "%%")
        errors.append(Problem("/" + "/".join(place), code, text, params))
    return problem(request, 422, "invalid", Invalid.text, {}, errors)
