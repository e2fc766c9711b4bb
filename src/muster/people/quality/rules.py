"""When the people of a source can be relied on (ME5): shares in, a mark with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from muster.kit.words import _

REACHABLE_GOOD = 0.9
REACHABLE_FAIR = 0.6
ALLOWED_FAIR = 0.3
SILENT = timedelta(days=30)


@dataclass(frozen=True)
class Mark:
    """How far a source can be trusted, in a word and a sentence."""

    tone: str
    """good, warn or bad."""
    word: str
    why: str


GOOD = Mark("good", _("Sound"), _("Nearly everybody has an address, and news keeps coming."))
UNREACHABLE = Mark(
    "bad", _("Full of gaps"), _("Fewer than six in ten have an e-mail address or a phone.")
)
PARTLY = Mark("warn", _("Has gaps"), _("Fewer than nine in ten have an e-mail address or a phone."))
UNASKED = Mark("warn", _("Hardly any consent"), _("Fewer than three in ten allowed anything."))
QUIET = Mark("warn", _("Silent"), _("Nothing has come for 30 days."))


def mark(reachable: float, allowed: float, last_event: datetime, now: datetime) -> Mark:
    """The mark of a source: its worst trait decides.

    `reachable` is the larger of the shares with an e-mail address and with a phone.
    """
    if reachable < REACHABLE_FAIR:
        return UNREACHABLE
    if reachable < REACHABLE_GOOD:
        return PARTLY
    if now - last_event > SILENT:
        return QUIET
    return UNASKED if allowed < ALLOWED_FAIR else GOOD
