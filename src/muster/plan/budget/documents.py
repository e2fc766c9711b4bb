"""The papers behind a line: files in the data folder, or links (PL3)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.actions import opened
from muster.plan.budget.models import BudgetDocument, BudgetLine, Cost
from muster.plan.campaigns.actions import touch
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.changes.restoring import KEPT
from muster.team.users.models import User

LARGEST = 10 * 1024 * 1024
_HEADS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"PK\x03\x04", "application/zip", "zip"),
)
_OFFICE = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp"})
"""What a browser may show; everything else is downloaded."""


@transaction.atomic
def add_document(
    line: BudgetLine,
    *,
    kind: str,
    name: str = "",
    link: str = "",
    file: BinaryIO | None = None,
    cost: Cost | None = None,
    by: User,
) -> BudgetDocument:
    """Put a file or a link beside a line; the file's kind is told from what is in it."""
    campaign = opened(line.campaign)
    if kind not in BudgetDocument.Kind.values:
        raise Invalid.at("/kind", "unknown_kind", _("There is no such kind of paper."))
    if (file is None) == (not link):
        raise Invalid.at("/file", "file_or_link", _("Give a file or a link, one of both."))
    document = BudgetDocument(line=line, cost=cost, kind=kind, by=by)
    if file is None:
        if not link.startswith(("https://", "http://")) or len(link) > 500:
            raise Invalid.at("/link", "bad_link", _("A link begins with https://."))
        document.link = link
        document.name = (name or link)[:120]
    else:
        content = file.read(LARGEST + 1)
        document.type, ending = _type_of(content, name)
        document.name = (name or str(BudgetDocument.Kind(kind).label))[:120]
        document.size = len(content)
        document.file = f"{secrets.token_hex(16)}.{ending}"
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder() / document.file).write_bytes(content)
    with kept(BudgetDocument.objects.filter(line=line)) as rows:
        document.save()
    record_change("document_added", document, by=by, undo=rows.undo, campaign=campaign.pk)
    touch(campaign)
    transaction.on_commit(_clear_out)
    return document


@transaction.atomic
def drop_document(document: BudgetDocument, *, by: User) -> Change:
    """Take a paper away; its file lies as long as the paper can be brought back."""
    campaign = opened(document.line.campaign)
    change = take_away("document_dropped", document, by=by, campaign=campaign.pk)
    touch(campaign)
    transaction.on_commit(_clear_out)
    return change


@receiver(pre_delete, sender=BudgetDocument)
def _goes(instance: BudgetDocument, **_signal: Any) -> None:
    """From now on its file waits for the paper to come back; lines take their papers along."""
    path = path_of(instance)
    if path and path.exists():
        os.utime(path)


def _clear_out() -> None:
    """Remove the files that no paper has had for so long that none can want them back."""
    before = (timezone.now() - KEPT).timestamp()
    old = {path.name: path for path in folder().glob("*.*") if path.stat().st_mtime < before}
    wanted = set(BudgetDocument.objects.exclude(file="").values_list("file", flat=True))
    for name in old.keys() - wanted:
        old[name].unlink(missing_ok=True)


def folder() -> Path:
    """Where the files lie."""
    root: Path = settings.DATA.root
    return root / "documents"


def path_of(document: BudgetDocument) -> Path | None:
    """The file of a document; None for a link."""
    return folder() / document.file if document.file else None


def _type_of(content: bytes, name: str) -> tuple[str, str]:
    if len(content) > LARGEST:
        raise Invalid.at("/file", "too_large", _("A file has at most 10 MB."))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", "webp"
    for head, kind, ending in _HEADS:
        if content.startswith(head):
            office = name.rpartition(".")[2].lower()
            if ending == "zip" and office in _OFFICE:
                return _OFFICE[office], office
            if ending != "zip":
                return kind, ending
    raise Invalid.at(
        "/file", "unknown_type", _("Only PDF, PNG, JPEG, WebP, XLSX and DOCX files are kept.")
    )
