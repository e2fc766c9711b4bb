"""Budget lines, and the ledger of what was promised and paid: entries are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


class BudgetLine(models.Model):
    """A part of the total that is meant for one thing."""

    class Category(models.TextChoices):
        MEDIA = "media", _("Media")
        CREATIVE = "creative", _("Creative")
        TOOLS = "tools", _("Tools")
        VENUE = "venue", _("Venue")
        MATERIALS = "materials", _("Materials")
        PEOPLE = "people", _("Staff")
        DISCOUNTS = "discounts", _("Discounts")
        CONTINGENCY = "contingency", _("Contingency")
        FLEXIBLE = "flexible", _("Flexible")
        OTHER = "other", _("Other")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="lines")
    category = models.CharField(_("category"), max_length=12, choices=Category.choices)
    label = models.CharField(_("what for"), max_length=120)
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    vendor = models.CharField(_("vendor"), max_length=120, blank=True)
    planned = models.DecimalField(
        _("planned"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    core = models.BooleanField(_("core channel"), default=False)
    place = models.PositiveSmallIntegerField(default=0)
    """Order on the page."""

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(planned__gte=0), name="line_not_negative")
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return ids.public("line", self.pk)


class Cost(models.Model):
    """One entry of the ledger: money promised or paid, or the counter-entry of one."""

    class Kind(models.TextChoices):
        COMMITTED = "committed", _("Promised")
        ACTUAL = "actual", _("Spent")

    class Source(models.TextChoices):
        MANUAL = "manual", _("By hand")
        AUTO = "auto", _("Automatic")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="costs")
    line = models.ForeignKey(
        BudgetLine,
        models.SET_NULL,
        verbose_name=_("line"),
        related_name="costs",
        null=True,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    category = models.CharField(_("category"), max_length=12, choices=BudgetLine.Category.choices)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    at = models.DateField(_("date"))
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="costs", null=True)
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.MANUAL)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", null=True, blank=True
    )
    """The entry that this one takes back."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["campaign", "kind", "at"])]

    def __str__(self) -> str:
        return self.note or str(self.amount)

    @property
    def public_id(self) -> str:
        return ids.public("cost", self.pk)

    @property
    def is_reversed(self) -> bool:
        """Whether a later entry takes this one back."""
        return hasattr(self, "reversed_by")


def spent(campaign: Campaign) -> Decimal:
    """What was paid so far, in the campaign's currency."""
    return sum(_actual(campaign).values_list("amount", flat=True), Decimal(0))


def costs_by(campaign: Campaign, what: str) -> dict[str, Decimal]:
    """What was paid so far by `category` or `channel` ("" where an entry names no channel).

    Discounts given on orders come from events and are added by the measuring part.
    """
    if what not in {"category", "channel"}:
        raise LookupError(f"Costs are not kept by {what!r}")
    sums: dict[str, Decimal] = {}
    for key, amount in _actual(campaign).values_list(what, "amount"):
        sums[key] = sums.get(key, Decimal(0)) + amount
    return sums


def bound(campaigns: Iterable[int]) -> dict[int, Bound]:
    """What is promised and paid in each of these campaigns, in one query."""
    kinds: dict[tuple[int, int | None], dict[str, Decimal]] = {}
    rows = Cost.objects.filter(campaign__in=list(campaigns)).order_by()
    for campaign, line, kind, amount in rows.values_list("campaign", "line", "kind", "amount"):
        of_line = kinds.setdefault((campaign, line), {})
        of_line[kind] = of_line.get(kind, Decimal(0)) + amount
    sums: dict[int, Bound] = {}
    for (campaign, _line), of_line in kinds.items():
        sums.setdefault(campaign, Bound()).add(
            of_line.get(Cost.Kind.COMMITTED, Decimal(0)), of_line.get(Cost.Kind.ACTUAL, Decimal(0))
        )
    return sums


class Bound:
    """Money that is no longer free: what was paid, and what is promised beyond that.

    A payment settles what was promised on the same line, so of each line the larger of the two
    counts.
    """

    def __init__(self) -> None:
        self.actual = Decimal(0)
        self.committed = Decimal(0)
        self.total = Decimal(0)

    def add(self, committed: Decimal, actual: Decimal) -> None:
        self.committed += committed
        self.actual += actual
        self.total += max(committed, actual)


def _actual(campaign: Campaign) -> models.QuerySet[Cost]:
    return Cost.objects.filter(campaign=campaign, kind=Cost.Kind.ACTUAL).order_by()
