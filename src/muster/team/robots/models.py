"""The robots of chat groups that Muster may use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.team.users.models import User


class Robot(models.Model):
    """A robot in one chat group; its address and secret are kept encrypted."""

    class Kind(models.TextChoices):
        WECOM = "wecom", _("WeCom")
        DINGTALK = "dingtalk", _("DingTalk")
        FEISHU = "feishu", _("Feishu")

    name = models.CharField(_("name of the group"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    sealed = models.BinaryField()
    """Address and secret, encrypted; `robots.sealing` opens them."""
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    """What its service answered last time, if that was a no."""

    BY_MACHINE = frozenset({"used_at", "trouble"})

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("robot", self.pk)
