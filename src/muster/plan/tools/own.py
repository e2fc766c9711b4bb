"""How the wires stand that the parts below planning hold: sites, programs, groups, calendars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.translation import get_language

from muster.kit import clock
from muster.kit.words import _
from muster.plan.calendar.models import Feed, ImportedCalendar
from muster.plan.tools.registry import Fix, State, Wire, connection
from muster.team.robots.models import Robot
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.tokens.models import Token, WriteKey
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.warehouse.arrivals import last_by_source

_LATELY = timedelta(days=7)
_KEY = "tools:last-events"
_GOOD_FOR = 60
"""Seconds for which an answer of the warehouse holds."""
_ENGINES = {
    "ducklake": "DuckLake",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "clickhouse": "ClickHouse",
    "clickhouses": "ClickHouse",
    "spark": "Spark",
}


def spoken(moment: datetime) -> str:
    """A moment as sentences name it."""
    zone = Workspace.here().zone
    return formats.when(moment, get_language() or "en", zone, now=clock.now())


def is_lately(moment: datetime | None) -> bool:
    """Whether it is at most a week ago."""
    return moment is not None and clock.now() - moment <= _LATELY


def _last_events() -> dict[str, datetime] | None:
    """Source → when its last event came; None where the warehouse does not answer.

    Every event is read for it, so what was found, be it nothing, holds for a minute.
    """
    held: tuple[dict[str, datetime] | None] | None = cache.get(_KEY)
    if held is None:
        try:
            with warehouse(seconds=5) as db:
                held = (last_by_source(db),)
        except NO_NUMBERS:
            held = (None,)
        cache.set(_KEY, held, _GOOD_FOR)
    return held[0]


@connection("site", _("Site or shop"), _("hands in what people do there"), 30)
def sites() -> Iterator[Wire]:
    """Each write key, by its last event."""
    keys = WriteKey.objects.filter(revoked_at=None).order_by("name")
    last = _last_events()
    fix = Fix(reverse("team:tokens"), "settings.manage")
    found = False
    for key in keys:
        found = True
        at = last.get(f"key:{key.name}") if last is not None else None
        if last is None:
            text = _("Whether events come cannot be told now: the warehouse does not answer.")
            yield Wire(State.TROUBLE, text, name=key.name, fix=fix)
        elif at is None:
            text = _("No event has come yet. Put its snippet on the site.")
            yield Wire(State.OFF, text, name=key.name, fix=fix)
        elif is_lately(at):
            text = _("The last event came %(when)s.")
            yield Wire(State.CONNECTED, text, {"when": spoken(at)}, name=key.name, fix=fix)
        else:
            text = _("No event for more than a week; the last one came %(when)s.")
            yield Wire(State.TROUBLE, text, {"when": spoken(at)}, name=key.name, fix=fix)
    if not found:
        text = _("No site hands in events. Make a write key and put its snippet on the site.")
        yield Wire(State.OFF, text, fix=fix)


@connection("warehouse", _("Warehouse"), _("answers every question about numbers"), 40)
def warehouses() -> Iterator[Wire]:
    """Which engine answers, and whether it does."""
    kind, colon, _rest = settings.WAREHOUSE_URL.partition(":")
    engine = _ENGINES.get(kind, kind) if colon else "DuckDB"
    if _last_events() is None:
        text = _("%(engine)s does not answer. See MUSTER_WAREHOUSE_URL and the log.")
        yield Wire(State.TROUBLE, text, {"engine": engine})
    else:
        text = _("%(engine)s answers.") if colon else _("%(engine)s answers, in the data folder.")
        yield Wire(State.CONNECTED, text, {"engine": engine})


@connection("robots", _("Group robot"), _("brings notices into chat groups"), 50)
def robots() -> Iterator[Wire]:
    """Each robot, and what its service said last."""
    fix = Fix(reverse("team:robots"), "settings.manage")
    rows = list(Robot.objects.all())
    for one in rows:
        params = {"kind": one.get_kind_display(), "trouble": one.trouble}
        if one.trouble:
            text = _("%(kind)s answered: %(trouble)s")
            yield Wire(State.TROUBLE, text, params, name=one.name, fix=fix)
        elif one.used_at:
            text = _("%(kind)s, last used %(when)s.")
            when = {**params, "when": spoken(one.used_at)}
            yield Wire(State.CONNECTED, text, when, name=one.name, fix=fix)
        else:
            text = _("%(kind)s, not used yet. Send a test.")
            yield Wire(State.CONNECTED, text, params, name=one.name, fix=fix)
    if not rows:
        text = _("No group of WeCom, DingTalk or Feishu has a robot of ours.")
        yield Wire(State.OFF, text, fix=fix)


@connection("calendars", _("Calendar programs"), _("show our days beside everybody's own"), 60)
def calendars() -> Iterator[Wire]:
    """Addresses that calendar programs read, and calendars that were brought in."""
    read = Feed.objects.filter(revoked_at=None).aggregate(last=Max("last_used_at"))["last"]
    brought = ImportedCalendar.objects.count()
    fix = Fix(reverse("plan:subscribe"), "campaigns.see")
    if read is not None:
        text = _("Read by a calendar program %(when)s. Calendars brought in: %(brought)s.")
        params = {"when": spoken(read), "brought": brought}
        yield Wire(State.CONNECTED, text, params, fix)
    elif brought:
        text = _("Calendars brought in: %(brought)s. No program reads ours.")
        yield Wire(State.CONNECTED, text, {"brought": brought}, fix)
    else:
        text = _("No calendar program reads ours.")
        yield Wire(State.OFF, text, fix=fix)


@connection("programs", _("Programs by the API"), _("read and write with a token of ours"), 70)
def programs() -> Iterator[Wire]:
    """Tokens that hold, and when one was used last."""
    holds = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    rows = Token.objects.filter(holds)
    last, count = rows.aggregate(last=Max("last_used_at"))["last"], rows.count()
    fix = Fix(reverse("team:tokens"), "settings.manage")
    if not count:
        yield Wire(State.OFF, _("No program has a token."), fix=fix)
    elif last is None:
        text = _("Tokens: %(count)s, none used yet.")
        yield Wire(State.OFF, text, {"count": count}, fix=fix)
    else:
        text = _("Tokens: %(count)s, last used %(when)s.")
        yield Wire(State.CONNECTED, text, {"count": count, "when": spoken(last)}, fix=fix)


@connection("links", _("Short links"), _("count who followed a link or code"), 20)
def short_links() -> Iterator[Wire]:
    """Under which name our links and pages answer."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = parts.hostname or ""
    params = {"host": host}
    if host in {"localhost", "127.0.0.1", "::1"}:
        text = _("They lead to %(host)s, which only this machine reaches. Set MUSTER_PUBLIC_URL.")
        yield Wire(State.OFF, text, params)
    elif parts.scheme != "https":
        text = _("They lead to %(host)s without encryption. Give it a certificate (https).")
        yield Wire(State.TROUBLE, text, params)
    else:
        yield Wire(State.CONNECTED, _("They lead to %(host)s."), params)
