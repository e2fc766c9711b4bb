"""The reference of the API as a page: what can be asked, with which scope, what to send (PF2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


@dataclass(frozen=True)
class Field:
    """One parameter or one field of a body."""

    name: str
    place: str
    """path, query or body."""
    kind: str
    is_required: bool


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    method: str
    path: str
    text: str
    scope: str
    fields: tuple[Field, ...]
    answers: str
    """The status codes of an answer that is no refusal."""


class Reference(DocsBase):
    """Built from the same description as `openapi.json`, without foreign scripts."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        groups: dict[str, list[Operation]] = {}
        schema = api.get_openapi_schema()
        scopes = _scopes(api)
        for path, methods in schema["paths"].items():
            for method, told in methods.items():
                scope = scopes.get(told["operationId"], "")
                operation = _operation(schema, path, method, told, scope)
                groups.setdefault((told.get("tags") or ["other"])[0], []).append(operation)
        context = {"groups": groups, "schema_url": self.get_openapi_url(api, kwargs)}
        return render(request, "config/reference.html", context)


def _scopes(api: NinjaAPI) -> dict[str, str]:
    return {
        operation.operation_id or api.get_openapi_operation_id(operation): check.scope
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        for check in operation.auth_callbacks
        if hasattr(check, "scope")
    }


def _operation(
    schema: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any], scope: str
) -> Operation:
    fields = [
        Field(one["name"], one["in"], _kind(one["schema"]), one.get("required", False))
        for one in told.get("parameters", [])
    ]
    for content in told.get("requestBody", {}).get("content", {}).values():
        fields += _of_body(schema, content["schema"])
    codes = ", ".join(str(code) for code in told.get("responses", {}))
    text = told.get("description") or told.get("summary", "")
    return Operation(method.upper(), path, text, scope, tuple(fields), codes)


def _of_body(schema: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Field]:
    shapes = body.get("anyOf") or [body]
    shape = _resolved(schema, shapes[0])
    required = shape.get("required", [])
    for name, told in shape.get("properties", {}).items():
        yield Field(name, "body", _kind(told), name in required)


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = shape.get("$ref")
    if reference is None:
        return shape
    found: Mapping[str, Any] = schema["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found


def _kind(shape: Mapping[str, Any]) -> str:
    if "$ref" in shape:
        return str(shape["$ref"]).rsplit("/", 1)[-1]
    kinds = [_kind(one) for one in shape.get("anyOf", [])]
    if kinds:
        return " | ".join(kind for kind in kinds if kind != "null")
    kind = str(shape.get("type", "any"))
    return f"{kind} of {_kind(shape['items'])}" if "items" in shape else kind
