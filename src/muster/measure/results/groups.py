"""Who was meant for which variant, and who was held out: the people that are compared (ME3).

Everybody counts for the group they were drawn into, whether or not the message reached them: only
then is the difference between the groups the work of the message and not of who got it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import Count, Q

from muster.channels.sending.models import Recipient, Send, Variant
from muster.plan.campaigns.models import Campaign

Role = Literal["variant", "holdout"]


@dataclass(frozen=True)
class Drawn:
    """One group of one send."""

    key: str
    send_id: int
    variant_id: int | None
    role: Role


@dataclass(frozen=True)
class Members:
    """All groups of a campaign and who is in them."""

    groups: tuple[Drawn, ...]
    table: pa.Table
    """person_id, group (a key of `groups`); somebody drawn by two sends stands in two rows."""

    @property
    def treated(self) -> pa.Array:
        """The people that were meant to get a message, each once."""
        keys = pa.array(
            [drawn.key for drawn in self.groups if drawn.role == "variant"], pa.string()
        )
        wanted = self.table.filter(pc.is_in(self.table.column("group"), value_set=keys))
        return wanted.column("person_id").combine_chunks().unique()


def members(campaign: Campaign) -> Members:
    """Everybody's group, from the frozen recipients of the campaign's sends."""
    frozen = Send.objects.filter(campaign=campaign, frozen_at__isnull=False).order_by("pk")
    sizes = frozen.annotate(rows=Count("recipients"))
    return _read(tuple(sizes.values_list("pk", "frozen_at", "rows")))


@lru_cache(maxsize=8)
def _read(frozen: tuple[tuple[int, datetime, int], ...]) -> Members:
    """Read the rows in one question; what is frozen never changes, so it is read once."""
    drawn = (
        Recipient.objects.filter(send__in=[send for send, _at, _rows in frozen])
        .filter(Q(variant__isnull=False) | Q(state=Recipient.State.HELD_OUT))
        .order_by()
        .values_list("person_id", "send_id", "variant_id", "state")
    )
    people: list[int] = []
    keys: list[str] = []
    groups: dict[str, Drawn] = {}
    held = Recipient.State.HELD_OUT.value
    for person, send, variant, state in drawn.iterator(chunk_size=20_000):
        key = f"{send}-holdout" if state == held else f"{send}-{variant}"
        if key not in groups:
            role: Role = "holdout" if state == held else "variant"
            groups[key] = Drawn(key, send, None if state == held else variant, role)
        people.append(person)
        keys.append(key)
    table = pa.table(
        {"person_id": pa.array(people, pa.int64()), "group": pa.array(keys, pa.string())}
    )
    return Members(_in_order(groups), table)


def _in_order(groups: dict[str, Drawn]) -> tuple[Drawn, ...]:
    """Sends by age, variants by their place, the held-out last."""
    variants = [drawn.variant_id for drawn in groups.values() if drawn.variant_id is not None]
    places = dict(Variant.objects.filter(pk__in=variants).values_list("pk", "position"))
    last = 1 << 16
    return tuple(
        sorted(
            groups.values(),
            key=lambda drawn: (drawn.send_id, places.get(drawn.variant_id or 0, last)),
        )
    )
