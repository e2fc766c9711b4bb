"""Imports of events in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from muster.people.imports.api import mapping_of
from muster.team.tokens.auth import scope
from muster.track.imports import actions

router = Router(tags=["events"])


@router.post("/import", auth=scope("people:write"), response={202: dict[str, str]})
def bring(
    request: HttpRequest,
    file: File[UploadedFile],
    mapping: Form[str] = "{}",
    event: Form[str] = "",
) -> Status[dict[str, str]]:
    """Import events from CSV, TSV, XLSX, NDJSON or Parquet; follow the job until it is over.

    `mapping` is JSON: column → `userId anonymousId event timestamp messageId channel campaign
    properties.NAME`, or "" to leave the column out; columns that it does not name become
    properties of their name. `event` names the event of every row. NDJSON in the shape of the
    tracking API needs no mapping. People are made by external id as they appear.
    """
    user: Any = request.user
    name = file.name or "events.csv"
    job = actions.begin(file.file, name, mapping_of(mapping), event=event[:200], by=user)  # type: ignore[arg-type]
    return Status(202, {"job": job.public_id})
