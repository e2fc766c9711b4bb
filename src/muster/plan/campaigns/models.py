"""The campaign: a goal, a budget, two dates, and everything that is made for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.kit.money import Money
from muster.plan.campaigns import rules
from muster.team.users.models import User, Workspace


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Which campaigns?"""

    def visible_to(self, user: User) -> CampaignQuerySet:
        """Those that this person may see."""
        return self.filter(deleted_at=None) if user.may("campaigns.see") else self.none()

    def live(self) -> CampaignQuerySet:
        """Running or paused."""
        return self.filter(status__in=rules.LIVE)

    def open(self) -> CampaignQuerySet:
        """Not yet launched."""
        return self.filter(status__in=rules.OPEN)


class Campaign(models.Model):
    """One campaign from the first idea to the lesson."""

    class Status(models.TextChoices):
        DRAFT = rules.Status.DRAFT.value, _("Draft")
        PREPARING = rules.Status.PREPARING.value, _("Preparing")
        IN_REVIEW = rules.Status.IN_REVIEW.value, _("In review")
        READY = rules.Status.READY.value, _("Ready")
        RUNNING = rules.Status.RUNNING.value, _("Running")
        PAUSED = rules.Status.PAUSED.value, _("Paused")
        ENDED = rules.Status.ENDED.value, _("Ended")
        REVIEWED = rules.Status.REVIEWED.value, _("Reviewed")
        ARCHIVED = rules.Status.ARCHIVED.value, _("Archived")

    class Strategy(models.TextChoices):
        ACQUIRE = "acquire", _("Win new customers")
        ACTIVATE = "activate", _("Get people started")
        RETAIN = "retain", _("Keep customers coming")
        WIN_BACK = "win_back", _("Win customers back")
        LAUNCH = "launch", _("Launch a product")
        AWARENESS = "awareness", _("Become known")

    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.DRAFT
    )
    strategy = models.CharField(
        _("strategy"), max_length=12, choices=Strategy.choices, blank=True, default=""
    )
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    currency = models.CharField(_("currency"), max_length=3)
    total_budget = models.DecimalField(
        _("total budget"),
        max_digits=14,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("owner"), related_name="campaigns"
    )
    message = models.TextField(_("core message"), blank=True, max_length=1000)
    value_proposition = models.TextField(_("why people should care"), blank=True, max_length=2000)
    audience = models.TextField(_("whom we want to reach"), blank=True, max_length=2000)
    channels = models.JSONField(_("channels"), default=list, blank=True)
    """Keys of the channels it uses, such as `email`."""
    competitors = models.TextField(_("what others do"), blank=True, max_length=2000)
    difference = models.TextField(_("what makes us different"), blank=True, max_length=2000)
    not_doing = models.TextField(_("what we will not do"), blank=True, max_length=2000)
    holdout = models.TextField(_("how we will know that it worked"), blank=True, max_length=1000)
    sample = models.BooleanField(default=False)
    """Part of the sample workspace."""
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["status", "starts"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="campaign_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(total_budget__gte=0), name="campaign_budget_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.public("campaign", self.pk)

    @property
    def topic(self) -> str:
        """The live topic on which its pages listen."""
        return f"campaign:{self.public_id}"

    @property
    def budget(self) -> Money:
        return Money(self.total_budget, self.currency)

    @property
    def is_planned(self) -> bool:
        """Not launched yet."""
        return self.status in rules.OPEN

    @property
    def is_live(self) -> bool:
        return self.status in rules.LIVE

    @property
    def is_over(self) -> bool:
        return self.status in rules.OVER

    @property
    def may_be_planned(self) -> bool:
        """Whether its plan may still be changed freely (later changes need a new approval)."""
        return self.status not in {self.Status.REVIEWED, self.Status.ARCHIVED}

    @property
    def may_be_booked(self) -> bool:
        """Whether costs may still be booked: invoices come late, but not after it was archived."""
        return self.status != self.Status.ARCHIVED

    def clock(self, today: date | None = None) -> rules.Clock:
        """Which day of the campaign it is, in the workspace's time zone."""
        zone = Workspace.here().zone
        today = today or timezone.now().astimezone(zone).date()
        return rules.clock(self.starts, self.ends, today)

    def window(self, zone: ZoneInfo | None = None) -> tuple[datetime, datetime]:
        """The UTC bounds [from, to) of its days, in the workspace's time zone."""
        zone = zone or Workspace.here().zone
        first = datetime.combine(self.starts, time.min, zone)
        after = datetime.combine(self.ends + timedelta(days=1), time.min, zone)
        return first.astimezone(UTC), after.astimezone(UTC)
