"""Deliveries and reservations as their page writes them (S13): how a row looks, its own words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from muster.plan.campaigns.models import Campaign
from muster.plan.materials.models import Reservation
from muster.plan.vendors.models import Delivery
from muster.team.http import TeamRequest
from muster.team.lookup import Addresses
from muster.team.templatetags.comments import talk_about
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import day, money, number

_TICKABLE = {Delivery.State.ORDERED, Delivery.State.DELIVERED, Delivery.State.REJECTED}


class _Delivery(NamedTuple):
    """A row of the deliveries."""

    state: str
    has_note: bool
    is_critical: bool
    has_backup: bool
    has_criteria: bool
    has_score: bool


class _Reservation(NamedTuple):
    """A row of the reserved materials."""

    state: str


class Writer:
    """Writes what vendors and stores bring to one campaign, for one reader."""

    def __init__(self, request: TeamRequest, campaign: Campaign) -> None:
        self._request = request
        self._campaign = campaign
        self._may_tick = request.user.may("campaigns.edit")
        self._step = Addresses("plan:delivery_step", "campaign", "delivery", "")
        self._hand_out = Addresses("plan:hand_out", "campaign", "reservation")
        self._release = Addresses("plan:release", "campaign", "reservation")

    def deliveries(self, rows: Iterable[Delivery]) -> list[Alike]:
        """The deliveries of the campaign."""
        return [self._delivery(one) for one in rows]

    def _delivery(self, one: Delivery) -> Alike:
        vendor, campaign, is_ = one.vendor, self._campaign, one.public_id
        looks = _Delivery(
            one.state,
            bool(one.note),
            vendor.critical,
            vendor.backup is not None,
            bool(one.criteria),
            bool(one.score),
        )
        words = {
            "id": is_,
            "title": one.title,
            "talk": talk_about(self._request, one),
            "note": one.note,
            "vendor": vendor.name,
            "backup": vendor.backup.name if vendor.backup else "",
            "due": day(one.due),
            "criteria": self._criteria(one) if one.criteria else "",
            "price": money(one.amount, campaign.currency) if one.amount else "–",
            "state": one.get_state_display(),
            "score": one.score or 0,
        }
        steps = ("order", "deliver", "accept", "send-back", "pay")
        addresses = {
            step.replace("-", "_"): self._step.of(campaign.public_id, is_, step) for step in steps
        }
        return Alike(looks, words | addresses)

    def _criteria(self, one: Delivery) -> SafeString:
        context = {
            "campaign": self._campaign,
            "one": one,
            "criteria": enumerate(one.criteria),
            "may_tick": self._may_tick and one.state in _TICKABLE,
        }
        return render_to_string("plan/resources/criteria.html", context)

    def reservations(self, rows: Iterable[Reservation]) -> list[Alike]:
        """The materials that are reserved for the campaign."""
        campaign = self._campaign.public_id
        return [
            Alike(
                _Reservation(one.state),
                {
                    "material": one.material.name,
                    "place": one.place.name,
                    "quantity": number(one.quantity),
                    "left": one.quantity,
                    "used": number(one.used),
                    "state": one.get_state_display(),
                    "hand_out": self._hand_out.of(campaign, one.public_id),
                    "release": self._release.of(campaign, one.public_id),
                },
            )
            for one in rows
        ]
