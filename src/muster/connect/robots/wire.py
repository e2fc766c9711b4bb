"""What the three services have in common: a message, a place, and three ways to say no.

Each service answers 200 also when it refuses; its own code says what happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from muster.kit.errors import Unavailable

SECONDS = 10.0
"""How long a service may take; its own promise is far below."""


@dataclass(frozen=True)
class Post:
    """What is written into a group."""

    title: str
    text: str
    url: str = ""
    link: str = ""
    """What stands on the link."""


@dataclass(frozen=True)
class Place:
    """Where a robot listens, and with what it knows us."""

    token: str = field(repr=False)
    """The last part of the address that the service shows when the robot is made."""
    secret: str = field(default="", repr=False)


class RobotRefused(Exception):
    """The service will not take it, now or later: wrong address, wrong secret, bad content."""

    def __init__(self, code: int, answer: str) -> None:
        self.code, self.answer = code, answer
        super().__init__(f"{code}: {answer}")


class RobotBusy(Unavailable):
    """The service took nothing and says: later."""


class RobotSilent(Exception):
    """The message was handed over and no answer came: nobody can know, so it is not sent again."""


def exchange(
    client: httpx.Client, url: str, params: Mapping[str, str], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Post, and give back what the service answered; raises RobotBusy and RobotSilent."""
    try:
        answer = client.post(url, params=dict(params), json=dict(body), timeout=SECONDS)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise RobotBusy(str(error) or "no connection") from error
    except httpx.HTTPError as error:
        raise RobotSilent(str(error) or type(error).__name__) from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise RobotBusy(f"HTTP {answer.status_code}")
    try:
        found = answer.json()
    except ValueError as error:
        raise RobotRefused(answer.status_code, answer.text[:200]) from error
    return found if isinstance(found, dict) else {}


def judge(code: object, answer: object, busy: frozenset[int]) -> None:
    """Raise what the service's own code means; 0 is good."""
    number = int(code) if isinstance(code, int | str) and str(code).lstrip("-").isdecimal() else -1
    if number == 0:
        return
    text = str(answer or "")[:200]
    if number in busy:
        raise RobotBusy(f"{number}: {text}")
    raise RobotRefused(number, text)


def clipped(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, never half a letter."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode(errors="ignore") + "…"
