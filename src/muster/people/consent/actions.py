"""What people do with consent: record it, withdraw it, and keep addresses out (PE3)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from muster.events import names, shape
from muster.kit import ids
from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.people.consent.ledger import Said, write
from muster.people.consent.models import ConsentEntry, State, Suppression, Topic
from muster.people.consent.rules import CHANNELS, MOST_A_WEEK, PURPOSES, WISHES
from muster.people.consent.terms import terms
from muster.people.profile.hashing import ADDRESS_OF_CHANNEL, address_hash
from muster.people.profile.models import Person
from muster.people.profile.rules import region_of_phone
from muster.team import stores
from muster.team.users.models import User


@dataclass(frozen=True)
class Word:
    """What a person said about one channel and purpose, on its way into the ledger."""

    person: Person
    channel: str
    purpose: str
    state: str
    """`granted` or `withdrawn`."""
    proof: Mapping[str, object] = field(default_factory=dict)
    """What shows that they said it: form, address, network address, ticket …"""
    text_version: str = ""
    """The code of the words that the person saw, or a name of your own for them."""
    topic: Topic | None = None
    """What alone it is about; None means the channel and purpose as a whole."""
    expires_at: datetime | None = None
    """Until when they said it holds."""


def record(
    words: Sequence[Word], *, now: datetime, source: str, by: User | None = None
) -> list[ConsentEntry]:
    """Write ledger and state in the record store at once, and the same as events.

    The state counts when this returns. `source` says where it was said: `preferences`, `form:…`,
    `profile`, `api`. Raises Invalid for an unknown channel, purpose or state, for a moment that is
    over, and where the law wants a proof and there is none.
    """
    _check(words, now)
    entries = [
        Said(
            message_id=f"consent:{uuid.uuid4().hex}",
            person_id=word.person.pk,
            channel=word.channel,
            purpose=word.purpose,
            state=word.state,
            at=now,
            source=source,
            text_version=word.text_version,
            proof=word.proof,
            by_id=by.pk if by else None,
            topic_id=word.topic.pk if word.topic else None,
            expires_at=word.expires_at if word.state == State.GRANTED else None,
        )
        for word in words
    ]
    with transaction.atomic():
        write(entries)
        # Inside the transaction: if the log does not take the events, the ledger must not say
        # what the warehouse will never hear of.
        stores.emit([_event(said) for said in entries])
    found = {
        entry.message_id: entry
        for entry in ConsentEntry.objects.filter(
            message_id__in=[said.message_id for said in entries]
        )
    }
    return [found[said.message_id] for said in entries if said.message_id in found]


def withdraw(
    person: Person,
    channel: str,
    purpose: str,
    *,
    now: datetime,
    source: str,
    by: User | None = None,
    proof: Mapping[str, object] | None = None,
) -> ConsentEntry | None:
    """The person does not want this any more; from now on, and before this returns."""
    word = Word(person, channel, purpose, State.WITHDRAWN, proof or {})
    return next(iter(record([word], now=now, source=source, by=by)), None)


def suppress(
    channel: str, addresses: Iterable[str], *, reason: str, now: datetime, source: str
) -> int:
    """Send nothing more to these addresses (in their normal form); how many are new on the list.

    Who is on the list stays there, with the first reason.
    """
    kind = ADDRESS_OF_CHANNEL[channel]
    hashes = {address_hash(kind, address) for address in addresses if address}
    return suppress_hashes(channel, hashes, reason=reason, now=now, source=source)


def suppress_hashes(
    channel: str, hashes: Collection[str], *, reason: str, now: datetime, source: str
) -> int:
    """The same for addresses that are known by their keyed hashes alone."""
    before = Suppression.objects.filter(channel=channel, address_hash__in=hashes).count()
    Suppression.objects.bulk_create(
        [
            Suppression(
                channel=channel, address_hash=found, reason=reason, at=now, source=source[:120]
            )
            for found in sorted(hashes)
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
    return len(hashes) - before


def _check(words: Sequence[Word], now: datetime) -> None:
    allowed: list[tuple[str, tuple[str, ...]]] = [
        ("channel", tuple(CHANNELS)),
        ("purpose", (*PURPOSES, *WISHES)),
        ("state", (State.GRANTED, State.WITHDRAWN)),
    ]
    problems = [
        Problem(
            f"/{place}/{name}",
            "unknown_value",
            _("%(name)s cannot be “%(value)s”. Use one of: %(allowed)s."),
            {"name": name, "value": getattr(word, name), "allowed": ", ".join(values)},
        )
        for place, word in enumerate(words)
        for name, values in allowed
        if getattr(word, name) not in values
    ]
    law = terms()
    for place, word in enumerate(words):
        if word.expires_at is not None and word.expires_at <= now:
            problems.append(
                Problem(
                    f"/{place}/expires_at",
                    "past",
                    _("This moment is over. Give one that is still to come."),
                )
            )
        if word.state == State.GRANTED and word.purpose in WISHES:
            problems += _wish(word, place)
        rule = law.rule(word.purpose, region_of_phone(word.person.phone))
        if (
            word.state == State.GRANTED
            and rule.explicit
            and not word.proof
            and not word.text_version
        ):
            problems.append(
                Problem(
                    f"/{place}/proof",
                    "proof_needed",
                    _("For this purpose the law wants proof of the consent (%(source)s)."),
                    {"source": rule.source},
                )
            )
    if problems:
        raise Invalid(problems[0].text, code="unknown_value", errors=problems, **problems[0].params)


def _wish(word: Word, place: int) -> Iterator[Problem]:
    """A pause has an end, and a limit a number."""
    if word.purpose == names.PAUSE and word.expires_at is None:
        yield Problem(f"/{place}/expires_at", "missing", _("Say until when the pause holds."))
    most = word.proof.get("at_most")
    if word.purpose == names.FREQUENCY and not (type(most) is int and 0 < most <= MOST_A_WEEK):
        yield Problem(
            f"/{place}/proof",
            "out_of_range",
            _("Say in the proof how many a week: at_most, from 1 to %(most)s."),
            {"most": MOST_A_WEEK},
        )


def _event(said: Said) -> bytes:
    name = names.CONSENT_GIVEN if said.state == State.GRANTED else names.CONSENT_WITHDRAWN
    return shape.event(
        name,
        person_id=said.person_id,
        properties={
            "channel": said.channel,
            "purpose": said.purpose,
            "source": said.source,
            "topic": ids.public("topic", said.topic_id) if said.topic_id else None,
            "expires_at": said.expires_at.isoformat() if said.expires_at else None,
            "text_version": said.text_version or None,
            "proof": json.dumps(said.proof, ensure_ascii=False) if said.proof else None,
        },
        at=said.at,
        message_id=said.message_id,
    )
