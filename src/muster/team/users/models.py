"""The workspace and the people who work in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.roles import PERMISSIONS, ROLES

MACHINE = "owner@localhost"
"""Who acts for the machine's owner before set-up; set-up gives this row its real name."""


@dataclass
class _Read:
    """What one request read of the workspace."""

    row: Workspace | None = None
    is_over: bool = False
    """The request has ended; what it began and still runs reads for itself."""


_read: ContextVar[_Read | None] = ContextVar("workspace", default=None)


class _Workspaces(models.QuerySet["Workspace"]):
    """Rows that say so when they are changed."""

    def update(self, **fields: Any) -> int:
        _forget()
        return super().update(**fields)


def _forget() -> None:
    if (read := _read.get()) is not None:
        read.row = None


class Workspace(models.Model):
    """What holds for everybody in this installation; there is exactly one."""

    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=50, default="UTC")
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    country = models.CharField(_("calendar of"), max_length=2, default="CN")
    """Whose official days off hold here; one of `kit.days.COUNTRIES`."""
    sender_name = models.CharField(_("sender name"), max_length=80, blank=True)
    sender_address = models.EmailField(_("sender address"), default="hello@muster.example")
    postal_address = models.CharField(_("postal address"), max_length=200, blank=True)
    messages_per_week = models.PositiveSmallIntegerField(
        _("messages per person and week"), default=3
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    contingency_least = models.DecimalField(max_digits=4, decimal_places=3, default=Decimal("0.10"))
    contingency_most = models.DecimalField(max_digits=4, decimal_places=3, default=Decimal("0.15"))
    attribution_days = models.PositiveSmallIntegerField(_("attribution window, days"), default=30)
    halted = models.BooleanField(_("all sending halted"), default=False)
    demo = models.BooleanField(default=False)

    objects = _Workspaces.as_manager()

    def __str__(self) -> str:
        return self.name

    def save(self, **how: Any) -> None:
        super().save(**how)
        _forget()

    @classmethod
    def here(cls) -> Workspace:
        """The workspace of this installation (unsaved defaults before set-up).

        A request reads it once, until it changes it; everybody gets their own copy.
        """
        read = _read.get()
        if read is None or read.is_over:
            return cls._first()
        if read.row is None:
            read.row = cls._first()
        return copy(read.row)

    @classmethod
    @contextmanager
    def read_once(cls) -> Iterator[None]:
        """For one request: what was read of the workspace need not be read again."""
        read = _Read()
        _read.set(read)
        try:
            yield
        finally:
            read.is_over = True
            _read.set(None)

    @classmethod
    def _first(cls) -> Workspace:
        return cls.objects.first() or cls(name="Muster")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class OwnRole(models.Model):
    """A role of this workspace: one of the table, with some rights more and others less.

    Whoever has it counts as the role it was made from wherever a role is asked for by name; what
    they may do is what is ticked here, and nothing else.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    base = models.CharField(
        _("made from"), max_length=20, choices=[(r.key, r.name) for r in ROLES.values()]
    )
    permissions = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("role", self.pk)

    @property
    def allowed(self) -> frozenset[str]:
        """What it may do; a right that exists no more gives nothing."""
        return frozenset(self.permissions) & frozenset(PERMISSIONS)


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is the name one signs in with."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Someone who signs in."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(
        _("role"), max_length=20, choices=[(r.key, r.name) for r in ROLES.values()]
    )
    own_role = models.ForeignKey(
        OwnRole, models.PROTECT, related_name="users", null=True, blank=True
    )
    """Decides what this person may do in place of `role`, which it was made from."""
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    theme = models.CharField(
        _("theme"),
        max_length=6,
        default="system",
        choices=[("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    density = models.CharField(
        _("density"),
        max_length=11,
        default="comfortable",
        choices=[("comfortable", _("Comfortable")), ("compact", _("Compact"))],
    )
    numbers = models.CharField(
        _("large numbers"),
        max_length=8,
        default="full",
        choices=[
            ("full", _("In full: 12,800")),
            ("myriad", _("With 万 and 亿: 1.28万")),
            ("thousand", _("With K and M: 12.8K")),
        ],
    )
    start_page = models.CharField(_("start page"), max_length=20, default="work")
    """The name of an entry of the menu; one that this person may not see leads to My work."""
    shortcuts = models.BooleanField(_("single keys are shortcuts"), default=True)
    hours_per_day = models.DecimalField(
        _("hours a day"), max_digits=4, decimal_places=2, default=Decimal(8)
    )
    skills = models.JSONField(_("skills"), default=list, blank=True)
    """Words such as `design`, in the team's own language."""
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True)
    """When this person last opened a page, to within five minutes."""

    within: frozenset[str] | None = None
    """While somebody looks through this person's eyes: the rights of the one who looks."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def public_id(self) -> str:
        return ids.public("user", self.pk)

    @property
    def initials(self) -> str:
        """Two Latin initials, or the first character of a Chinese name."""
        words = self.name.split()
        if not words:
            return self.email[:1].upper()
        if not words[0].isascii():
            return words[0][0]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def permissions(self) -> frozenset[str]:
        """All rights of this person's role."""
        return self.own_role.allowed if self.own_role else ROLES[self.role].permissions

    @property
    def role_name(self) -> str:
        """What the role is called, in the reader's language."""
        return self.own_role.name if self.own_role else gettext(ROLES[self.role].name)

    def may(self, permission: str) -> bool:
        """Whether this person has the right."""
        return (
            self.is_active
            and permission in self.permissions
            and (self.within is None or permission in self.within)
        )
