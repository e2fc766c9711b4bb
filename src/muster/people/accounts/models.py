"""An account (PE8): a company, the people in it, and the part that each has in buying."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.people.profile.models import Person
from muster.team.users.models import User


class AccountQuerySet(models.QuerySet["Account"]):
    """Which accounts?"""

    def visible_to(self, user: User) -> AccountQuerySet:
        """Those that this person may see."""
        may = user.may("leads.work") or user.may("leads.all")
        return self.filter(deleted_at=None) if may else self.none()


class Account(models.Model):
    """A company that buys, or could."""

    class Size(models.TextChoices):
        SMALL = "small", _("up to 50 people")
        MEDIUM = "medium", _("51 to 250 people")
        LARGE = "large", _("251 to 1,000 people")
        HUGE = "huge", _("more than 1,000 people")

    name = models.CharField(_("name"), max_length=120)
    domain = models.CharField(  # noqa: DJ001 - unique where it is known
        _("domain"), max_length=253, null=True, unique=True
    )
    """What stands after the @ of its people, in lower case."""
    industry = models.CharField(_("industry"), max_length=60, blank=True)
    size = models.CharField(_("size"), max_length=6, choices=Size.choices, blank=True)
    owner = models.ForeignKey(User, models.SET_NULL, related_name="accounts", null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    people = models.ManyToManyField(Person, through="AccountPerson", related_name="accounts")
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("account", self.pk)


class AccountPerson(models.Model):
    """Somebody works at a company, and has a part in what it buys."""

    class Part(models.TextChoices):
        DECIDER = "decider", _("Decider")
        BUYER = "buyer", _("Buyer")
        INFLUENCER = "influencer", _("Influencer")
        USER = "user", _("User of it")
        GATEKEEPER = "gatekeeper", _("Gatekeeper")

    account = models.ForeignKey(Account, models.CASCADE, related_name="members")
    person = models.OneToOneField(Person, models.CASCADE, related_name="account_person")
    part = models.CharField(_("buying role"), max_length=11, choices=Part.choices, blank=True)
    by_domain = models.BooleanField(default=False)
    """Found by the address, and not put there by somebody."""
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} {self.person_id}"
