"""Long work as a row: it shows progress, can be cancelled, and survives a restart."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Job(models.Model):
    """One piece of work of the machine."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    input = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    """What went wrong, as `written_down`; the door that shows it uses the reader's language."""
    errors_file = models.CharField(max_length=255, blank=True)
    """A file in the uploads folder that lists what could not be used."""
    cancel_asked = models.BooleanField(default=False)
    owner = models.CharField(max_length=60, blank=True)
    lease_until = models.DateTimeField(null=True)
    unique = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001
    """While set, no second job of this name is started; NULL when over, so it must be nullable."""
    by = models.ForeignKey(User, models.SET_NULL, related_name="jobs", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("job", self.pk)

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}
