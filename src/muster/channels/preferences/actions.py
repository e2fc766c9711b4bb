"""What people in the market do with a message: leave, come back, say why (PE3, CH9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from muster.channels.messages import tokens
from muster.channels.sending.models import Recipient
from muster.channels.sending.news import campaign_context
from muster.events import names, shape
from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.people.consent import wishes
from muster.people.consent.actions import Word, record, withdraw
from muster.people.consent.keeping import keep_text, topics
from muster.people.consent.models import OF_PREFERENCES, ConsentState, State, Topic, TopicState
from muster.people.consent.terms import terms
from muster.people.profile.models import Person
from muster.people.profile.rules import region_of_phone
from muster.team import stores
from muster.team.users.models import Workspace

SOURCE = "preferences"
LIMITS = (1, 2, 3)
"""A week."""


WORDS = (
    _("No offers or news by e-mail for as long as you choose; then they come again."),
    _("You get no more e-mails with offers and news a week than you choose."),
    _("Messages about your orders still reach you."),
)
"""What the page says of a pause and of fewer messages: kept with each choice."""


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

    @property
    def paused_until(self) -> datetime | None:
        """When their pause ends, if there is one."""
        if self.person is None:
            return None
        return wishes.paused_until(self.person, self.recipient.send.channel, timezone.now())

    @property
    def at_most(self) -> int | None:
        """How many messages a week they want at most, if they said so."""
        if self.person is None:
            return None
        return wishes.at_most(self.person, self.recipient.send.channel)

    @property
    def limits(self) -> list[int]:
        """How many a week they can choose: fewer than the workspace sends anyway."""
        most = Workspace.here().messages_per_week
        return [number for number in LIMITS if not most or number < most]

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
    words = [
        Word(
            person,
            row.send.channel,
            row.send.purpose,
            State.GRANTED if topic.pk in wanted else State.WITHDRAWN,
            _proof(place),
            topic=topic,
        )
        for topic, is_wanted in place.topics()
        if is_wanted != (topic.pk in wanted)
    ]
    if words:
        record(words, now=timezone.now(), source=SOURCE)


@transaction.atomic
def come_back(place: Place) -> None:
    """They want it after all: their own word, on this page."""
    row, person = place.recipient, place.person
    if person is None:
        return
    pause(place, 0)
    word = Word(
        person,
        row.send.channel,
        row.send.purpose,
        State.GRANTED,
        _proof(place),
    )
    record([word], now=timezone.now(), source=SOURCE)


def pause(place: Place, days: int) -> None:
    """Nothing of marketing for so many days; 0 ends the pause."""
    _wish(place, wishes.pause, days)


def limit(place: Place, most: int) -> None:
    """At most so many messages a week; 0 takes the limit away.

    Raises Invalid for a number that the page does not offer.
    """
    if most not in (0, *place.limits):
        raise Invalid.at("/most", "unknown_value", _("Choose one of the numbers on the page."))
    _wish(place, wishes.limit, most)


def _wish(place: Place, wish: Callable[..., None], number: int) -> None:
    if place.person is None:
        return
    language = translation.get_language() or settings.LANGUAGE_CODE
    text = keep_text(OF_PREFERENCES, language, "\n".join(gettext(one) for one in WORDS), by=None)
    wish(
        place.person,
        place.recipient.send.channel,
        number,
        now=timezone.now(),
        source=SOURCE,
        proof=_proof(place),
        text_version=text.code,
    )


def speak(place: Place, language: str) -> None:
    """The language in which they want to be written to.

    Raises Invalid for one that is not offered.
    """
    person = place.person
    if language not in dict(settings.LANGUAGES):
        raise Invalid.at("/language", "unknown_value", _("Choose one of the languages."))
    if person is None or person.language == language:
        return
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(language=language)
        stores.emit([shape.identify({"language": language}, person_id=person.pk)])
    person.language = language


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


def _proof(place: Place) -> dict[str, object]:
    row = place.recipient
    return {"message": row.key, "send": row.send.public_id, "how": "page"}


def _has_left(place: Place) -> bool:
    send = place.recipient.send
    return ConsentState.objects.filter(
        person=place.person, channel=send.channel, purpose=send.purpose, state=State.WITHDRAWN
    ).exists()
