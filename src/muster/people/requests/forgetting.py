"""How a request was made may tell who it was: that goes with the person (PE3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from muster.people.identity.access import tells
from muster.people.identity.erasing import on_erasure
from muster.people.requests.models import PrivacyRequest


@on_erasure
def forget(people: Sequence[int]) -> None:
    """That and when it was asked stays, as proof."""
    PrivacyRequest.objects.filter(person__in=people).update(how="", answer="")


@tells("requests")
def requests_of(people: Sequence[int]) -> list[Mapping[str, Any]]:
    """What the person asked for, and what became of it."""
    return list(
        PrivacyRequest.objects.filter(person__in=people)
        .order_by("asked_at", "pk")
        .values("kind", "state", "asked_at", "due_at", "law", "how", "answer", "done_at")
    )
