"""One file of people on its way in (PE2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.jobs.models import Job
from muster.team.users.models import User

UNDO_FOR = timedelta(days=7)


class Import(models.Model):
    """One file of people, how its columns are understood, and what became of its rows."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting for its columns to be matched")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        UNDONE = "undone", _("Undone")

    name = models.CharField(_("file"), max_length=200)
    path = models.CharField(max_length=255)
    """Where the file lies in the uploads folder."""
    size = models.BigIntegerField(default=0)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    separator = models.CharField(_("separator"), max_length=2, blank=True)
    sheet = models.CharField(_("sheet"), max_length=255, blank=True)
    sheets = models.JSONField(default=list)
    """Of a workbook: the sheets that may be chosen."""
    header_row = models.PositiveIntegerField(_("row of the column names"), default=0)
    """As a spreadsheet counts; 0 where the file has none."""
    beginning = models.JSONField(default=list)
    """Some rows as they stand, among them the one with the column names: number, cells."""
    columns = models.JSONField(default=list)
    """Per column: name, samples, confidence of the guess; where there are few different values,
    `distinct` (value, rows), and `seen`: rows in which they were counted, 0 for the whole file.
    """
    mapping = models.JSONField(default=dict)
    """Column → field, trait or `consent:channel:purpose`; empty text leaves the column out."""
    values = models.JSONField(default=dict)
    """Column of a trait → value in the file → value that it becomes; the others stay."""
    alike = models.ForeignKey("self", models.SET_NULL, related_name="+", null=True)
    """The earlier import whose matching this one has."""
    consent = models.JSONField(default=dict)
    """What everybody in the file has allowed: places (`channel:purpose`), source, said_at."""
    header = models.CharField(max_length=64, blank=True, db_index=True)
    """Hash of the set of column names: files with the same columns are matched alike."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    counts = models.JSONField(default=dict)
    """rows, new, updated, duplicate, invalid, imported, and reasons → rows."""
    error = models.TextField(blank=True)
    errors_file = models.CharField(max_length=255, blank=True)
    repairs = models.JSONField(default=list)
    """What is mended while importing: keys of `repairs.REPAIRS`."""
    report_file = models.CharField(max_length=255, blank=True)
    """The rows that were mended or look wrong, in the uploads folder."""
    nonce = models.CharField(max_length=24)
    """Part of the ids of its events, so that no stranger can take them first."""
    last_person_before = models.BigIntegerField(default=0)
    """People with a greater number were made while or after this import ran."""
    job = models.ForeignKey(Job, models.SET_NULL, related_name="+", null=True)
    by = models.ForeignKey(User, models.SET_NULL, related_name="imports", null=True)
    at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_undone_until(self) -> datetime | None:
        """Until when people made by this import can be removed; None if they cannot."""
        over = {self.State.DONE, self.State.CANCELLED, self.State.FAILED}
        if self.state not in over or self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at + UNDO_FOR

    @property
    def public_id(self) -> str:
        return ids.public("import", self.pk)
