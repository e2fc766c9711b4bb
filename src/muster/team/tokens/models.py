"""Keys for programs: API tokens, and write keys for the collector."""

from __future__ import annotations

import hashlib
import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


def hash_of(secret: str) -> str:
    """How a token is kept: the token itself is shown once and never stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Token(models.Model):
    """Lets a program act for one person, within scopes."""

    name = models.CharField(_("name"), max_length=80)
    hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("token", self.pk)


def fresh_key() -> str:
    return "mk_" + secrets.token_urlsafe(24)


class WriteKey(models.Model):
    """Lets a site or shop hand in events; it is public and can do nothing else."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    key = models.CharField(max_length=60, unique=True, default=fresh_key)
    at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("key", self.pk)


class IdempotentAnswer(models.Model):
    """What an API call with an `Idempotency-Key` was answered, kept for seven days."""

    holder = models.CharField(max_length=40)
    """Public id of the token that called."""
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["holder", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key
