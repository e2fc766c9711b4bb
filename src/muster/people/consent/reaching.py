"""Who can be written to where (PE3): a yes, an address, no pause, and no place on the
suppression list."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from muster.people.consent.models import ConsentState, Suppression
from muster.people.profile.models import Person

CHANNELS = ("email", "sms")


def suppressed(people: Collection[Person]) -> dict[tuple[int, str], str]:
    """(person, channel) → why nothing is sent to the address, for those on the suppression list."""
    hashes = [
        (person.pk, channel, value)
        for person in people
        for channel, value in (("email", person.email_hash), ("sms", person.phone_hash))
        if value
    ]
    listed = Suppression.objects.filter(
        channel__in=CHANNELS, address_hash__in={value for _pk, _channel, value in hashes}
    )
    reasons = {(one.channel, one.address_hash): one.reason for one in listed}
    return {
        (pk, channel): reasons[channel, value]
        for pk, channel, value in hashes
        if (channel, value) in reasons
    }


def closed() -> dict[str, pa.Array]:
    """Channel → the people whose address there is on the suppression list, by number."""
    fields = {"email": "email_hash", "sms": "phone_hash"}
    return {channel: _closed(channel, field) for channel, field in fields.items()}


def _closed(channel: str, field: str) -> pa.Array:
    listed = Suppression.objects.filter(channel=channel).values("address_hash")
    people = Person.objects.exclude(**{field: ""}).filter(**{f"{field}__in": listed})
    return pa.array(people.values_list("pk", flat=True), pa.int64())


def reachable(people: Collection[Person]) -> dict[int, tuple[str, ...]]:
    """Person → the channels on which offers may be sent to them; nobody is left out."""
    granted = set(
        ConsentState.objects.granted()
        .filter(person__in=people, purpose="marketing", channel__in=CHANNELS)
        .values_list("person_id", "channel")
    )
    granted -= set(
        ConsentState.objects.pauses()
        .filter(person__in=people, channel__in=CHANNELS)
        .values_list("person_id", "channel")
    )
    closed = suppressed(people)
    return {
        person.pk: tuple(
            channel
            for channel, address in (("email", person.email), ("sms", person.phone))
            if address and (person.pk, channel) in granted and (person.pk, channel) not in closed
        )
        for person in people
    }
