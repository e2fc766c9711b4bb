"""Tasks and milestones of a campaign, what waits for what, and who has which duty (RACI)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.rules import OVER
from muster.team.members.models import Team
from muster.team.users.models import User


class TaskQuerySet(models.QuerySet["Task"]):
    """Which tasks?"""

    def overdue(self, today: date) -> TaskQuerySet:
        """Those that should be done by now and are not."""
        return self.filter(due__lt=today).exclude(status=Task.Status.DONE)

    def visible_to(self, user: User) -> TaskQuerySet:
        """Those that this person may see: every plan's, or only what they do or answer for."""
        rows = self.filter(campaign__deleted_at=None)
        if user.may("campaigns.see"):
            return rows
        return rows.worked_on_by(user) if user.may("work.see") else rows.none()

    def at_work(self) -> TaskQuerySet:
        """Those that still take somebody's time: a campaign that is over has its review left."""
        review = models.Q(campaign__status=Campaign.Status.ENDED, phase=Task.Phase.REVIEW)
        return self.filter(~models.Q(campaign__status__in=OVER) | review)

    def of(self, user: User) -> TaskQuerySet:
        """Those for which this person, or a team of theirs, is responsible."""
        return self._with(user, Duty.Letter.RESPONSIBLE)

    def worked_on_by(self, user: User) -> TaskQuerySet:
        """Those that this person, or a team of theirs, does or answers for."""
        return self._with(user, Duty.Letter.RESPONSIBLE, Duty.Letter.ACCOUNTABLE)

    def _with(self, user: User, *letters: str) -> TaskQuerySet:
        mine = models.Q(user=user) | models.Q(team__members=user)
        duties = Duty.objects.filter(mine, letter__in=letters)
        return self.filter(pk__in=duties.values("task"))


class _Present(models.Manager["Task"]):
    """Those that were not put away."""

    def get_queryset(self) -> TaskQuerySet:
        return TaskQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Task(models.Model):
    """Something that has to be done, or a milestone that has to be reached."""

    class Status(models.TextChoices):
        TODO = "todo", _("To do")
        DOING = "doing", _("In progress")
        REVIEW = "review", _("In review")
        DONE = "done", _("Done")

    class Phase(models.TextChoices):
        PREPARE = "prepare", _("Preparation")
        WARM_UP = "warm_up", _("Warm-up")
        LAUNCH = "launch", _("Launch")
        PEAK = "peak", _("Peak")
        ENCORE = "encore", _("Encore")
        REVIEW = "review", _("Retrospective")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks")
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        verbose_name=_("part of"),
        related_name="parts",
        null=True,
        blank=True,
    )
    title = models.CharField(_("title"), max_length=160)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    phase = models.CharField(_("phase"), max_length=8, choices=Phase.choices, default=Phase.PREPARE)
    status = models.CharField(
        _("status"), max_length=6, choices=Status.choices, default=Status.TODO
    )
    milestone = models.BooleanField(_("milestone"), default=False)
    days = models.PositiveSmallIntegerField(_("working days"), default=1)
    """How many working days it takes; 0 for a milestone."""
    not_before = models.DateField(_("not before"), null=True, blank=True)
    """The day before which it cannot start, whatever it waits for."""
    due = models.DateField(_("due"), null=True, blank=True)
    """The day on which it has to be finished; lateness is measured against it."""
    started_on = models.DateField(_("begun on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    hours = models.DecimalField(
        _("hours of work"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    """Work, not duration; None: every responsible person's whole days."""
    skill = models.CharField(_("skill needed"), max_length=60, blank=True)
    checklist = models.JSONField(_("checklist"), default=list, blank=True)
    """`[{"text": "…", "done": false}]`"""
    blocked_reason = models.CharField(_("blocked because"), max_length=200, blank=True)
    unblocker = models.ForeignKey(
        User, models.SET_NULL, related_name="unblocks", null=True, blank=True
    )
    about_kind = models.CharField(max_length=60, blank=True)
    """What it makes, such as `email`: approving that finishes the task."""
    about_id = models.BigIntegerField(null=True, blank=True)
    place = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    """Grows with every change, so that two people cannot overwrite each other unseen."""
    baseline_start = models.DateField(null=True, blank=True)
    baseline_end = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = _Present.from_queryset(TaskQuerySet)()

    class Meta:
        ordering = ["place", "pk"]
        indexes = [models.Index(fields=["campaign", "status"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(progress__lte=100), name="task_progress_is_a_share"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("task", self.pk)

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    @property
    def checked(self) -> int:
        """How many items of the checklist are done."""
        return sum(bool(item.get("done")) for item in self.checklist)


class Dependency(models.Model):
    """One task waits for another."""

    class Kind(models.TextChoices):
        FINISH_START = "FS", _("starts when the other has finished")
        START_START = "SS", _("starts when the other has started")
        FINISH_FINISH = "FF", _("finishes when the other has finished")

    before = models.ForeignKey(Task, models.CASCADE, related_name="followers")
    after = models.ForeignKey(Task, models.CASCADE, related_name="waits_for")
    kind = models.CharField(max_length=2, choices=Kind.choices, default=Kind.FINISH_START)
    lag = models.SmallIntegerField(_("lag, working days"), default=0)
    """Working days to wait in addition; negative: overlap."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["before", "after"], name="one_dependency_per_pair"),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="no_task_waits_for_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

    @property
    def public_id(self) -> str:
        return ids.public("dependency", self.pk)


class Duty(models.Model):
    """Who is responsible, accountable, consulted or informed of a task (RACI)."""

    class Letter(models.TextChoices):
        RESPONSIBLE = "R", _("Responsible")
        ACCOUNTABLE = "A", _("Accountable")
        CONSULTED = "C", _("Consulted")
        INFORMED = "I", _("Informed")

    task = models.ForeignKey(Task, models.CASCADE, related_name="duties")
    user = models.ForeignKey(User, models.CASCADE, related_name="duties", null=True, blank=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="duties", null=True, blank=True)
    letter = models.CharField(max_length=1, choices=Letter.choices)
    share = models.DecimalField(max_digits=3, decimal_places=2, default=Decimal(1))
    """The part of each working day that a responsible person gives."""

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(letter="A"),
                name="one_accountable_per_task",
            ),
            models.UniqueConstraint(
                fields=["task", "user", "letter"],
                condition=models.Q(user__isnull=False),
                name="one_letter_per_person",
            ),
            models.UniqueConstraint(
                fields=["task", "team", "letter"],
                condition=models.Q(team__isnull=False),
                name="one_letter_per_team",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="duty_of_a_person_or_a_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.user or self.team}: {self.task}"
