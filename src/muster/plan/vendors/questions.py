"""What vendors and materials have to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F
from django.urls import reverse

from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check


@check("plan", _("Vendors deliver in time, and somebody can step in"), severity=Severity.WARN)
def vendors_are_safe(campaign: Campaign) -> Iterator[Finding]:
    url = reverse("plan:resources", args=[campaign.pk])
    rows = campaign.deliveries.select_related("vendor").exclude(state__in=["accepted", "paid"])
    for delivery in rows:
        if delivery.due > campaign.starts:
            yield Finding(
                _("“%(what)s” by %(vendor)s is due after the first day. Order it earlier."),
                url,
                Severity.WARN,
                {"what": delivery.title, "vendor": str(delivery.vendor)},
            )
        if delivery.vendor.critical and delivery.vendor.backup_id is None:
            yield Finding(
                _("Nobody steps in for %(vendor)s. Name a vendor who could."),
                reverse("plan:vendors"),
                Severity.WARN,
                {"vendor": str(delivery.vendor)},
            )


@check("plan", _("Reserved materials are really there"))
def materials_are_there(campaign: Campaign) -> Iterator[Finding]:
    short = campaign.reservations.filter(
        state="open",
        material__stock__place=F("place"),
        material__stock__on_hand__lt=F("material__stock__reserved"),
    ).select_related("material", "place")
    for held in short:
        yield Finding(
            _("Less “%(material)s” lies at %(place)s than is reserved. Count again, or transfer."),
            reverse("plan:materials"),
            Severity.BLOCK,
            {"material": str(held.material), "place": str(held.place)},
        )
