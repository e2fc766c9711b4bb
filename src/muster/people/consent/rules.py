"""Which consent holds (PE3): the stricter word counts, and a file never undoes a refusal.

What the laws ask is data (`laws.toml`); here it is read, and told apart by country.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from muster.events.names import FREQUENCY, PAUSE
from muster.kit.words import _

CHANNELS = {"email": _("E-mail"), "sms": _("SMS"), "wecom": _("WeCom"), "phone": _("Phone")}
PURPOSES = {
    "marketing": _("Offers and news"),
    "service": _("Service messages"),
    "personalisation": _("Personalised content"),
}
WISHES = {PAUSE: _("A pause"), FREQUENCY: _("How often at most")}
"""What people wish for a channel beside what they allow; kept in the ledger like consent."""
PAUSES = (30, 60, 90)
"""Days."""
MOST_A_WEEK = 7
"""Nobody has to say that they want no more than this."""
IMPORT = "import"
"""Sources that begin with this word are files."""
UNDONE = "undone"
"""`undone:imp_…` takes back what `import:imp_…` said."""
CONFIRMED = ("double_opt_in", "preferences")
"""Sources that only the owner of the mailbox can be behind."""

LAWS = {
    "pipl": _("PIPL (mainland China)"),
    "gdpr": _("GDPR (European Union)"),
    "can_spam": _("CAN-SPAM (United States)"),
}
CARRIES = {
    "ad_mark": _("“广告” or “AD” at the front of the subject"),
    "sender": _("Who sends it"),
    "refusal": _("A way to refuse"),
    "postal_address": _("A postal address"),
}
OPT_IN, OPT_OUT, NO_NEED = "opt_in", "opt_out", "none"


@dataclass(frozen=True)
class PurposeRule:
    """What a law asks before people may be written to for one purpose."""

    consent: str
    source: str
    """The paragraph."""
    explicit: bool = False
    double_opt_in: bool = False
    months: int = 0

    @property
    def allows_silence(self) -> bool:
        """Whether somebody who said nothing may be written to."""
        return self.consent != OPT_IN


@dataclass(frozen=True)
class Law:
    """One law, as far as it binds what is sent and what people may ask for."""

    key: str
    countries: tuple[str, ...]
    carries: tuple[str, ...]
    carries_source: str
    days: Mapping[str, int]
    days_source: str
    purposes: Mapping[str, PurposeRule]


@cache
def laws() -> Mapping[str, Law]:
    """Every law by its key."""
    text = (Path(__file__).parent / "laws.toml").read_text(encoding="utf-8")
    return {
        key: Law(
            key,
            tuple(said["countries"]),
            tuple(said["carries"]),
            said["carries_source"],
            said["days"],
            said["days_source"],
            {purpose: PurposeRule(**rule) for purpose, rule in said["purposes"].items()},
        )
        for key, said in tomllib.loads(text).items()
    }


@dataclass(frozen=True)
class Terms:
    """Which law holds here, and where we are stricter than it."""

    law: str = "pipl"
    by_country: bool = False
    """People whose phone shows another country go by the law of that country."""
    months: int = 0
    """Consent lapses after so many months at the latest; 0 leaves it to the law."""
    double_opt_in: bool = False
    """Offers by e-mail need a confirmed yes, also where the law does not ask for it."""
    keep_events: int = 0
    """Events are taken out after so many months; 0 keeps them."""

    def rule(self, purpose: str, region: str | None = None) -> PurposeRule:
        """What holds for a purpose, and for people of a country."""
        found = self.law_of(region).purposes.get(purpose) or PurposeRule(OPT_IN, "")
        months = min((m for m in (found.months, self.months) if m), default=0)
        if found.consent == NO_NEED:
            return found
        doubled = found.double_opt_in or (self.double_opt_in and purpose == "marketing")
        return replace(found, months=months, double_opt_in=doubled)

    def law_of(self, region: str | None) -> Law:
        """The law for people of this country."""
        if self.by_country and region:
            for law in laws().values():
                if region in law.countries:
                    return law
        return laws()[self.law]

    def elsewhere(self, purpose: str) -> list[tuple[tuple[str, ...], PurposeRule]]:
        """(countries, rule) of every law that binds some people by their country."""
        if not self.by_country:
            return []
        return [(law.countries, self.rule(purpose, law.countries[0])) for law in laws().values()]

    @property
    def in_force(self) -> list[Law]:
        """The laws that may bind somebody here, that of the workspace first."""
        others = [law for law in laws().values() if law.key != self.law]
        return [laws()[self.law], *(others if self.by_country else [])]
