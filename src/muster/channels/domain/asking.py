"""Asks the DNS about the domain that our mail comes from (CH8)."""

from __future__ import annotations

from django.conf import settings

from muster.channels.domain import rules
from muster.connect.dns import NameServer, TextRecords, Unanswered
from muster.team.users.models import Workspace


def sending_domain() -> str:
    """What stands behind the @ of our sender address."""
    return Workspace.here().sender_address.rpartition("@")[2].lower()


def selectors() -> list[str]:
    """The names of our DKIM keys, as far as somebody told us."""
    given: str = settings.DKIM_SELECTORS
    return given.replace(",", " ").split()


def asked_of(domain: str, names: TextRecords | None = None) -> dict[str, str]:
    """Record → verdict."""
    names = names or NameServer(settings.DNS_SERVER)
    own = selectors()
    keys: dict[str, list[str] | None] = {}
    for selector in own or rules.USUAL_SELECTORS:
        keys[selector] = _txt(names, f"{selector}._domainkey.{domain}")
        if keys[selector] is None or rules.dkim(keys, is_told=True) is rules.Verdict.PASS:
            break  # nobody answers, or one key is enough
    policy: list[str] | None = []
    for place in rules.above(domain):
        policy = _txt(names, f"_dmarc.{place}")
        if policy is None or rules.dmarc(policy) is not rules.Verdict.MISSING:
            break
    return {
        "spf": rules.spf(_txt(names, domain)),
        "dkim": rules.dkim(keys, is_told=bool(own)),
        "dmarc": rules.dmarc(policy),
    }


def _txt(names: TextRecords, name: str) -> list[str] | None:
    try:
        return names.txt(name)
    except Unanswered:
        return None
