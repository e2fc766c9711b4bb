"""One person, one answer (CH8): will they get it, and if not, why?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone

from muster.channels.decide import asking
from muster.channels.decide.rules import Reason
from muster.channels.sending.drawing import draw
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.review import terms_of
from muster.kit.words import _
from muster.people.consent.models import ConsentState, State, TopicState
from muster.people.consent.wishes import at_most
from muster.people.profile.models import Person

SENTENCES = {
    "": _("Gets the message."),
    Reason.ERASED: _("Was erased at their own wish."),
    Reason.MERGED: _("Is one with another person by now; that one counts."),
    Reason.SUPPRESSED: _("The address bounced, complained or is blocked."),
    Reason.UNREACHABLE: _("Has no address that mail can be sent to."),
    Reason.NO_CONSENT: _("Has never agreed to get mail of this kind."),
    Reason.UNSUBSCRIBED: _("Has unsubscribed."),
    Reason.PAUSED: _("Asked for a pause; it has not ended yet."),
    "left_topic": _("Wants no messages about “%(topic)s”."),
    Reason.NO_VARIANT: _("Fits the rule of no variant."),
    Reason.DUPLICATE: _("Somebody else with the same address gets it."),
    Reason.HELD_OUT: _("Belongs to those who get nothing, for comparison."),
    Reason.CAPPED: _("Got %(count)s messages in the last seven days; at most %(limit)s are sent."),
    "capped_then": _("Had got as many messages as are allowed in a week."),
    Reason.QUIET: _("Gets the message later: it is quiet time where they live."),
    Reason.RENDER_ERROR: _("The message could not be made for them: %(answer)s"),
    "outside": _("Is not in the audience."),
    "queued": _("Waits for the message."),
    "claimed": _("The message is being handed over now."),
    "retry": _("The mail server asked us to try again later: %(answer)s"),
    "failed": _("The mail server refused the message: %(answer)s"),
    "unknown": _(
        "Nobody knows whether the message arrived: it was handed over and the answer was lost."
        " It is not sent again by itself."
    ),
    "stopped": _("The send was stopped before their turn."),
    "sent": _("The message was handed to their mail server."),
}
"""Reason or state → the answer in words."""


@dataclass(frozen=True)
class Answer:
    """What a send does, or did, with one person."""

    gets_it: bool
    reason: str
    """A reason, a state, `outside`, or empty for those who get it."""
    sentence: str
    """English, marked for translation, with %(named)s places."""
    params: Mapping[str, object] = field(default_factory=dict)
    earlier: tuple[datetime, ...] = ()
    """When they got what counts against the weekly limit."""


def why(send: Send, person: Person) -> Answer:
    """The first reason that fits this person, in words."""
    if send.frozen_at is not None:
        return _happened(send, person)
    drawn = draw(send)
    if not len(drawn.only(person.pk).people):
        return _answer("outside")
    now = timezone.now()
    terms = terms_of(send, now)
    query, parameters = asking.plan(drawn.codes, terms)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT reason FROM ({query}) d WHERE person_id = %(who)s",  # noqa: S608
            {**parameters, "who": person.pk},
        )
        (reason,) = cursor.fetchone()
    if reason == Reason.CAPPED:
        earlier = tuple(
            moment
            for moment in Recipient.objects.filter(
                person=person,
                sent_at__gt=terms.now - asking.CAP_WINDOW,
                state__in=Recipient.COUNTS_FOR_CAP,
            )
            .order_by("sent_at")
            .values_list("sent_at", flat=True)
            if moment is not None
        )
        own = at_most(person, send.channel) if send.purpose != "service" else None
        limits = [most for most in (terms.per_week, own) if most]
        return _answer(reason, earlier=earlier, count=len(earlier), limit=min(limits))
    if reason == Reason.UNSUBSCRIBED and _left_topic(send, person):
        return _answer("left_topic", topic=str(send.topic))
    return _answer(reason or "")


def _left_topic(send: Send, person: Person) -> bool:
    """Whether it is the topic that they do not want, and not every message."""
    of_all = ConsentState.objects.filter(
        person=person, channel=send.channel, purpose=send.purpose, state=State.WITHDRAWN
    )
    of_topic = TopicState.objects.filter(
        person=person, topic=send.topic_id, channel=send.channel, state=State.WITHDRAWN
    )
    return send.topic_id is not None and of_topic.exists() and not of_all.exists()


def _happened(send: Send, person: Person) -> Answer:
    row = Recipient.objects.filter(send=send, person=person).first()
    if row is None:
        return _answer("outside")
    states = Recipient.State
    if row.state == states.HELD_OUT:
        return _answer(Reason.HELD_OUT)
    if row.state == states.SKIPPED:
        reason = "capped_then" if row.reason == Reason.CAPPED else row.reason
        if reason == Reason.UNSUBSCRIBED and _left_topic(send, person):
            return _answer("left_topic", topic=str(send.topic))
        return _answer(reason, answer=row.answer)
    if row.state == states.RETRY and row.reason == Reason.QUIET:
        return _answer(Reason.QUIET)
    return _answer(row.state, answer=row.answer)


def _answer(reason: str, earlier: tuple[datetime, ...] = (), **params: object) -> Answer:
    gets = reason in ("", Reason.QUIET, "queued", "claimed", "sent", "retry")
    return Answer(gets, str(reason), SENTENCES[reason], params, earlier)
