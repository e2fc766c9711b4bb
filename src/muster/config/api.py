"""The public API: every part's router under `/api/v1`, one way to say no."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Redoc

from muster.config import problems
from muster.kit.errors import Refused
from muster.kit.words import _

ROUTERS = [
    ("/jobs", "muster.team.jobs.api"),
    ("/tokens", "muster.team.tokens.api"),
    ("/users", "muster.team.members.api"),
    ("/people", "muster.people.imports.api"),
    ("/people", "muster.people.directory.api"),
    ("/segments", "muster.people.segments.api"),
    ("/campaigns", "muster.plan.api"),
    ("/campaigns", "muster.measure.campaign_api"),
    ("/emails", "muster.content.emails.api"),
    ("/sends", "muster.channels.sending.api"),
    ("/reports", "muster.measure.api"),
    ("/retros", "muster.learn.retros.api"),
    ("/events", "muster.track.imports.api"),
]
"""Address under `/api/v1`, and the module whose `router` answers there."""

api = NinjaAPI(
    title="Muster",
    version="1",
    description="Campaigns from a goal with a number to a result with a number.",
    urls_namespace="api",
    docs=Redoc(),
    docs_url="/docs",
    openapi_url="/openapi.json",
)
for address, module in ROUTERS:
    part = module.rsplit(".", 1)[0]
    if find_spec(part) and find_spec(module):
        api.add_router(address, import_module(module).router)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return problems.of_refusal(request, refused)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.of_validation(request, error)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.problem(
        request,
        401,
        "unauthorized",
        _("The token is missing, wrong, expired or revoked. Send “Authorization: Bearer TOKEN”."),
    )


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.problem(
        request, error.status_code, "bad_request", str(error).replace("%", "%%")
    )
