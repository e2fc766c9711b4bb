"""Invitations to work here, and the teams in which people work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.roles import ROLES
from muster.team.users.models import OwnRole, User


def _in_a_week() -> Any:
    return timezone.now() + timedelta(days=7)


class Invitation(models.Model):
    """A colleague was asked to join; the link carries a signed token."""

    email = models.EmailField(_("e-mail"))
    role = models.CharField(
        _("role"), max_length=20, choices=[(r.key, r.name) for r in ROLES.values()]
    )
    own_role = models.ForeignKey(OwnRole, models.PROTECT, related_name="+", null=True, blank=True)
    by = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    at = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(default=_in_a_week)
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.email

    @property
    def role_name(self) -> str:
        """What the role is called, in the reader's language."""
        return self.own_role.name if self.own_role else gettext(ROLES[self.role].name)

    @property
    def role_value(self) -> str:
        """The role as forms and the API name it."""
        return self.own_role.public_id if self.own_role else self.role


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
