"""The fact sheet of a campaign: facts, where they are said, and what was typed by hand (S08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.facts import rules
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Typed
from muster.plan.facts.said import known
from muster.plan.facts.usage import Use, uses_of


@dataclass(frozen=True)
class ShownFact:
    """A fact, and where it is said."""

    fact: Fact
    uses: tuple[Use, ...]
    state: rules.State

    @property
    def values(self) -> list[tuple[str, str]]:
        """Language in words and value, what holds for all languages first."""
        names = {code: str(name) for code, name in settings.LANGUAGES}
        return [(names.get(code, code), text) for code, text in sorted(self.fact.values.items())]

    @property
    def has_ended(self) -> bool:
        return self.state is rules.State.EXPIRED


@dataclass(frozen=True)
class ShownTyped:
    """A place where a fact was typed by hand."""

    fact: Fact
    use: Use
    typed: Typed
    around: str
    """The words around it."""


def sheet(campaign: Campaign) -> list[ShownFact]:
    """Every fact of the campaign with its uses."""
    uses, now = uses_of(campaign), timezone.now()
    return [
        ShownFact(
            fact,
            tuple(use for use in uses if fact.key in use.keys),
            known(fact).state(next(iter(fact.values), ""), now),
        )
        for fact in campaign.facts.select_related("owner", "verified_by")
    ]


def typed_in(campaign: Campaign, facts: Sequence[Fact] | None = None) -> list[ShownTyped]:
    """What was typed by hand in the campaign instead of a token; what is wrong comes first."""
    facts = list(campaign.facts.all()) if facts is None else facts
    if not facts:
        return []
    today = days.today()
    found = []
    for use in uses_of(campaign):
        seen: set[tuple[str, int]] = set()
        hits = [
            (fact, typed)
            for fact in facts
            for typed in rules.typed_by_hand(known(fact), use.texts, use.language, today)
        ]
        # Where two facts could be meant, the one that says the same wins.
        for fact, typed in sorted(hits, key=lambda hit: not hit[1].is_right):
            if (typed.at, typed.start) in seen:
                continue
            seen.add((typed.at, typed.start))
            found.append(ShownTyped(fact, use, typed, _around(use.texts[typed.at], typed)))
    return sorted(found, key=lambda one: one.typed.is_right)


def _around(text: str, typed: Typed) -> str:
    before = rules.spoken(text[: typed.start])[-24:]
    after = rules.spoken(text[typed.end :])[:24]
    return f"…{before}{typed.text}{after}…"
