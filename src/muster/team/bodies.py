"""What callers of the API send."""

from __future__ import annotations

from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Schema
from ninja.errors import ValidationError as Unfit
from pydantic import ConfigDict, ValidationError

S = TypeVar("S", bound=Schema)


class Strict(Schema):
    """A body in which an unknown field is a mistake, not noise.

    Where a whole thing is put back as it was read, its other fields are let pass instead.
    """

    model_config = ConfigDict(extra="forbid")


def optional(form: type[Schema]) -> dict[str, Any]:
    """How the description of the API tells of a body that may be left out."""
    content = {"application/json": {"schema": form.model_json_schema()}}
    return {"requestBody": {"required": False, "content": content}}


def body_of(request: HttpRequest, form: type[S]) -> S:
    """What the body says; without one, or with one that is no JSON, everything as usual."""
    if request.content_type != "application/json" or not request.body.strip():
        return form()
    try:
        return form.model_validate_json(request.body)
    except ValidationError as error:
        found = [{**one, "loc": ("body", "body", *one["loc"])} for one in error.errors()]
        raise Unfit(found) from error
