"""Invitations to work here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from muster.team.roles import ROLES
from muster.team.users.models import User


def _in_a_week() -> Any:
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """A colleague was asked to join; the link carries a signed token."""

    email = models.EmailField(_("e-mail"))
    role = models.CharField(
        _("role"), max_length=20, choices=[(r.key, r.name) for r in ROLES.values()]
    )
    by = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    at = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(default=_in_a_week)
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email
