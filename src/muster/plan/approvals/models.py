"""Requests for approval, and the decisions on them, each bound to one version of the work."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.approvals import rules
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User


def _release() -> list[str]:
    return list(rules.POLICY)


class ApprovalRequest(models.Model):
    """Someone asks that one version of something be let out."""

    kind = models.CharField(max_length=20)
    """What it is about, such as `send` or `campaign`."""
    object_id = models.BigIntegerField()
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="approvals")
    title = models.CharField(max_length=200)
    url = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64)
    steps = models.JSONField(default=_release)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="approvals_asked")
    asked_at = models.DateTimeField(auto_now_add=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    closed_at = models.DateTimeField(null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    """The sum it is about, in the campaign's currency."""
    outline = models.JSONField(default=list)
    """`[["Last day", "2026-11-15"], …]`: this version in words, to show what differs later."""
    about = models.JSONField(default=list)
    """`[["email", 7], …]`: the things in it; whoever has the A of their tasks is accountable."""
    opened_at = models.DateTimeField(null=True)
    """Since when the steps that are open now may be signed."""
    due_at = models.DateTimeField(null=True)
    """When the first of them has to be decided."""
    escalated_at = models.DateTimeField(null=True)
    """Since when it is overdue; from then on owners may decide too."""
    nudged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "object_id", "fingerprint"]),
            models.Index(
                fields=["due_at"],
                condition=models.Q(closed_at=None, escalated_at=None),
                name="request_that_may_be_overdue",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "object_id"],
                condition=models.Q(closed_at=None),
                name="one_open_request_per_thing",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def public_id(self) -> str:
        return ids.public("approval", self.pk)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def was_decided(self) -> bool:
        """Closed by a decision, and not because it was withdrawn or asked anew."""
        sent_back = any(d.verdict == Decision.Verdict.SENT_BACK for d in self.decisions.all())
        missing = {step.key for step in self.asked_steps} - set(self.signed)
        return not self.is_open and (sent_back or not missing)

    @property
    def newer(self) -> ApprovalRequest | None:
        """The request for a later version of the same thing, if there is one."""
        rows = ApprovalRequest.objects.filter(kind=self.kind, object_id=self.object_id)
        return rows.filter(pk__gt=self.pk).order_by("-pk").first()

    @property
    def room(self) -> str:
        """The address of its review room."""
        return reverse("plan:review", args=[self.pk])

    @property
    def asked_steps(self) -> list[rules.Step]:
        """The steps as the policy was when approval was asked for."""
        return [rules.step_of(raw) for raw in self.steps]

    @property
    def signed(self) -> list[str]:
        """Keys of the steps that are approved."""
        return [d.step for d in self.decisions.all() if d.verdict == Decision.Verdict.APPROVED]

    @property
    def signers(self) -> list[int]:
        """Who has signed a step."""
        return [decision.by_id for decision in self.decisions.all()]

    @property
    def open_now(self) -> list[rules.Step]:
        """The steps that wait for a signature now."""
        return rules.open_now(self.asked_steps, self.signed) if self.is_open else []


class Decision(models.Model):
    """One person's verdict on one step, for the work as it was at that moment."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")

    request = models.ForeignKey(ApprovalRequest, models.CASCADE, related_name="decisions")
    step = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    fingerprint = models.CharField(max_length=64)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    waiver = models.BooleanField(default=False)
    """An owner approved their own request, because nobody else could."""
    instead_of = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    """The person in whose place it was decided."""
    by_link = models.BooleanField(default=False)
    """Decided by the signed link of a message, without signing in."""
    by = models.ForeignKey(User, models.PROTECT, related_name="decisions")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "step"], name="one_decision_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.request}"


def is_approved(kind: str, object_id: int, fingerprint: str) -> Decision | None:
    """The decision that lets exactly this version out, or None."""
    decisions = (
        Decision.objects.filter(
            request__kind=kind, request__object_id=object_id, request__fingerprint=fingerprint
        )
        .select_related("request", "by")
        .order_by("-pk")
    )
    signed: dict[int, list[Decision]] = {}
    for decision in decisions:
        signed.setdefault(decision.request_id, []).append(decision)
    for of_request in signed.values():
        signatures = [
            rules.Signature(d.step, d.fingerprint)
            for d in of_request
            if d.verdict == Decision.Verdict.APPROVED
        ]
        steps = [step.key for step in of_request[0].request.asked_steps]
        if not rules.open_steps(steps, signatures, fingerprint):
            return of_request[0]
    return None


def open_request(kind: str, object_id: int) -> ApprovalRequest | None:
    """The request on this thing that waits for a decision."""
    return ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None).first()


class Policy(models.Model):
    """Which signatures things of one kind need."""

    kind = models.CharField(_("for"), max_length=20, unique=True)
    steps = models.JSONField(default=list)
    """As `rules.kept` writes them."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.kind

    @property
    def public_id(self) -> str:
        return ids.public("policy", self.pk)


class StandIn(models.Model):
    """One person decides in the place of another: for some days, or one request."""

    of = models.ForeignKey(User, models.CASCADE, related_name="stand_ins")
    to = models.ForeignKey(User, models.CASCADE, related_name="stands_in_for")
    request = models.ForeignKey(
        ApprovalRequest, models.CASCADE, related_name="stand_ins", null=True
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(of=models.F("to")), name="nobody_stands_in_for_themselves"
            ),
            models.CheckConstraint(
                condition=models.Q(last=None) | models.Q(last__gte=models.F("first")),
                name="stand_in_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.to} for {self.of}"

    @classmethod
    def on(cls, day: date) -> models.QuerySet[StandIn]:
        """Those that hold on this day."""
        rows = cls.objects.filter(models.Q(last=None) | models.Q(last__gte=day), first__lte=day)
        return rows.filter(to__is_active=True, of__is_active=True)


class DecisionLink(models.Model):
    """A link in a message by which one person decides on one version, once."""

    request = models.ForeignKey(ApprovalRequest, models.CASCADE, related_name="links")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.request}"
