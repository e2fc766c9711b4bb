"""Imports of people in the API: one call brings the file and begins."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.people.imports import actions
from muster.people.imports.models import Import
from muster.people.imports.repairs import FOR_PROGRAMS
from muster.people.imports.seeing import sight
from muster.team.tokens.auth import has_scope, scope
from muster.ui.middleware import said

router = Router(tags=["people"])
_ONLY_ON_PAGES = ("samples", "examples", "whose", "started")


@router.post("/import", auth=scope("people:write"), response={202: dict[str, str]})
def bring(
    request: HttpRequest,
    file: File[UploadedFile],
    mapping: Form[str] = "{}",
    dry_run: Form[bool] = False,
    consent: Form[str] = "{}",
    repairs: Form[str] = "",
    values: Form[str] = "{}",
    sheet: Form[str] = "",
    header_row: Form[int] = 0,
) -> Status[dict[str, str]]:
    """Import people from CSV, TSV, XLSX or NDJSON; follow the job until it is over.

    `mapping` is JSON: column → field (`external_id email phone first_name last_name name language
    time_zone consent_expires_at consent_text`), trait, `consent:email:marketing`, or "" to leave
    the column out; the last two fields are said of every consent of the row. Columns that it
    does not name become traits of their name; without any mapping, the columns that say who it is
    are guessed. `dry_run` only says what would happen. `consent` is JSON: `{"places":
    ["email:marketing"], "source": "Trade fair, May 2026", "said_at": "2026-05-04"}` for what all
    of them allowed, with `expires_at` and `text` (version or name of the words) where known.
    `repairs` is what is mended, separated by commas: `width spaces text scientific dates swapped
    zeros`; without it only addresses and phones are (`width,spaces`). What was mended
    and what looks wrong is counted in `noted` of the import. `values` is JSON: column of a trait →
    value in the file → what it becomes ("" leaves it out), such as `{"Gender": {"F": "female"}}`;
    values are compared letter by letter. `sheet` names the sheet of a workbook (without it the
    first that looks like a table); `header_row` is the row of the column names as a spreadsheet
    counts, from 1 to 1000 (without it the first that is not empty).
    """
    wanted = mapping_of(mapping)
    said = _object("/consent", consent)
    becomes = _values_of(values)
    user: Any = request.user
    imported = actions.begin(
        file.file,  # type: ignore[arg-type]
        file.name or "people.csv",
        by=user,
        sheet=sheet,
        header_row=header_row,
    )
    try:
        chosen = [one for one in repairs.replace(",", " ").split() if one]
        actions.match_by_name(imported, wanted, chosen or FOR_PROGRAMS, becomes)
        if said:
            actions.match(imported, {}, consent=said)
        begin = actions.start_check if dry_run else actions.start
        job = begin(imported, by=user)
    except Invalid:
        actions.drop(imported)
        raise
    return Status(202, {"job": job.public_id, "import": imported.public_id})


@router.get("/imports/{import_id}", auth=scope("people:read"), response=dict[str, Any])
def one(request: HttpRequest, import_id: str) -> dict[str, Any]:
    """What became of an import; how values of its file were matched needs `people:pii`, unless you
    brought the file.
    """
    number = ids.number("import", import_id)
    found = Import.objects.filter(pk=number).first() if number is not None else None
    if found is None:
        raise NotFound
    user: Any = request.user
    sees = sight(found, user, clear=has_scope(request, "people:pii"))
    return {
        "id": found.public_id,
        "name": found.name,
        "state": found.state,
        "counts": {k: v for k, v in found.counts.items() if k not in _ONLY_ON_PAGES},
        "mapping": found.mapping,
        "values": sees.values(found),
        "sheet": found.sheet or None,
        "header_row": found.header_row or None,
        "repairs": found.repairs,
        "error": said(found.error) or None,
        "created_at": found.at,
        "ended_at": found.ended_at,
    }


def mapping_of(text: str) -> dict[str, str]:
    """The mapping as it came with a form; raises Invalid if it is none."""
    found = _object("/mapping", text)
    if not all(isinstance(value, str) for value in found.values()):
        raise Invalid.at(
            "/mapping",
            "bad_mapping",
            _('The mapping must be a JSON object of texts, such as {"Mail": "email"}.'),
        )
    return {name: str(value) for name, value in found.items()}


def _values_of(text: str) -> dict[str, dict[str, str]]:
    found = _object("/values", text)
    for column, matched in found.items():
        if not isinstance(matched, dict) or not all(isinstance(v, str) for v in matched.values()):
            raise Invalid.at(
                f"/values/{column}",
                "bad_values",
                _('Values must be a JSON object of texts, such as {"F": "female", "M": "male"}.'),
            )
    return found


def _object(at: str, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid.at(at, "not_json", _("This must be a JSON object."))
    return found
