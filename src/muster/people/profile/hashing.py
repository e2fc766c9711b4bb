"""Keyed hashes of addresses (PE3): the suppression list knows an address without holding it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings

ADDRESS_OF_CHANNEL = {"email": "email", "sms": "phone", "phone": "phone", "wecom": "phone"}
"""Channel → the field of a person that is the address there."""


@lru_cache(1 << 16)
def address_hash(kind: str, address: str) -> str:
    """The keyed hash of an `email` or `phone` in its normal form; empty for an empty address."""
    if not address:
        return ""
    # An import hashes millions, and the key is worked in only once.
    mac = _begun().copy()
    mac.update(f"{kind}:{address}".encode())
    return mac.hexdigest()[:32]


def address_hashes(kind: str, addresses: Sequence[str]) -> list[str]:
    """`address_hash` of many addresses of which hardly one is asked for again soon."""
    begun = _begun()
    hashes = []
    for address in addresses:
        mac = begun.copy()
        mac.update(f"{kind}:{address}".encode())
        hashes.append(mac.hexdigest()[:32] if address else "")
    return hashes


def forget_key() -> None:
    """Another secret is in the place of the one from before: a restore brought it."""
    address_hash.cache_clear()
    _begun.cache_clear()


@lru_cache(1)
def _begun() -> hmac.HMAC:
    return hmac.new(settings.DATA.key("addresses"), digestmod=hashlib.sha256)
