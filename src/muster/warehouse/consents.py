"""Which words of consent count at a moment (PE3): lapsed and unconfirmed ones count as none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import ibis

from muster.events.names import PAUSE
from muster.warehouse.schema import GRANTED, UNKNOWN
from muster.warehouse.tables import CONSENTS, profiles

if TYPE_CHECKING:
    import ibis.expr.types as ir

PENDING = "pending"


@dataclass(frozen=True)
class Asks:
    """What the law asks of a yes for one purpose."""

    months: int = 0
    """It lapses after so many; 0 never."""
    confirmed: bool = False
    """By e-mail it counts only once it was confirmed."""
    silence: bool = False
    """Whoever said nothing may be written to."""


@dataclass(frozen=True)
class Lapsing:
    """What the law asks here, and of people of some countries."""

    here: dict[str, Asks] = field(default_factory=dict)
    """Purpose → what is asked."""
    there: tuple[tuple[tuple[str, ...], dict[str, Asks]], ...] = ()
    """(countries, the same) of every law that binds people by the country of their phone."""

    @property
    def knows_countries(self) -> bool:
        return bool(self.there)

    @property
    def longest(self) -> tuple[int, ...]:
        """All the numbers of months after which a yes lapses for somebody."""
        tables = [self.here, *(table for _countries, table in self.there)]
        return tuple(sorted({one.months for table in tables for one in table.values()} - {0}))


ALWAYS = Lapsing()
"""Every word counts for ever."""


def counted(rows: ir.Table, lapsing: Lapsing, now: datetime) -> ir.StringValue:
    """The state of each row of consents, as it counts now."""
    moment = ibis.literal(now.astimezone(UTC).replace(tzinfo=None))
    is_over = (rows.expires_at <= moment).fill_null(False)
    is_open = ibis.literal(False)
    regions = profiles({}).select("person_id", "phone_region") if lapsing.knows_countries else None
    groups: list[tuple[ir.BooleanValue, dict[str, Asks]]] = []
    elsewhere = ibis.literal(False)
    if regions is not None:
        for countries, table in lapsing.there:
            people = regions.filter(regions.phone_region.isin(countries)).person_id
            mine = rows.person_id.isin(people)
            groups.append((mine, table))
            elsewhere = elsewhere | mine
    groups.append((~elsewhere, lapsing.here))
    for mine, table in groups:
        for purpose, asks in table.items():
            here = mine & (rows.purpose == purpose)
            if asks.months:
                over = rows.at + ibis.interval(months=asks.months) <= moment
                is_over = is_over | (here & over)
            if asks.confirmed:
                is_open = is_open | (here & (rows.channel == "email") & ~rows.confirmed)
    is_yes = rows.state == GRANTED
    return ibis.cases((is_yes & is_over, UNKNOWN), (is_yes & is_open, PENDING), else_=rows.state)


def words(purpose: str, lapsing: Lapsing, now: datetime) -> ir.Table:
    """What people said of a purpose as a whole, as it counts now."""
    rows = CONSENTS.filter(CONSENTS.purpose == purpose, CONSENTS.topic == "")
    return rows.mutate(state=counted(rows, lapsing, now))


def pauses(now: datetime) -> ir.Table:
    """The pauses that hold: until they end, nothing of marketing is sent on their channel."""
    moment = ibis.literal(now.astimezone(UTC).replace(tzinfo=None))
    return CONSENTS.filter(
        CONSENTS.purpose == PAUSE, CONSENTS.state == GRANTED, CONSENTS.expires_at > moment
    )


def silence_is_enough(region: ir.StringValue, purpose: str, lapsing: Lapsing) -> ir.BooleanValue:
    """Whether somebody of this country who said nothing may be written to."""
    elsewhere = [
        (region.isin(countries), table.get(purpose, Asks()).silence)
        for countries, table in lapsing.there
    ]
    here = lapsing.here.get(purpose, Asks()).silence
    return ibis.cases(*elsewhere, else_=here) if elsewhere else ibis.literal(here)


def may_be_reached(state: ir.StringValue, silence: ir.BooleanValue) -> ir.BooleanValue:
    """Whether they said yes, or nothing where that is enough."""
    return ((state == GRANTED) | (silence & (state.fill_null(UNKNOWN) == UNKNOWN))).fill_null(False)
