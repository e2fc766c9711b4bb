"""Who learns what for a campaign."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.plan.training import rules
from muster.team.users.models import User


class Training(models.Model):
    """A colleague learns a skill; with the last item of the checklist they have it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="trainings")
    trainee = models.ForeignKey(
        User, models.CASCADE, verbose_name=_("who learns it"), related_name="trainings"
    )
    skill = models.CharField(_("skill"), max_length=40)
    due = models.DateField(_("due"))
    items = models.JSONField(_("what has to be passed"), default=list)
    """A list of `rules.Item`."""
    finished_at = models.DateTimeField(null=True, blank=True)
    """When the last item was passed, and the skill with it."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "trainee", "skill"],
                condition=models.Q(finished_at=None),
                name="one_open_training_of_a_skill",
            )
        ]

    def __str__(self) -> str:
        return f"{self.trainee}: {self.skill}"

    @property
    def public_id(self) -> str:
        return ids.public("training", self.pk)

    @property
    def passed(self) -> int:
        return rules.passed(self.items)

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None
