"""The public API: every part's router under `/api/v1`, one way to say no."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.datastructures import MultiValueDict
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from muster.config import problems
from muster.config.reference import Reference
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _

ROUTERS = [
    ("/jobs", "muster.team.jobs.api"),
    ("/tokens", "muster.team.tokens.api"),
    ("/users", "muster.team.members.api"),
    ("/teams", "muster.team.members.teams_api"),
    ("/roles", "muster.team.members.roles_api"),
    ("/calendar", "muster.team.calendars.api"),
    ("/notices", "muster.team.notices.api"),
    ("/comments", "muster.team.comments.api"),
    ("/people", "muster.people.imports.api"),
    ("/people", "muster.people.directory.api"),
    ("/segments", "muster.people.segments.api"),
    ("/personas", "muster.people.personas.api"),
    ("/leads", "muster.people.leads.api"),
    ("/accounts", "muster.people.accounts.api"),
    ("/campaigns", "muster.plan.api"),
    ("/tasks", "muster.plan.tasks.own_api"),
    ("/budget", "muster.plan.budget.rules_api"),
    ("/readiness", "muster.plan.readiness.policy_api"),
    ("/templates", "muster.plan.starting.api"),
    ("/campaigns", "muster.measure.campaign_api"),
    ("/materials", "muster.plan.materials.api"),
    ("/vendors", "muster.plan.vendors.api"),
    ("/tools", "muster.plan.tools.api"),
    ("/calendar", "muster.plan.calendar.api"),
    ("/objectives", "muster.plan.rollup.api"),
    ("/emails", "muster.content.emails.api"),
    ("/consent", "muster.people.consent.api"),
    ("/requests", "muster.people.requests.api"),
    ("/sends", "muster.channels.sending.api"),
    ("/reports", "muster.measure.api"),
    ("/retros", "muster.learn.retros.api"),
    ("/events", "muster.track.imports.api"),
    ("/links", "muster.track.links.api"),
]
"""Address under `/api/v1`, and the module whose `router` answers there."""


class CleanParser(Parser):
    """Reads bodies and parameters; signs that no database can keep are taken out of texts."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body, object_hook=_clean_object)
        except (ValueError, RecursionError) as error:
            raise Invalid(
                _("The body is not JSON: %(why)s. Send one JSON document in UTF-8."),
                code="bad_json",
                why=error,
            ) from error

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        return _clean_object(super().parse_querydict(data, list_fields, request))


def _clean_object(found: dict[str, Any]) -> dict[str, Any]:
    return {_clean(key): _clean(value) for key, value in found.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        if "\0" in value:
            value = value.replace("\0", "")
        # Half an emoji is no letter: it becomes the sign for an unreadable one.
        return (
            value
            if value.isascii()
            else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    return [_clean(item) for item in value] if isinstance(value, list) else value


api = NinjaAPI(
    title="Muster",
    version="1",
    description="Campaigns from a goal with a number to a result with a number.",
    urls_namespace="api",
    docs=Reference(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    parser=CleanParser(),
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
    why = error.__cause__
    if isinstance(why, Refused):
        return problems.problem(request, error.status_code, why.code, why.text, why.params)
    return problems.problem(
        request, error.status_code, "bad_request", str(error).replace("%", "%%")
    )


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return HttpResponse(status=413)
