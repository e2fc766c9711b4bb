"""Facts of a campaign: what its mails say of price, date, limit and proof, written once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class Fact(models.Model):
    """One thing that has to be the same wherever it is said."""

    class Kind(models.TextChoices):
        PRICE = "price", _("Price")
        DATE = "date", _("Date")
        LIMIT = "limit", _("Limit")
        NUMBER = "number", _("Number")
        CLAIM = "claim", _("Claim")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Not verified")
        VERIFIED = "verified", _("Verified")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="facts")
    key = models.CharField(_("key"), max_length=60)
    """Small letters, digits and dots, such as `price.hero`; written `{{ fact.price.hero }}`."""
    name = models.CharField(_("what it is"), max_length=120)
    """In the words that people use for it: a number beside them in a mail is compared."""
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.PRICE)
    values = models.JSONField(_("values"), default=dict)
    """Language → the value as it is read; "" holds for every language without its own."""
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid until"), null=True, blank=True)
    """This moment does not count any more."""
    evidence_url = models.CharField(_("link to the proof"), max_length=500, blank=True)
    evidence = models.CharField(_("proof"), max_length=300, blank=True)
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("owner"), related_name="facts", null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status.choices, default=Status.DRAFT
    )
    written_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    """Who wrote its present value: somebody else verifies it."""
    verified_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    was = models.JSONField(default=list)
    """Values that it had before: typed by hand somewhere, they are wrong now."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="one_fact_per_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("fact", self.pk)

    @property
    def token(self) -> str:
        """What is written in a mail in place of the value."""
        return f"{{{{ fact.{self.key} }}}}"

    @property
    def is_verified(self) -> bool:
        return self.status == self.Status.VERIFIED
