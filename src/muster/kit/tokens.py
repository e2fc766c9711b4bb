"""Signed tokens for links that leave the house: opens, clicks, unsubscribes, invitations.

A token says which thing it is about and what it may be used for; it cannot be guessed, altered,
or used for another purpose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_MAC_BYTES = 16


class Signer:
    """Signs and reads tokens with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, payload: str) -> str:
        """An URL-safe token that carries `payload` for this purpose only."""
        body = payload.encode()
        return base64.urlsafe_b64encode(self._mac(purpose, body) + body).rstrip(b"=").decode()

    def read(self, purpose: str, token: str) -> str | None:
        """The payload, or None if the token is forged, damaged or meant for another purpose."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            body = raw[_MAC_BYTES:].decode()
        except ValueError:
            return None
        # b64decode forgives letters outside its alphabet: only the very token we made counts.
        genuine = hmac.compare_digest(self.sign(purpose, body), token) if token.isascii() else False
        return body if genuine else None

    def _mac(self, purpose: str, body: bytes) -> bytes:
        message = purpose.encode() + b"\x00" + body
        return hmac.digest(self._secret, message, hashlib.sha256)[:_MAC_BYTES]
