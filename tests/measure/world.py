"""A small campaign told person by person: two mails, some held out, and what they did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from muster.channels.sending.models import Recipient, Send, Variant
from muster.content.emails.models import Email
from muster.events.shape import event
from muster.people.profile.models import Person
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal

SENT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 6, 4, 0, tzinfo=UTC)
"""Day 6 of ten in Shanghai."""


class World:
    """A campaign from 1 to 10 November in Shanghai, and its people."""

    def __init__(self, owner: Any, stores: Any) -> None:
        self.owner = owner
        self.stores = stores
        self.campaign = Campaign.objects.create(
            name="Spring tea",
            status=Campaign.Status.RUNNING,
            starts=date(2026, 11, 1),
            ends=date(2026, 11, 10),
            currency="CNY",
            total_budget=Decimal(1000),
            owner=owner,
        )
        self.people: list[Person] = []
        self._number = 0

    def goal(self, metric: str, target: float, **more: Any) -> Goal:
        fields = {"starts": date(2026, 11, 1), "due": date(2026, 11, 10), "primary": True, **more}
        return Goal.objects.create(campaign=self.campaign, metric=metric, target=target, **fields)

    def cost(self, amount: float, category: str = "media", channel: str = "", **more: Any) -> Cost:
        fields = {"at": date(2026, 11, 2), "kind": Cost.Kind.ACTUAL, **more}
        return Cost.objects.create(
            campaign=self.campaign, amount=Decimal(str(amount)), category=category, channel=channel,
            by=self.owner, **fields,
        )  # fmt: skip

    def send(self, name: str = "Mail", **groups: int) -> Send:
        """A frozen send with so many people for each variant; `held_out` is the hold-out."""
        send = Send.objects.create(
            campaign=self.campaign, name=name, rule={"all": []}, by=self.owner,
            status=Send.Status.DONE, frozen_at=SENT,
        )  # fmt: skip
        for position, (variant, count) in enumerate(groups.items()):
            arm = None
            if variant != "held_out":
                mail = Email.objects.create(campaign=self.campaign, name=variant)
                arm = Variant.objects.create(send=send, position=position, name=variant, email=mail)
            for _ in range(count):
                self._enlist(send, arm)
        return send

    def _enlist(self, send: Send, arm: Variant | None) -> None:
        person = Person.objects.create(email=f"p{len(self.people)}@example.test")
        self.people.append(person)
        state = Recipient.State.SENT if arm else Recipient.State.HELD_OUT
        Recipient.objects.create(
            send=send, person=person, variant=arm, address=person.email, state=state,
            key=f"k{person.pk}",
        )  # fmt: skip
        if arm:
            self.message("Message Sent", person, send)
            self.message("Message Delivered", person, send)

    def message(self, name: str, person: Person, send: Send, **more: Any) -> None:
        """Something that happened to a message."""
        ours = {"send_id": send.public_id, "message_id": f"m{person.pk}", "channel": "email"}
        ours |= {"campaign_id": self.campaign.public_id, "name": "spring"}
        self._emit(
            event(
                name, person_id=person.pk, at=more.pop("at", SENT), properties=more,
                context={"campaign": ours},
            )
        )  # fmt: skip

    def did(self, person: Person, name: str, *, hours: float = 5, **properties: Any) -> None:
        """Something the person did so many hours after the mail went out."""
        at = SENT + timedelta(hours=hours)
        self._emit(event(name, person_id=person.pk, at=at, properties=properties))

    def order(self, person: Person, total: float, *, hours: float = 6, **more: Any) -> None:
        self._number += 1
        self.did(
            person, "Order Completed", hours=hours, order_id=f"o{self._number}", total=total,
            currency=more.pop("currency", "CNY"), **more,
        )  # fmt: skip

    def settle(self) -> None:
        self.stores.settle()

    def _emit(self, what: bytes) -> None:
        self.stores.stores.spool.append("muster", [what])
