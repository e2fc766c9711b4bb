"""A request of a person for access to their data, or for their erasure (PE3)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.consent.rules import LAWS
from muster.people.profile.models import Person
from muster.team.users.models import User


class PrivacyRequest(models.Model):
    """Somebody asked, and the law says until when it has to be done."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("Access")
        ERASURE = "erasure", _("Erasure")

    class State(models.TextChoices):
        OPEN = "open", _("To do")
        DONE = "done", _("Done")
        DECLINED = "declined", _("Declined")

    person = models.ForeignKey(Person, models.CASCADE, related_name="requests")
    kind = models.CharField(_("what is asked"), max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_at = models.DateTimeField(_("asked on"))
    due_at = models.DateTimeField(_("due"))
    law = models.CharField(max_length=20, choices=list(LAWS.items()))
    """By which the time was reckoned."""
    how = models.CharField(_("how it was asked"), max_length=200, blank=True)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    """Why it was declined."""
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    """Who wrote it down; nobody if the person asked by themselves."""
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [models.Index(fields=["state", "due_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=models.Q(state="open"),
                name="one_open_request_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("request", self.pk)

    def is_late(self, now: datetime) -> bool:
        return self.state == self.State.OPEN and self.due_at < now
