"""Whoever is erased leaves only a number in the sends that meant them (PE1, CH9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection

from muster.channels.sending import journal
from muster.channels.sending.models import Recipient
from muster.connect.inbox import Inbox
from muster.people.identity.access import tells
from muster.people.identity.erasing import on_erasure
from muster.people.identity.forgetting import Gone, clears
from muster.people.profile.given import given


@tells("messages")
def messages(people: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    """What they were sent, and what became of it."""
    rows = Recipient.objects.filter(person_id__in=people).order_by("pk")
    return rows.values(
        "send__name", "send__channel", "address", "state", "reason", "sent_at", "answer"
    )


@clears("journals")
def clear_journals(gone: Gone) -> int:
    """What servers answered about them, written over in the journals."""
    rows = Recipient.objects.filter(person_id__in=gone.people).values_list("pk", flat=True)
    return journal.silence(settings.DATA.journal, set(rows))


@clears("inbox")
def clear_inbox(gone: Gone) -> int:
    """Their mails in the built-in inbox."""
    return Inbox(settings.DATA.inbox).remove(lambda to: gone.has("email", to))


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Empty what their rows say of them: the address, the traits, and what the server answered."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE channels_recipient SET address = '', traits = NULL, answer = ''
            WHERE person_id IN (SELECT id FROM {source})
            """,  # noqa: S608
            parameters,
        )
