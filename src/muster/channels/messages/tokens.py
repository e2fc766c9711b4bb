"""What the links in a message carry: which message it was, signed, for one purpose (CO3)."""

from __future__ import annotations

from muster.kit.tokens import Signer

OPEN, CLICK, UNSUBSCRIBE, VIEW, BOUNCE, EVENT = (
    "open",
    "click",
    "unsubscribe",
    "view",
    "bounce",
    "message event",
)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sign(signer: Signer, purpose: str, recipient: int, link: int | None = None) -> str:
    """A token for a recipient, or for one numbered link of their message."""
    payload = short(recipient) if link is None else f"{short(recipient)}.{link}"
    return signer.sign(purpose, payload)


def recipient_of(signer: Signer, purpose: str, token: str) -> int | None:
    """The recipient that the token names, or None if it is not one of ours for this purpose."""
    payload = signer.read(purpose, token)
    return None if payload is None else _number(payload)


def link_of(signer: Signer, token: str) -> tuple[int, int] | None:
    """The recipient and the number of the link that a click token names, or None."""
    recipient, dot, number = (signer.read(CLICK, token) or "").partition(".")
    found = _number(recipient)
    if found is None or not dot or not number.isdecimal():
        return None
    return found, int(number)


def event_id(signer: Signer, key: str, what: str) -> str:
    """The `messageId` of an event about a message: always the same, and not to be guessed."""
    return signer.sign(EVENT, f"{key}.{what}")


def short(number: int) -> str:
    """A number in few letters."""
    letters = ""
    while number:
        number, rest = divmod(number, 36)
        letters = _DIGITS[rest] + letters
    return letters or "0"


def _number(text: str) -> int | None:
    try:
        return int(text, 36) if text and text.isalnum() and text.isascii() else None
    except ValueError:
        return None
