"""Budget lines, and the ledger of what was promised and paid: entries are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.budget.rules import CENT, VAULTS
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


def _alerts() -> list[int]:
    return [80, 95, 100]


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

    class Status(models.TextChoices):
        PLANNED = "planned", _("Still planned")
        CONTRACTED = "contracted", _("Contracted")
        HAPPENED = "happened", _("Happened")
        INVOICED = "invoiced", _("Invoiced")

    class Auto(models.TextChoices):
        DISCOUNTS = "discounts", _("By discounts given")
        LABOUR = "labour", _("By hours of work")
        SENDING = "sending", _("By messages sent")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="lines")
    category = models.CharField(_("category"), max_length=12, choices=Category.choices)
    label = models.CharField(_("what for"), max_length=120)
    channel = models.CharField(_("channel"), max_length=60, blank=True)
    vendor = models.CharField(_("vendor"), max_length=120, blank=True)
    planned = models.DecimalField(
        _("planned"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    """In the campaign's currency; the sum of the line's plan entries."""
    core = models.BooleanField(_("core channel"), default=False)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLANNED
    )
    estimate = models.DecimalField(
        _("forecast"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    """What it is expected to cost in the end, where somebody knows better than the plan."""
    expected_return = models.DecimalField(
        _("expected return"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    """Revenue that this money is expected to bring."""
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    """Empty: the campaign's."""
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, default=Decimal(1))
    """What one unit of the line's currency is in the campaign's; locked when it was planned."""
    rate_on = models.DateField(_("rate of"), null=True, blank=True)
    own_planned = models.DecimalField(
        _("plan in its currency"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    """The plan in the line's own currency."""
    auto = models.CharField(_("counted from"), max_length=10, choices=Auto.choices, blank=True)
    live = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    """What an automatic line came to when it was counted last."""
    live_at = models.DateTimeField(null=True, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    """Order on the page."""

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(planned__gte=0), name="line_not_negative"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="line_rate_is_positive"),
            models.UniqueConstraint(
                fields=["campaign", "auto"],
                condition=~models.Q(auto=""),
                name="one_automatic_line_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def public_id(self) -> str:
        return ids.public("line", self.pk)

    @property
    def is_vault(self) -> bool:
        """Its money is released before it can be spent."""
        return self.category in VAULTS

    @property
    def unbooked(self) -> Decimal:
        """What it costs beside the ledger: discounts are counted from orders and never booked."""
        return self.live if self.auto == self.Auto.DISCOUNTS else Decimal(0)


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
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    """What was paid in; empty: the campaign's."""
    own_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=Decimal(1))
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


class BudgetMove(models.Model):
    """Money that goes from one line to another, out of a vault, or into the budget."""

    class Kind(models.TextChoices):
        MOVE = "move", _("Move")
        RELEASE = "release", _("Release")
        RETURN = "return", _("Return to the vault")
        RAISE = "raise", _("Raise of the total")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        POSTED = "posted", _("Posted")
        REFUSED = "refused", _("Sent back")

    class Reason(models.TextChoices):
        EMERGENCY = "emergency", _("Emergency")
        OPPORTUNITY = "opportunity", _("Opportunity")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="budget_moves")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.ForeignKey(
        BudgetLine, models.CASCADE, verbose_name=_("from"), related_name="moves_out", null=True
    )
    """None where the total is raised."""
    target = models.ForeignKey(
        BudgetLine, models.CASCADE, verbose_name=_("to"), related_name="moves_in"
    )
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=300)
    reason_class = models.CharField(
        _("kind of reason"), max_length=12, choices=Reason.choices, blank=True
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    by = models.ForeignKey(User, models.PROTECT, related_name="budget_moves", null=True)
    at = models.DateTimeField(auto_now_add=True)
    posted_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    """The second person, where one was needed."""
    reverses = models.OneToOneField(
        "self", models.CASCADE, related_name="reversed_by", null=True, blank=True
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "state", "reason_class"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="move_is_positive"),
            models.CheckConstraint(
                condition=models.Q(source__isnull=True) | ~models.Q(source=models.F("target")),
                name="move_goes_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source or '+'} → {self.target}"

    @property
    def public_id(self) -> str:
        return ids.public("move", self.pk)

    @property
    def is_reversed(self) -> bool:
        return hasattr(self, "reversed_by")


class PlanEntry(models.Model):
    """One entry of the plan's ledger; the entries of a line add up to its plan.

    The two entries of a move net to zero. Entries are added, never changed.
    """

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan set")
        MOVE = "move", _("Moved")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="plan_entries")
    line = models.ForeignKey(
        BudgetLine, models.SET_NULL, related_name="entries", null=True, blank=True
    )
    label = models.CharField(max_length=120)
    """What the line was called then."""
    move = models.ForeignKey(BudgetMove, models.CASCADE, related_name="entries", null=True)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.label} {self.amount}"


class LineMonth(models.Model):
    """How much of a line's plan is meant for one month."""

    line = models.ForeignKey(BudgetLine, models.CASCADE, related_name="months")
    month = models.DateField()
    """Its first day."""
    planned = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["line", "month"], name="one_plan_per_month"),
            models.CheckConstraint(condition=models.Q(planned__gte=0), name="month_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.planned}"


class BudgetDocument(models.Model):
    """What proves a line: a file in the data folder, or a link."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("Contract")
        ORDER = "order", _("Purchase order")
        RECEIPT = "receipt", _("Receipt or invoice")
        OTHER = "other", _("Other paper")

    line = models.ForeignKey(BudgetLine, models.CASCADE, related_name="documents")
    cost = models.ForeignKey(Cost, models.SET_NULL, related_name="documents", null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120)
    link = models.URLField(_("link"), max_length=500, blank=True)
    file = models.CharField(max_length=80, blank=True)
    """Its name in the data folder."""
    type = models.CharField(max_length=60, blank=True)
    size = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("document", self.pk)


class BudgetAlert(models.Model):
    """A threshold of the total that was crossed; each is told once."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="budget_alerts")
    percent = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "percent"], name="one_alert_per_threshold")
        ]

    def __str__(self) -> str:
        return f"{self.percent}%"


class ExchangeRate(models.Model):
    """What one unit of a currency was worth in another on one day."""

    day = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    base = models.CharField(_("in"), max_length=3)
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["-day", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["day", "currency", "base"], name="one_rate_per_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency}/{self.base} {self.rate}"


class BudgetPolicy(models.Model):
    """The rules, limits and prices of this workspace; at most one row."""

    shares = models.JSONField(null=True)
    """A list of `rules.Share` as data; None: the planning method's."""
    move_limit = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal("0.05"))
    release_limit = models.DecimalField(max_digits=5, decimal_places=4, default=Decimal("0.02"))
    alerts = models.JSONField(default=_alerts)
    prices = models.JSONField(default=dict, blank=True)
    """Channel → price of one message, in the workspace's currency."""
    rates = models.JSONField(default=dict, blank=True)
    """Role → price of one hour, in the workspace's currency; for those with `budget.rates`."""

    def __str__(self) -> str:
        return "Budget rules"


def bound(campaigns: Iterable[int]) -> dict[int, Bound]:
    """What is promised and paid in each of these campaigns, in two queries."""
    numbers = list(campaigns)
    rows = Cost.objects.filter(campaign__in=numbers).order_by()
    kinds: dict[tuple[int, int | None], dict[str, Decimal]] = {}
    by_line = rows.values_list("campaign", "line", "kind").annotate(models.Sum("amount"))
    for campaign, line, kind, amount in by_line:
        kinds.setdefault((campaign, line), {})[kind] = amount.quantize(CENT)
    sums: dict[int, Bound] = {}
    for (campaign, _line), of_line in kinds.items():
        sums.setdefault(campaign, Bound()).add(
            of_line.get(Cost.Kind.COMMITTED, Decimal(0)), of_line.get(Cost.Kind.ACTUAL, Decimal(0))
        )
    # An automatic line with bookings of its own would count twice: discounts have none.
    live = BudgetLine.objects.filter(campaign__in=numbers, auto=BudgetLine.Auto.DISCOUNTS)
    for campaign, amount in live.values_list("campaign", "live"):
        sums.setdefault(campaign, Bound()).add(Decimal(0), amount)
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
