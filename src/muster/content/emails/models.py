"""One e-mail (CO3): its words and blocks, and the mark by which an approval knows it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.content.emails.rich import spoken
from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.rules import spelled, used
from muster.plan.facts.said import facts_of
from muster.team.users.models import User, Workspace

_NOT_READ = ("id", "kind", "align", "level")
"""Parts of a block that are no words."""


class EmailQuerySet(models.QuerySet["Email"]):
    """Which e-mails?"""

    def visible_to(self, user: User) -> EmailQuerySet:
        """Those that this person may see."""
        return self.filter(deleted_at=None) if user.may("content.see") else self.none()


class Email(models.Model):
    """One e-mail of a campaign, as it is now."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="emails")
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    preheader = models.CharField(_("preview text"), max_length=300, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    blocks = models.JSONField(_("blocks"), default=list)
    text = models.TextField(_("plain text"), blank=True)
    """Own plain text; empty means that it is made from the blocks."""
    traits = models.JSONField(default=list)
    """Names of the traits it speaks of, known when it was last written."""
    version = models.PositiveIntegerField(default=1)
    """Counts every change."""
    sample = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="emails", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EmailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["campaign", "-updated_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def subject_line(self) -> str:
        """The subject as a list shows it."""
        if not facts_in([self.subject]):
            return spoken(self.subject)
        return spoken(spelled(self.subject, facts_of(self.campaign_id), self.language))

    @property
    def public_id(self) -> str:
        return ids.public("email", self.pk)

    def fingerprint(self, workspace: Workspace | None = None) -> str:
        """The mark of everything that people will read: it changes with every edit of it."""
        workspace = workspace or Workspace.here()
        said = [
            self.subject,
            self.preheader,
            self.language,
            self.blocks,
            self.text,
            workspace.name,
            workspace.sender_name,
            workspace.sender_address,
            workspace.postal_address,
        ]
        keys = facts_in(texts_of(self).values())
        if keys:
            facts = facts_of(self.campaign_id)
            known = {key: facts[key].value(self.language) for key in keys if key in facts}
            said.append(sorted(known.items()))
        written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()


def texts_of(email: Email) -> dict[str, str]:
    """JSON pointer → what is read there; addresses are left out."""
    texts = {
        "/subject": email.subject,
        "/preheader": email.preheader,
        "/text": email.text,
    } | {
        f"/blocks/{place}/{name}": value
        for place, block in enumerate(email.blocks)
        for name, value in block.items()
        if isinstance(value, str) and name not in _NOT_READ and not _is_address(name)
    }
    return {at: text for at, text in texts.items() if text}


def facts_in(texts: Iterable[str]) -> set[str]:
    """The facts that these texts speak of."""
    return used(text for text in texts if "fact." in text)


def _is_address(name: str) -> bool:
    return name.endswith(("url", "image"))
