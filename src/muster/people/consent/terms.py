"""Which law holds in this workspace (PE3), also for the database."""

from __future__ import annotations

from collections.abc import Iterable

import phonenumbers
from django.db import connection

from muster.people.consent.models import ConsentTerms
from muster.people.consent.rules import CONFIRMED, PURPOSES, PurposeRule, Terms, laws
from muster.warehouse.consents import Asks, Lapsing


def terms() -> Terms:
    """The terms as they are set."""
    row = ConsentTerms.objects.first()
    if row is None:
        return Terms()
    return Terms(row.law, row.by_country, row.months, row.double_opt_in, row.keep_events)


def lapsing() -> Lapsing:
    """The terms as the warehouse reads them."""
    now = terms()

    def table(region: str | None) -> dict[str, Asks]:
        rules = {purpose: now.rule(purpose, region) for purpose in PURPOSES}
        return {
            purpose: Asks(rule.months, rule.double_opt_in, rule.allows_silence)
            for purpose, rule in rules.items()
            if rule.months or rule.double_opt_in or rule.allows_silence
        }

    there = tuple(
        (law.countries, table(law.countries[0])) for law in laws().values() if now.by_country
    )
    return Lapsing(table(None), there)


def codes_of(countries: Iterable[str]) -> list[str]:
    """The calling codes by which numbers of these countries begin."""
    return sorted(
        f"+{code}"
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if regions[0] in set(countries)
    )


def lapses(at: str, said: str, purpose: str, phone: str) -> str:
    """SQL: the moment from which a word of `at` counts no more; NULL if it stays."""
    now = terms()
    arms = " ".join(
        f"WHEN {purpose} = '{name}' THEN {_by_country(now, name, phone, at)}" for name in PURPOSES
    )
    by_law = f"CASE {arms} END"
    if connection.vendor == "sqlite":
        return f"min(coalesce({said}, {by_law}), coalesce({by_law}, {said}))"
    return f"least({said}, {by_law})"


def counted(state: str, channel: str, purpose: str, source: str, phone: str) -> str:
    """SQL: the state, in which a yes that is still to be confirmed is none yet."""
    now = terms()
    wanted = []
    for name in PURPOSES:
        cases = [(_starts(phone, countries), rule) for countries, rule in now.elsewhere(name)]
        if not any(rule.double_opt_in for rule in (now.rule(name), *(r for _c, r in cases))):
            continue
        arms = "".join(f" WHEN {case} THEN {_flag(rule)}" for case, rule in cases)
        here = _flag(now.rule(name))
        asked = f"CASE{arms} ELSE {here} END = 1" if arms else f"{here} = 1"
        wanted.append(f"({purpose} = '{name}' AND {asked})")
    if not wanted:
        return state
    confirmed = ", ".join(f"'{one}'" for one in CONFIRMED)
    return (
        f"CASE WHEN {state} = 'granted' AND {channel} = 'email' AND {source} NOT IN ({confirmed})"
        f" AND ({' OR '.join(wanted)}) THEN 'pending' ELSE {state} END"
    )


def _flag(rule: PurposeRule) -> str:
    return "1" if rule.double_opt_in else "0"


def _by_country(now: Terms, purpose: str, phone: str, at: str) -> str:
    arms = "".join(
        f" WHEN {_starts(phone, countries)} THEN {_later(at, rule.months)}"
        for countries, rule in now.elsewhere(purpose)
    )
    here = _later(at, now.rule(purpose).months)
    return f"CASE{arms} ELSE {here} END" if arms else here


def _starts(phone: str, countries: Iterable[str]) -> str:
    codes = ", ".join(f"'{code}'" for code in codes_of(countries))
    return " OR ".join(f"substr({phone}, 1, {length}) IN ({codes})" for length in (2, 3, 4))


def _later(at: str, months: int) -> str:
    if connection.vendor == "sqlite":
        return f"datetime({at}, '+{months} months')" if months else "NULL"
    if not months:
        return "NULL::timestamptz"
    return f"{at} + interval '{months} months'"
