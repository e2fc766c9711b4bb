"""What people wish for a channel beside consent (PE3): a pause, and how often at most.

Both stand in the ledger like consent, with the words that were shown; what is sent goes by them
at once. Messages of service, such as about an order, go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from muster.events.names import FREQUENCY, PAUSE
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.consent.actions import Word, record
from muster.people.consent.models import ConsentState, State
from muster.people.consent.rules import PAUSES
from muster.people.profile.models import Person


def pause(
    person: Person,
    channel: str,
    days: int,
    *,
    now: datetime,
    source: str,
    proof: Mapping[str, object],
    text_version: str = "",
) -> None:
    """Nothing of marketing on this channel for so many days; 0 ends the pause.

    Raises Invalid for another number than one of `PAUSES`.
    """
    if not days:
        if paused_until(person, channel, now) is not None:
            word = Word(person, channel, PAUSE, State.WITHDRAWN, proof, text_version)
            record([word], now=now, source=source)
        return
    if days not in PAUSES:
        raise Invalid.at("/days", "unknown_value", _("Choose one of the pauses that are offered."))
    end = now + timedelta(days=days)
    word = Word(person, channel, PAUSE, State.GRANTED, proof, text_version, expires_at=end)
    record([word], now=now, source=source)


def paused_until(person: Person, channel: str, now: datetime) -> datetime | None:
    """When the pause ends; None if there is none."""
    found = ConsentState.objects.pauses(now).filter(person=person, channel=channel).first()
    return found.expires_at if found else None


def limit(
    person: Person,
    channel: str,
    most: int,
    *,
    now: datetime,
    source: str,
    proof: Mapping[str, object],
    text_version: str = "",
) -> None:
    """At most so many a week on this channel; 0 takes the limit away again.

    Raises Invalid for a number that is no limit.
    """
    if most == (at_most(person, channel) or 0):
        return
    state = State.GRANTED if most else State.WITHDRAWN
    said = {**proof, "at_most": most} if most else proof
    word = Word(person, channel, FREQUENCY, state, said, text_version)
    record([word], now=now, source=source)


def at_most(person: Person, channel: str) -> int | None:
    """How many a week the person wants at most; None if they set no limit."""
    found = (
        ConsentState.objects.filter(
            person=person, channel=channel, purpose=FREQUENCY, state=State.GRANTED
        )
        .select_related("entry")
        .first()
    )
    return int(found.entry.proof["at_most"]) if found else None
