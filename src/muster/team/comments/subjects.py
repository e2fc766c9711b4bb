"""What can be talked about: every part says who may see its things, and who works on them.

In `<part>/comments.py`:

@commentable("send")
def send(user, number): … return About(send, url, campaign=…, people=[send.by]) or None
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import models
from django.urls import reverse

from muster.kit import ids
from muster.kit.errors import NotFound
from muster.team.users.models import User


@dataclass(frozen=True)
class About:
    """A thing that is talked about, as one person may see it."""

    thing: models.Model
    url: str
    campaign: int | None = None
    people: Sequence[User] = ()
    """Who works on it, and so hears of comments."""
    is_apart: bool = False
    """Its page does not hold the talk: a button opens it, and it has an address of its own."""

    def talk(self, public_id: str) -> str:
        """Where the talk about it is read."""
        url = reverse("team:comments", args=[public_id]) if self.is_apart else self.url
        return f"{url}#comments"


Find: TypeAlias = Callable[[User, int], About | None]
_kinds: dict[str, Find] = {}
_PREFIXES = {prefix: kind for kind, prefix in ids.KINDS.items()}


def commentable(kind: str) -> Callable[[Find], Find]:
    """This function finds a thing of the kind for a person; None if they may not see it."""

    def register(find: Find) -> Find:
        _kinds[kind] = find
        return find

    return register


def kind_of(public_id: str) -> str:
    """The kind of thing behind a public id."""
    return _PREFIXES.get(public_id.partition("_")[0], "")


def about(user: User, public_id: str) -> tuple[str, int, About]:
    """Kind, number and thing behind a public id. Raises NotFound for what one may not see."""
    kind = kind_of(public_id)
    number = ids.number(kind, public_id) if kind in _kinds else None
    found = _kinds[kind](user, number) if number is not None else None
    if number is None or found is None:
        raise NotFound
    return kind, number, found


def may_see(user: User, kind: str, number: int) -> About | None:
    """The thing, if this person may see it."""
    return _kinds[kind](user, number) if kind in _kinds else None
