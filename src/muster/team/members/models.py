"""Invitations to work here, and the teams in which people work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
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


class Team(models.Model):
    """People who work together and can be named as one."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("team", self.pk)
