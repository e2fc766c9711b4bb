"""What people in the market do with a message: leave, come back, say why (PE3, CH9)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from muster.channels.messages import tokens
from muster.channels.sending.models import Recipient
from muster.channels.sending.news import campaign_context
from muster.events import names, shape
from muster.kit.errors import NotFound
from muster.kit.words import _
from muster.people.consent.actions import Word, record, withdraw
from muster.people.consent.keeping import topics
from muster.people.consent.models import ConsentState, State, Topic, TopicState
from muster.people.consent.terms import terms
from muster.people.profile.models import Person
from muster.people.profile.rules import region_of_phone
from muster.team import stores

SOURCE = "preferences"


class NoSuchLink(NotFound):
    """The token in the address is not one of ours."""

    code = "unknown_link"
    text = _(
        "This link is not complete. Open the message again and click the link there, or write to"
        " the sender."
    )


@dataclass(frozen=True)
class Place:
    """The message whose link was followed, and the person it went to."""

    recipient: Recipient
    person: Person | None
    """None for somebody who was erased."""

    @property
    def wants_mail(self) -> bool:
        """Whether mail of this kind may still be sent to them."""
        if self.person is None:
            return False
        send = self.recipient.send
        granted = ConsentState.objects.granted().filter(
            person=self.person, channel=send.channel, purpose=send.purpose
        )
        if granted.exists():
            return True
        wants_a_topic = any(
            state.counts_as == State.GRANTED
            for state in TopicState.objects.filter(
                person=self.person, channel=send.channel, purpose=send.purpose
            )
        )
        return (wants_a_topic or self._silence_is_enough) and not _has_left(self)

    @property
    def _silence_is_enough(self) -> bool:
        region = region_of_phone(self.person.phone) if self.person else None
        return terms().rule(self.recipient.send.purpose, region).allows_silence

    def topics(self) -> list[tuple[Topic, bool]]:
        """What they can choose, and whether they get it."""
        send = self.recipient.send
        refused = set(
            TopicState.objects.filter(
                person=self.person,
                channel=send.channel,
                purpose=send.purpose,
                state=State.WITHDRAWN,
            ).values_list("topic_id", flat=True)
        )
        return [(topic, topic.pk not in refused) for topic in topics()]


def place_of(token: str, purpose: str) -> Place:
    """The message and person behind a token; raises NoSuchLink."""
    number = tokens.recipient_of(stores.stores().signer, purpose, token)
    row = (
        Recipient.objects.filter(pk=number)
        .select_related("send__campaign", "variant__email")
        .first()
        if number is not None
        else None
    )
    if row is None:
        raise NoSuchLink
    return Place(row, Person.objects.behind(row.person_id))


@transaction.atomic
def unsubscribe(place: Place, *, how: str) -> None:
    """They want no more of it, from now on; saying so twice changes nothing."""
    row, person = place.recipient, place.person
    if person is None or _has_left(place):
        return
    now = timezone.now()
    withdraw(
        person,
        row.send.channel,
        row.send.purpose,
        now=now,
        source=SOURCE,
        proof={"message": row.key, "send": row.send.public_id, "how": how},
    )
    properties = {"channel": row.send.channel, "purpose": row.send.purpose, "how": how}
    context = {"campaign": campaign_context(row.send, row.variant, row.key)}
    stores.emit(
        [
            shape.event(
                names.UNSUBSCRIBED,
                person_id=person.pk,
                properties=properties,
                context=context,
                at=now,
            )
        ]
    )


def choose(place: Place, wanted: set[int]) -> None:
    """Of these topics they want messages, of the others none; only what changes is written down."""
    row, person = place.recipient, place.person
    if person is None:
        return
    proof = {"message": row.key, "send": row.send.public_id, "how": "page"}
    words = [
        Word(
            person,
            row.send.channel,
            row.send.purpose,
            State.GRANTED if topic.pk in wanted else State.WITHDRAWN,
            proof,
            topic=topic,
        )
        for topic, is_wanted in place.topics()
        if is_wanted != (topic.pk in wanted)
    ]
    if words:
        record(words, now=timezone.now(), source=SOURCE)


def come_back(place: Place) -> None:
    """They want it after all: their own word, on this page."""
    row, person = place.recipient, place.person
    if person is None:
        return
    word = Word(
        person,
        row.send.channel,
        row.send.purpose,
        State.GRANTED,
        {"message": row.key, "send": row.send.public_id, "how": "page"},
    )
    record([word], now=timezone.now(), source=SOURCE)


def say_why(place: Place, reason: str) -> None:
    """Why they left, in their own words or one of ours; nobody has to say it."""
    row, person = place.recipient, place.person
    reason = " ".join(reason.split())[:500]
    if person is None or not reason:
        return
    stores.emit(
        [
            shape.event(
                "Unsubscribe Reason Given",
                person_id=person.pk,
                properties={"reason": reason},
                context={"campaign": campaign_context(row.send, row.variant, row.key)},
                at=timezone.now(),
            )
        ]
    )


def _has_left(place: Place) -> bool:
    send = place.recipient.send
    return ConsentState.objects.filter(
        person=place.person, channel=send.channel, purpose=send.purpose, state=State.WITHDRAWN
    ).exists()
