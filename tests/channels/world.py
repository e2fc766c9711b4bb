"""A campaign with people who may be written to, told person by person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from muster.channels.sending import actions
from muster.channels.sending.drawing import Drawn
from muster.channels.sending.models import Recipient, Send, Variant
from muster.content.emails.actions import make_inline
from muster.content.emails.models import Email
from muster.people.consent.actions import suppress
from muster.people.models import ConsentEntry, ConsentState, Person
from muster.people.profile.hashing import address_hash
from muster.plan.campaigns.models import Campaign

NOW = datetime(2026, 11, 6, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
EVERYBODY: dict[str, Any] = {"trait": "last_seen", "op": "exists"}


class World:
    """A workspace in Shanghai with one campaign and one mail."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.campaign = Campaign.objects.create(
            name="Spring tea", starts=date(2026, 11, 1), ends=date(2026, 11, 30),
            currency="CNY", owner=owner, channels=["email"],
        )  # fmt: skip
        self.mail = self.email("First pick")

    def email(self, subject: str) -> Email:
        body = '<p>你好 {{ first_name | default: "friend" }}, <a href="https://tea.example/pick">pick</a></p>'
        return make_inline(self.campaign, {"subject": subject, "html": body}, by=self.owner)

    def person(
        self, name: str, *, consent: str = "granted", email: str | None = None, **more: Any
    ) -> Person:
        address = f"{name}@example.com" if email is None else email
        person = Person.objects.create(
            first_name=name, email=address, email_hash=address_hash("email", address), **more
        )
        if consent:
            self.says(person, consent)
        return person

    def people(self, count: int, start: int = 0) -> list[Person]:
        return [self.person(f"p{number}") for number in range(start, start + count)]

    def says(self, person: Person, state: str) -> None:
        ConsentState.objects.filter(person=person).delete()
        entry = ConsentEntry.objects.create(
            message_id=f"{person.pk}-{state}", person=person, channel="email",
            purpose="marketing", state=state, source="api", at=NOW,
        )  # fmt: skip
        ConsentState.objects.create(
            person=person, channel="email", purpose="marketing", state=state, at=NOW, entry=entry
        )

    def keep_out(self, person: Person, reason: str) -> None:
        suppress("email", [person.email], reason=reason, now=NOW, source="test")

    def send(self, *emails: Email, **more: Any) -> Send:
        """A draft to everybody."""
        variants = [
            actions.NewVariant(chr(65 + place), email)
            for place, email in enumerate(emails or (self.mail,))
        ]
        more.setdefault("rule", EVERYBODY)
        return actions.prepare(
            self.campaign, "First pick", by=self.owner, variants=more.pop("variants", variants),
            **more,
        )  # fmt: skip

    def got(self, person: Person, days_ago: float, state: str = "sent") -> None:
        """The person got another message so many days ago."""
        other = Send.objects.create(
            campaign=self.campaign, name="Earlier", rule=EVERYBODY, by=self.owner,
            status=Send.Status.DONE, frozen_at=NOW - timedelta(days=days_ago),
        )  # fmt: skip
        Recipient.objects.create(
            send=other, person=person, address=person.email, state=state, key="earlier",
            sent_at=NOW - timedelta(days=days_ago), attempt=1,
        )  # fmt: skip


def drawn(send: Send, people: list[Person], groups: list[int] | None = None) -> Drawn:
    """This audience, with these groups (all in the first variant unless said)."""
    import numpy as np

    numbers = np.array([person.pk for person in people], dtype=np.int64)
    return Drawn(
        numbers, np.array(groups or [1] * len(people), dtype=np.int64), tuple(send.variants.all())
    )


def frozen(send: Send, people: list[Person], groups: list[int] | None = None) -> Send:
    """The send, begun at NOW for these people."""
    from muster.channels.sending.freezing import freeze

    size = freeze(send, drawn(send, people, groups), NOW)
    Send.objects.filter(pk=send.pk).update(
        status=Send.Status.SENDING, frozen_at=NOW, started_at=NOW, audience_size=size, approved="x"
    )
    send.refresh_from_db()
    return send


def states(send: Send) -> dict[str, str]:
    """First name → state, with the reason where there is one."""
    rows = Recipient.objects.filter(send=send).order_by("pk")
    names = dict(Person.objects.values_list("pk", "first_name"))
    return {names[row.person_id]: f"{row.state} {row.reason}".strip() for row in rows}


def variant_of(send: Send) -> Variant:
    return send.variants.get()
