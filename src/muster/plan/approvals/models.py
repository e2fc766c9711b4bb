"""Requests for approval, and the decisions on them, each bound to one version of the work."""

from __future__ import annotations

from django.db import models
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

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "object_id", "fingerprint"])]
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
        if not rules.open_steps(of_request[0].request.steps, signatures, fingerprint):
            return of_request[0]
    return None


def open_request(kind: str, object_id: int) -> ApprovalRequest | None:
    """The request on this thing that waits for a decision."""
    return ApprovalRequest.objects.filter(kind=kind, object_id=object_id, closed_at=None).first()


def waiting_for(user: User) -> models.QuerySet[ApprovalRequest]:
    """The open requests that this person may decide, oldest first."""
    if not user.may("approvals.decide"):
        return ApprovalRequest.objects.none()
    rows = ApprovalRequest.objects.filter(closed_at=None, campaign__deleted_at=None)
    if user.role != "owner":
        rows = rows.exclude(asked_by=user)
    return rows.select_related("campaign", "asked_by").order_by("pk")
