"""What stands in the header, the tabs and on the overview of a campaign; every part adds its own.

Planning lies below the parts that know numbers, so they register what to show in their own
`workspace.py`; each is a function of the campaign and the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from muster.kit.errors import Forbidden, NotFound
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

Badge: TypeAlias = str | int | None
BadgeOf: TypeAlias = Callable[[Campaign, User], Badge]
ContextOf: TypeAlias = Callable[[Campaign, User], dict[str, Any] | None]


@dataclass(frozen=True)
class Tab:
    """One tab of the workspace."""

    key: str
    title: str | Promise
    order: int
    url_name: str
    permission: str
    badge: BadgeOf


@dataclass(frozen=True)
class ShownTab:
    """A tab as one reader sees it."""

    key: str
    title: str | Promise
    url: str
    badge: Badge
    is_here: bool


@dataclass(frozen=True)
class Piece:
    """A figure, tile or sentence: a template, and the function that fills it."""

    key: str
    template: str
    order: int
    permission: str
    context: ContextOf
    size: str = ""
    later: Callable[[Campaign], bool] | None = None
    """Says whether it is fetched after the page is there; None: it comes with the page."""


@dataclass(frozen=True)
class ShownPiece:
    """A piece that has something to say, ready to be included."""

    key: str
    template: str
    context: dict[str, Any]
    size: str


_LATER = "plan/tiles/later.html"
_tabs: dict[str, Tab] = {}
_views: dict[str, dict[str, Tab]] = {}
_figures: dict[str, Piece] = {}
_tiles: dict[str, Piece] = {}
_sentences: dict[str, Piece] = {}


def tab(
    key: str, title: str | Promise, order: int, url_name: str, permission: str
) -> Callable[[BadgeOf], BadgeOf]:
    """A tab; the function says what stands in its badge (None: nothing).

    `url_name` is reversed with the campaign; a tab whose address does not exist is not shown.
    """

    def register(badge: BadgeOf) -> BadgeOf:
        _tabs[key] = Tab(key, title, order, url_name, permission, badge)
        return badge

    return register


def view(
    of: str, key: str, title: str | Promise, order: int, url_name: str, permission: str
) -> Callable[[BadgeOf], BadgeOf]:
    """One of the views under the tab `of`, such as the Gantt chart under the plan."""

    def register(badge: BadgeOf) -> BadgeOf:
        _views.setdefault(of, {})[key] = Tab(key, title, order, url_name, permission, badge)
        return badge

    return register


def figure(
    template: str, order: int, permission: str = "campaigns.see"
) -> Callable[[ContextOf], ContextOf]:
    """A figure in the header; None leaves it out."""
    return _keep(_figures, template, order, permission, "")


def tile(
    template: str,
    order: int,
    permission: str = "campaigns.see",
    size: str = "c4",
    *,
    later: Callable[[Campaign], bool] | None = None,
) -> Callable[[ContextOf], ContextOf]:
    """A tile of the overview (`size`: c4 a third, c8 two thirds, c12 all); None leaves it out.

    `later` is for what takes a while: where it says yes, the page does not wait for the tile.
    """
    return _keep(_tiles, template, order, permission, size, later)


def summary(
    template: str, order: int, permission: str = "campaigns.see"
) -> Callable[[ContextOf], ContextOf]:
    """A sentence of the summary above the tiles; None leaves it out."""
    return _keep(_sentences, template, order, permission, "")


def _keep(
    pieces: dict[str, Piece],
    template: str,
    order: int,
    permission: str,
    size: str,
    later: Callable[[Campaign], bool] | None = None,
) -> Callable[[ContextOf], ContextOf]:
    def register(context: ContextOf) -> ContextOf:
        key = f"{context.__module__}.{context.__name__}"
        pieces[key] = Piece(
            context.__name__.replace("_", "-"), template, order, permission, context, size, later
        )
        return context

    return register


def tabs(campaign: Campaign, user: User, here: str) -> list[ShownTab]:
    """The tabs that this reader sees, in order."""
    return _shown_tabs(_tabs, campaign, user, here)


def views(of: str, campaign: Campaign, user: User, here: str) -> list[ShownTab]:
    """The views under a tab that this reader sees, in order."""
    return _shown_tabs(_views.get(of, {}), campaign, user, here)


def _shown_tabs(
    registered: dict[str, Tab], campaign: Campaign, user: User, here: str
) -> list[ShownTab]:
    shown = []
    for one in sorted(registered.values(), key=lambda tab: tab.order):
        if not user.may(one.permission):
            continue
        try:
            url = reverse(one.url_name, args=[campaign.pk])
        except NoReverseMatch:
            continue
        shown.append(ShownTab(one.key, one.title, url, one.badge(campaign, user), one.key == here))
    return shown


def figures(campaign: Campaign, user: User) -> list[ShownPiece]:
    """What the header shows to this reader."""
    return _shown(_figures, campaign, user)


def tiles(campaign: Campaign, user: User, *, now: bool = False) -> list[ShownPiece]:
    """What the overview shows to this reader; `now`: also what a page would fetch later."""
    return _shown(_tiles, campaign, user, now=now)


def fetched(key: str, campaign: Campaign, user: User) -> ShownPiece | None:
    """One tile that the page did not wait for; None where it has nothing to say."""
    one = {piece.key: piece for piece in _tiles.values()}.get(key)
    if one is None:
        raise NotFound
    if not user.may(one.permission):
        raise Forbidden
    return next(iter(_shown({key: one}, campaign, user, now=True)), None)


def sentences(campaign: Campaign, user: User) -> list[ShownPiece]:
    """What the summary says to this reader."""
    return _shown(_sentences, campaign, user)


def _shown(
    pieces: dict[str, Piece], campaign: Campaign, user: User, *, now: bool = False
) -> list[ShownPiece]:
    shown = []
    for piece in sorted(pieces.values(), key=lambda one: one.order):
        if not user.may(piece.permission):
            continue
        if piece.later is not None and not now:
            if piece.later(campaign):
                url = reverse("plan:tile", args=[campaign.pk, piece.key])
                shown.append(ShownPiece(piece.key, _LATER, {"url": url}, piece.size))
        else:
            context = piece.context(campaign, user)
            if context is not None:
                shown.append(ShownPiece(piece.key, piece.template, context, piece.size))
    return shown
