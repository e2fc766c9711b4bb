"""Addresses and secrets of robots are kept encrypted, with a key that lies beside the database."""

from __future__ import annotations

import base64
import json

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from muster.connect.robots.wire import Place
from muster.kit.errors import Refused
from muster.kit.words import _


def sealed(place: Place) -> bytes:
    """The place, so that the database alone gives nothing away."""
    return _box().encrypt(json.dumps([place.token, place.secret]).encode())


def opened(secret: bytes | memoryview) -> Place:
    """The place behind what was kept."""
    try:
        token, key = json.loads(_box().decrypt(bytes(secret)))
    except InvalidToken as error:
        raise Refused(
            _("The key of this installation has changed. Enter the robot's address again.")
        ) from error
    return Place(token, key)


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(settings.DATA.key("robots")[:32]))
