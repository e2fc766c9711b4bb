"""Someone in the market (PE1): who they are; what they did is in the warehouse."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.profile.names import full_name


class PersonQuerySet(models.QuerySet["Person"]):
    """Questions about people."""

    def present(self) -> PersonQuerySet:
        """Those who were not erased, and not merged into somebody else."""
        return self.filter(erased_at=None, merged_into=None)

    def behind(self, number: int) -> Person | None:
        """The present person whom this number means today: merged people are one with another."""
        row = self.filter(pk=number).select_related("merged_into").first()
        found = row.merged_into or row if row else None
        return found if found and found.erased_at is None else None

    def known_by(self, **identity: str) -> PersonQuerySet:
        """The present people who have or had this id, address or phone, or are one with its owner.

        Whoever has it now comes before whoever gave it up.
        """
        ((kind, value),) = identity.items()
        owners = self.none() if kind == "wecom_id" else self.filter(erased_at=None, **identity)
        if not value or not owners.exists():
            owners = self.filter(
                erased_at=None, identifiers__kind=kind, identifiers__value=value
            ).exclude(identifiers__value="")
        return self.present().filter(
            pk__in=owners.values_list(Coalesce("merged_into_id", "id"), flat=True)
        )


class Person(models.Model):
    """Someone in the market."""

    external_id = models.CharField(  # noqa: DJ001
        _("id in your systems"), max_length=200, null=True, unique=True
    )
    """Their id in the shop or CRM; nullable because not everybody has one and it is unique."""
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_index=True)
    """Lower case, the domain in its ASCII form."""
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    """E.164."""
    email_hash = models.CharField(max_length=32, blank=True)
    """What `Suppression.address_hash` of this address is; empty without address."""
    phone_hash = models.CharField(max_length=32, blank=True)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=20, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(null=True)
    """Set when the person was erased: the number stays, everything that says who it was is gone."""

    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", null=True, db_index=False
    )
    """Who this is too (PE1): the row keeps what it says, everybody reads the other one."""
    merged_at = models.DateTimeField(null=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            # Hardly anybody is merged: an index over all would only slow imports.
            models.Index(
                fields=["merged_into"],
                name="person_merged_into",
                condition=models.Q(merged_into__isnull=False),
            ),
            # Whom the suppression list means is asked with every count of a segment.
            models.Index(
                fields=["email_hash"],
                name="person_email_hash",
                condition=~models.Q(email_hash=""),
            ),
            models.Index(
                fields=["phone_hash"],
                name="person_phone_hash",
                condition=~models.Q(phone_hash=""),
            ),
        ]

    def __str__(self) -> str:
        # Traces and logs show a person by number only.
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("person", self.pk)

    @property
    def any_external_id(self) -> str | None:
        """The person's own id in your systems, else that of somebody merged into them."""
        if self.external_id:
            return self.external_id
        others = self.merged.exclude(external_id=None).order_by("merged_at", "pk")
        return others.values_list("external_id", flat=True).first()

    @property
    def name(self) -> str:
        """First and last name in the order of their script; empty if unknown."""
        return full_name(self.first_name, self.last_name)
