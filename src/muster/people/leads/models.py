"""A lead (PE7): a person whom sales should speak to, from the hand-over to won or lost."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.kit.money import Money
from muster.people.leads.rules import OPEN, UNTOUCHED
from muster.people.profile.models import Person
from muster.team.users.models import User


class LeadQuerySet(models.QuerySet["Lead"]):
    """Which leads?"""

    def visible_to(self, user: User) -> LeadQuerySet:
        """All for those who give them out; else one's own, and those that nobody has."""
        if user.may("leads.all"):
            return self
        if user.may("leads.work"):
            return self.filter(models.Q(owner=user) | models.Q(owner=None))
        return self.none()

    def open(self) -> LeadQuerySet:
        """Those that nothing came of yet."""
        return self.filter(state__in=OPEN)


class Lead(models.Model):
    """Somebody whom sales should speak to, once."""

    class State(models.TextChoices):
        NEW = "new", _("New lead")
        ACCEPTED = "accepted", _("Taken on")
        WORKING = "working", _("In contact")
        QUALIFIED = "qualified", _("Sales opportunity")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")
        RECYCLED = "recycled", _("Given back")

    class Reason(models.TextChoices):
        NO_BUDGET = "no_budget", _("No budget")
        NO_NEED = "no_need", _("No need")
        TOO_EARLY = "too_early", _("Too early")
        COMPETITOR = "competitor", _("Bought elsewhere")
        PRICE = "price", _("Too dear")
        NO_ANSWER = "no_answer", _("Does not answer")
        WRONG = "wrong", _("Wrong person or data")
        OTHER = "other", _("Something else")
        MERGED = "merged", _("One with another lead")

    person = models.ForeignKey(Person, models.CASCADE, related_name="leads")
    merged_from = models.ForeignKey(Person, models.SET_NULL, related_name="+", null=True)
    """Whose lead it was before they were merged into the person."""
    merged_with = models.ForeignKey("self", models.SET_NULL, related_name="+", null=True)
    """The lead that goes on for this one, since their people turned out to be one."""
    state = models.CharField(_("stage"), max_length=9, choices=State.choices, default=State.NEW)
    owner = models.ForeignKey(User, models.SET_NULL, related_name="leads", null=True)
    score = models.FloatField(default=0)
    """When the lead was opened, as the grade and the reasons."""
    fit = models.IntegerField(default=0)
    grade = models.CharField(max_length=1, blank=True)
    why = models.JSONField(default=list)
    """What gave the points then: rows of `reasons.kept`."""
    by_hand = models.BooleanField(default=False)
    """Opened by a person and not by the score."""
    opened_at = models.DateTimeField()
    assigned_at = models.DateTimeField(null=True)
    contact_due = models.DateTimeField(null=True)
    """Until when somebody has to have spoken to the person; None while nobody owns the lead."""
    contacted_at = models.DateTimeField(null=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("on"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    closed_at = models.DateTimeField(null=True)
    late_told_at = models.DateTimeField(null=True)
    """When its owner heard that the time is up."""
    late_raised_at = models.DateTimeField(null=True)
    """When those who lead heard it."""
    version = models.PositiveIntegerField(default=1)
    sample = models.BooleanField(default=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(closed_at=None),
                name="one_open_lead_per_person",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "state"], name="leads_of_owner"),
            models.Index(fields=["state", "contact_due"], name="leads_by_due"),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return ids.public("lead", self.pk)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_untouched(self) -> bool:
        """Whether the clock to the first contact runs."""
        return self.state in UNTOUCHED

    @property
    def money(self) -> Money | None:
        return Money(self.amount, self.currency) if self.amount is not None else None


REASONS = [pair for pair in Lead.Reason.choices if pair[0] != Lead.Reason.MERGED]
"""Why people end a lead; what ends with a merge ends by itself."""


class LeadStep(models.Model):
    """Something that happened to a lead; what can be taken back is not told to the log yet."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Became a lead")
        GIVEN = "given", _("Handed to sales")
        MOVED = "moved", _("Went on")
        NOTED = "noted", _("Noted")

    lead = models.ForeignKey(Lead, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=Lead.State.choices, blank=True)
    """The stage it came to."""
    to = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    """Who got it."""
    note = models.TextField(blank=True, max_length=2000)
    facts = models.JSONField(default=dict)
    """What the event says besides."""
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    at = models.DateTimeField()
    told = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(told=False), name="lead_steps_not_told")
        ]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.kind} {self.state}"


class Qualified(models.Model):
    """Somebody who is one for sales by the rule now, as last worked out."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="qualified")
    since = models.DateTimeField()
    score = models.FloatField()
    grade = models.CharField(max_length=1)

    def __str__(self) -> str:
        return f"{self.person_id} {self.grade} {self.score}"


class ScoreMove(models.Model):
    """Somebody became one for sales, or ceased to be."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    became = models.BooleanField()
    score = models.FloatField(default=0)
    grade = models.CharField(max_length=1, blank=True)
    at = models.DateTimeField()
    told = models.BooleanField(default=False)
    """Whether the event log has it."""

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(told=False), name="score_moves_not_told")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {'+' if self.became else '-'}"


class Handover(models.Model):
    """How leads are given to sales; there is at most one."""

    rules = models.JSONField(default=list)
    """In order: `{"name", "when": R or null, "to": [public ids of members]}`."""
    room = models.PositiveSmallIntegerField(_("open leads per seller"), default=20)
    rooms = models.JSONField(default=dict)
    """Number of a member → the most that this one takes, where it is another."""
    contact_hours = models.PositiveSmallIntegerField(_("working hours to the contact"), default=8)
    raise_hours = models.PositiveSmallIntegerField(_("hours until the lead hears"), default=4)
    opens = models.TimeField(_("work begins"), default=time(9))
    closes = models.TimeField(_("work ends"), default=time(18))
    rest_days = models.PositiveSmallIntegerField(_("rest after a lead"), default=30)
    """Nobody becomes a lead again within so many days after the last one was closed."""
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "Hand-over"

    @classmethod
    def here(cls) -> Handover:
        """The one of this workspace; the usual one, unsaved, where nobody chose yet."""
        return cls.objects.first() or cls()

    def room_of(self, user: int) -> int:
        """The most open leads that this member takes."""
        return int(self.rooms.get(str(user), self.room))

    @property
    def fields(self) -> dict[str, Any]:
        """What can be chosen, as it is now."""
        return {name: getattr(self, name) for name in HANDOVER_FIELDS}


HANDOVER_FIELDS = (
    "rules", "room", "rooms", "contact_hours", "raise_hours", "opens", "closes", "rest_days",
)  # fmt: skip
