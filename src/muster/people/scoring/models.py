"""The scorecard of the workspace (PE7), and the rule that says who is one for sales."""

from __future__ import annotations

from django.db import models

from muster.people.profile.models import Person
from muster.people.scoring.starting import CARD, MQL
from muster.team.users.models import User
from muster.warehouse.rules import Rule, parse
from muster.warehouse.scorecard import Scorecard, read


class ScoreModel(models.Model):
    """What people get points for; there is at most one, and none before it was looked at once."""

    card = models.JSONField(default=dict)
    mql = models.JSONField(default=dict)
    """The rule of the segment grammar that says who is one for sales."""
    on = models.BooleanField(default=False)
    """Whether leads are opened by it."""
    scored_at = models.DateTimeField(null=True)
    scored_to = models.CharField(max_length=80, blank=True)
    """How far the events had been looked at then."""
    scored_rule = models.CharField(max_length=80, blank=True)
    """What the rule meant then."""
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "Scorecard"

    @classmethod
    def here(cls) -> ScoreModel:
        """The one of this workspace; the starting one, unsaved, where nobody chose yet."""
        return cls.objects.first() or cls(card=CARD, mql=MQL)

    @property
    def scorecard(self) -> Scorecard:
        return read(self.card)

    @property
    def rule(self) -> Rule:
        return parse(self.mql)


class ScoreDue(models.Model):
    """When time alone may first change what a rule about scores says of somebody."""

    asker = models.CharField(max_length=20)
    """Whose rule it is: the public id of a segment, or `leads`."""
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asker", "person"], name="due_once_per_rule")
        ]
        indexes = [models.Index(fields=["asker", "at"], name="score_due_by_time")]

    def __str__(self) -> str:
        return f"{self.asker} {self.person_id}"
