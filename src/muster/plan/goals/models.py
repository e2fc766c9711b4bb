"""Goals of a campaign: a metric of the catalogue, from where, to where, until when."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.plan.objectives.models import Objective
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS


class Goal(models.Model):
    """One number that a campaign is to reach."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="goals")
    metric = models.CharField(_("metric"), max_length=60)
    """A key of the metric catalogue."""
    baseline = models.DecimalField(
        _("today"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    baseline_source = models.CharField(_("where this number is from"), max_length=200, blank=True)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4)
    starts = models.DateField(_("counted from"), null=True, blank=True)
    due = models.DateField(_("due"), null=True, blank=True)
    """The last day that counts."""
    owner = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("owner"), related_name="goals", null=True, blank=True
    )
    population = models.CharField(_("of whom"), max_length=200, blank=True)
    channel = models.CharField(_("through"), max_length=60, blank=True)
    statement = models.CharField(_("in one sentence"), max_length=300, blank=True)
    reason = models.TextField(_("why this is possible"), blank=True, max_length=1000)
    """Why so ambitious, when past campaigns do not show it."""
    objective = models.ForeignKey(
        Objective,
        models.SET_NULL,
        verbose_name=_("which objective it supports"),
        related_name="goals",
        null=True,
        blank=True,
    )
    supports = models.CharField(_("what it supports"), max_length=200, blank=True)
    """In words, of a goal that is linked to no objective."""
    checkpoints = models.JSONField(_("checkpoints"), default=list, blank=True)
    """ISO dates between start and due on which progress is looked at."""
    guardrails = models.JSONField(_("guardrails"), default=list, blank=True)
    """`[{"metric": key, "op": "gte"|"lte", "value": "200"}]`: what must not get worse."""
    primary = models.BooleanField(_("main goal"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-primary", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=models.Q(primary=True),
                name="one_primary_goal_per_campaign",
            )
        ]

    def __str__(self) -> str:
        return gettext(METRICS[self.metric].name) if self.metric in METRICS else self.metric

    @property
    def public_id(self) -> str:
        return ids.public("goal", self.pk)

    @property
    def checkpoint_dates(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.checkpoints]


class Look(models.Model):
    """What was seen of a goal on a checkpoint, or of one of its guardrails: news is told once."""

    class Kind(models.TextChoices):
        CHECKPOINT = "checkpoint", _("Checkpoint")
        RAIL = "rail", _("Guardrail")

    class State(models.TextChoices):
        HELD = "held", _("Held")
        MISSED = "missed", _("Missed")

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="looks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    what = models.CharField(max_length=60)
    """The day of the checkpoint, or the metric of the guardrail."""
    expected = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    actual = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    """None while nobody can tell."""
    state = models.CharField(max_length=6, choices=State.choices)
    at = models.DateTimeField()

    class Meta:
        ordering = ["goal", "kind", "what"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "kind", "what"], name="one_look_per_mark")
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.state}"


def primary_goal(campaign: Campaign) -> Goal | None:
    """The goal by which the campaign is judged first."""
    return campaign.goals.first()
