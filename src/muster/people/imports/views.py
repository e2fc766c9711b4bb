"""Pages of imports (PE2): file, columns, what would happen, running, result."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid
from muster.kit.tables import ENCODINGS
from muster.kit.words import _
from muster.people.consent.keeping import topics
from muster.people.consent.rules import CHANNELS, PURPOSES
from muster.people.imports import actions
from muster.people.imports.checking import done_about
from muster.people.imports.models import Import
from muster.people.imports.repairs import ALWAYS, KINDS, REPAIRS
from muster.people.imports.rules import (
    FIELDS,
    LEAVE_OUT,
    MOST_VALUE,
    MOST_VALUES,
    REASONS,
    is_trait,
)
from muster.people.imports.seeing import Sight, sight
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.permissions import allow

PAGE = "people/imports/import.html"
TRAIT = "trait"
"""Stands in the choice of a column for a trait, whose name is written beside it."""
SEPARATORS = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical bar")}
CONSENTS = [f"consent:{channel}:{purpose}" for channel in ("email", "sms") for purpose in PURPOSES]
STEPS = (_("File"), _("Columns"), _("Check"), _("Import"))


@allow("people.import")
def begin(request: TeamRequest) -> HttpResponse:
    """Bring a file, or some lines that were copied from a table."""
    if request.method != "POST":
        latest = Import.objects.select_related("by").order_by("-id")[:5]
        return render(request, "people/imports/begin.html", {"latest": latest, "steps": STEPS})
    file, name = request.FILES.get("file"), ""
    if file is not None:
        imported = actions.begin(file.file, file.name or name, by=request.user)  # type: ignore[arg-type]
    elif request.POST.get("pasted", "").strip():
        pasted = io.BytesIO(request.POST["pasted"].encode())
        imported = actions.begin(pasted, gettext("pasted.csv"), by=request.user)
    else:
        raise Invalid.at("/file", "missing", _("Choose a file, or paste some lines of a table."))
    url = redirect("people:one_import", imported.pk)
    return HttpResponse(headers={"HX-Redirect": url.url}) if request.htmx else url


@allow("people.import")
def imports(request: TeamRequest) -> HttpResponse:
    """The imports of the last time."""
    rows = Import.objects.select_related("by").order_by("-id")[:50]
    return render(request, "people/imports/imports.html", {"imports": rows})


@allow("people.import")
def one(request: TeamRequest, import_id: int) -> HttpResponse:
    """The import at the step where it is."""
    found = _import(import_id)
    context = {**_context(found, _sight(request, found)), "is_reread": "reread" in request.GET}
    return render(request, f"{PAGE}#step" if request.htmx else PAGE, context)


@allow("people.import")
@require_POST
def reread(request: TeamRequest, import_id: int) -> HttpResponse:
    """Read the file with another encoding or separator, another sheet or row of column names."""
    found = _import(import_id)
    if not _sight(request, found).cells:
        # Any row can be read as that of the column names.
        raise lacking("people.pii")
    encoding = request.POST.get("encoding", found.encoding)
    separator = request.POST.get("separator", found.separator)
    if found.encoding and (encoding not in ENCODINGS or separator not in SEPARATORS):
        raise Invalid(_("Choose an encoding and a separator of the list."))
    sheet = request.POST.get("sheet", found.sheet)
    written = request.POST.get("header_row", "").strip()
    if written and not (written.isdecimal() and len(written) < 9):
        raise Invalid.at(
            "/header_row", "bad_row", _("Write the row of the column names as a number, such as 3.")
        )
    # The row was chosen for the sheet that was shown with it.
    header_row = int(written or 0) if sheet == found.sheet else 0
    actions.read_anew(
        found, encoding=encoding, separator=separator, sheet=sheet, header_row=header_row
    )
    return redirect(f"{found_at(found)}?reread#reading")


@allow("people.import")
@require_POST
def afresh(request: TeamRequest, import_id: int) -> HttpResponse:
    """Match the columns anew, instead of as in an earlier import."""
    found = _import(import_id)
    actions.match_afresh(found)
    return redirect("people:one_import", found.pk)


@allow("people.import")
@require_POST
def match(request: TeamRequest, import_id: int) -> HttpResponse:
    """Take over what the columns mean, and look through the whole file."""
    found = _import(import_id)
    mapping, values = {}, {}
    for place, column in enumerate(found.columns):
        target = request.POST.get(f"target-{place}", LEAVE_OUT)
        if target == TRAIT:
            target = request.POST.get(f"trait-{place}", "").strip() or column["name"]
        mapping[column["name"]] = target
        if is_trait(target) and (becomes := _values_of(request, place)):
            values[column["name"]] = {**found.values.get(column["name"], {}), **becomes}
    places = [p for p in request.POST.getlist("consent") if f"consent:{p}" in CONSENTS]
    consent: dict[str, object] = {
        "places": places,
        "source": request.POST.get("consent-source", "").strip()[:200],
        "said_at": request.POST.get("consent-date", "")[:10],
        "expires_at": request.POST.get("consent-until", "")[:10],
        "text": " ".join(request.POST.get("consent-text", "").split()),
    }
    if request.POST.get("basis") != "all":
        consent["places"] = []
    elif not places:
        raise Invalid.at(
            "/basis",
            "missing",
            _("Say what all of these people agreed to, or choose “unknown”."),
        )
    repairs = request.POST.getlist("repair") if "repairs" in request.POST else None
    actions.match(found, mapping, consent=consent, repairs=repairs, values=values)
    actions.start_check(found, by=request.user)
    return redirect("people:one_import", found.pk)


@allow("people.import")
@require_POST
def run(request: TeamRequest, import_id: int) -> HttpResponse:
    """Import the file."""
    found = _import(import_id)
    actions.start(found, by=request.user)
    return redirect("people:one_import", found.pk)


@allow("people.import")
@require_POST
def cancel(request: TeamRequest, import_id: int) -> HttpResponse:
    """Stop; what was imported stays."""
    found = _import(import_id)
    actions.cancel(found, by=request.user)
    return redirect("people:one_import", found.pk)


@allow("people.import")
@require_POST
def undo(request: TeamRequest, import_id: int) -> HttpResponse:
    """Take the import back."""
    found = _import(import_id)
    actions.undo(found, by=request.user, now=timezone.now())
    return redirect("people:one_import", found.pk)


@allow("people.import")
def errors(request: TeamRequest, import_id: int) -> HttpResponseBase:
    """The rows with a flaw, with field, reason and advice."""
    found = _import(import_id)
    if not _sight(request, found).cells:
        raise lacking("people.pii")
    path = _file(found.errors_file)
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


@allow("people.import")
def report(request: TeamRequest, import_id: int) -> HttpResponseBase:
    """Every row that is mended or looks wrong."""
    found = _import(import_id)
    path = _file(found.report_file)
    shown = io.BytesIO(_sight(request, found).report(path))
    return FileResponse(shown, as_attachment=True, filename=path.name)


@allow("people.import")
def sample(request: TeamRequest) -> HttpResponse:
    """Twenty invented people, to try it out."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "email", "phone", "name", "city", "orders", "email consent"])
    cities = ("上海", "杭州", "深圳", "成都", "台北")
    for n in range(1, 21):
        writer.writerow(
            [
                f"demo-{n:03d}",
                f"demo{n}@example.com",
                f"1380013{8000 + n}",
                "李王张刘陈"[n % 5] + "娜伟芳敏静"[n % 4],
                cities[n % 5],
                n % 7,
                "yes" if n % 3 else "no",
            ]
        )
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="muster-sample.csv"'
    return response


def _values_of(request: TeamRequest, place: int) -> dict[str, str]:
    """Value in the file → what it becomes, of the values that were shown with this column."""
    prefix = f"value-{place}-"
    return {
        name.removeprefix(prefix): str(becomes)
        for name, becomes in request.POST.items()
        if name.startswith(prefix)
    }


def _file(name: str) -> Path:
    path: Path = settings.DATA.uploads / name
    if not name or not path.is_file():
        raise Http404
    return path


def _sight(request: TeamRequest, found: Import) -> Sight:
    return sight(found, request.user, clear=request.user.may("people.pii"))


def _import(import_id: int) -> Import:
    rows = Import.objects.select_related("job", "by", "alike")
    return get_object_or_404(rows, pk=import_id)


def found_at(found: Import) -> str:
    """The address of the page of this import."""
    return reverse("people:one_import", args=[found.pk])


def _context(found: Import, sees: Sight) -> dict[str, Any]:
    state = found.state
    steps = {
        Import.State.UPLOADED: 2,
        Import.State.CHECKING: 3,
        Import.State.CHECKED: 3,
    }
    counts = found.counts
    reasons = [
        {
            "reason": REASONS[key],
            "rows": rows,
            "samples": sees.samples(counts.get("samples", {}).get(key, [])),
        }
        for key, rows in sorted(counts.get("reasons", {}).items(), key=lambda item: -item[1])
    ]
    until = found.can_be_undone_until
    return {
        "import": found,
        "sees_cells": sees.cells,
        "columns": _columns(found, sees),
        "fields": FIELDS,
        "consents": [
            (target, CHANNELS[target.split(":")[1]], PURPOSES[target.split(":")[2]])
            for target in CONSENTS
        ],
        "topic_consents": [
            (f"consent:{channel}:marketing:{topic.public_id}", CHANNELS[channel], topic.name)
            for channel in ("email", "sms")
            for topic in topics()
        ],
        "steps": STEPS,
        "step": steps.get(Import.State(state), 4),
        "is_busy": found.job is not None and not found.job.is_over,
        "counts": counts,
        "reasons": reasons,
        "noted": _noted(found, sees),
        "repairs": [
            {
                "key": key,
                "kind": kind,
                "is_on": key in found.repairs,
                "rows": counts.get("noted", {}).get(key),
            }
            for key, kind in REPAIRS.items()
        ],
        "takes": int(counts.get("new", 0)) + int(counts.get("updated", 0)),
        "undo_until": until if until and until > timezone.now() else None,
        "encodings": ENCODINGS,
        "separators": SEPARATORS,
        "trait": TRAIT,
        "most_value": MOST_VALUE,
        "beginning_width": max((len(cells) for _row, cells in found.beginning), default=1),
    }


def _noted(found: Import, sees: Sight) -> list[dict[str, Any]]:
    """What was mended, what could be, and what looks wrong: how often, and some of it."""
    counts, examples = found.counts.get("noted", {}), found.counts.get("examples", {})
    return [
        {
            "kind": kind,
            "done": done_about(key, frozenset(found.repairs)),
            "tone": "good" if key in ALWAYS or key in found.repairs else "warn",
            "rows": counts[key],
            "examples": [_example(key, row) for row in sees.examples(key, examples.get(key, []))],
        }
        for key, kind in KINDS.items()
        if counts.get(key)
    ]


def _example(kind: str, row: list[Any]) -> list[Any]:
    number, column, before, after = row
    if before and kind in ("shared_phone", "shared_email"):
        return [number, column, f"{before} × {after}", ""]
    return row


def _columns(found: Import, sees: Sight) -> list[dict[str, Any]]:
    left, columns, becomes = MOST_VALUES, [], sees.values(found)
    for column in found.columns:
        target = found.mapping.get(column["name"], LEAVE_OUT)
        if not sees.cells:
            column = {**column, "samples": [], "distinct": []}
        values = _values(column, becomes.get(column["name"], {}))
        left -= len(values)
        columns.append(
            {
                **column,
                "choice": TRAIT if is_trait(target) else target,
                "trait_name": target if is_trait(target) else column["name"],
                # A form has only so many fields.
                "values": values if left >= 0 else [],
                "is_open": any(one["value"] != one["becomes"] for one in values),
            }
        )
    return columns


def _values(column: dict[str, Any], matched: dict[str, str]) -> list[dict[str, Any]]:
    """The different values of a column, with those that were matched and are not seen in it."""
    seen: dict[str, int | None] = dict(column.get("distinct", ()))
    unseen = dict.fromkeys(value for value in matched if value not in seen and value.isprintable())
    return [
        {"value": value, "rows": rows, "becomes": matched.get(value, value)}
        for value, rows in {**seen, **unseen}.items()
    ]
