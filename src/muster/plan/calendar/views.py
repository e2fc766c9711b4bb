"""The marketing calendar (S15): its views, one day, moving, pressure, feeds and imports."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from muster.kit.days import COUNTRIES, far_away, is_shown
from muster.kit.errors import Invalid, NotFound
from muster.plan.calendar import actions, feeds
from muster.plan.calendar.ahead import Ahead, next_node, plan_of, read_phases
from muster.plan.calendar.almanac import holidays_of, lunar_day
from muster.plan.calendar.board import (
    Asked,
    Board,
    ShownTile,
    language,
    read,
    reader_zone,
    week_starts,
)
from muster.plan.calendar.forms import DayForm, ImportForm
from muster.plan.calendar.importing import read as read_ics
from muster.plan.calendar.layers import Window, layers, offers, tiles
from muster.plan.calendar.layers import move as move_tile
from muster.plan.calendar.models import Feed, ImportedCalendar
from muster.plan.calendar.nodes import node_days, nodes_between
from muster.plan.calendar.pressure import answering
from muster.plan.calendar.rules import span
from muster.plan.campaigns.answers import explain, said
from muster.plan.campaigns.days import today
from muster.team.calendars import actions as calendars
from muster.team.calendars.models import CustomDay
from muster.team.http import TeamRequest
from muster.team.permissions import allow, public
from muster.team.tokens.models import hash_of
from muster.team.users.models import Workspace
from muster.ui.toasts import close_dialog

PAGE, DAY, PRESSURE, SUBSCRIBE, IMPORT, PLANNER = (
    f"plan/calendar/{name}.html"
    for name in ("calendar", "day", "pressure", "subscribe", "import", "planner")
)
_WHO_MOST = 100


@allow("campaigns.see")
def calendar(request: TeamRequest) -> HttpResponse:
    """The page, or its changing part when htmx asks for it."""
    asked = read(request.GET)
    context = Board(request.user, asked).context()
    if request.htmx:
        return render(request, f"{PAGE}#board", context)
    ahead = next_node(today())
    return render(request, PAGE, {**context, "ahead": ahead, "may_edit": _may_edit(request)})


def _may_edit(request: TeamRequest) -> bool:
    return request.user.may("campaigns.edit")


@allow("campaigns.see")
@require_GET
def day(request: TeamRequest, iso: str) -> HttpResponse:
    """Everything on one day, and what can be begun on it: a drawer of the page."""
    return render(request, DAY, _day(request, _date(iso)))


def _day(request: TeamRequest, at: date, form: DayForm | None = None) -> dict[str, Any]:
    window = Window(at, at, reader_zone())
    found = tiles(request.user, window, [one.key for one in layers(request.user)])
    may_close = request.user.may("settings.manage")
    initial = {"first": at, "last": at}
    drops = {
        one.public_id: one
        for one in CustomDay.objects.filter(first__lte=at)
        if may_close or one.effect == CustomDay.Effect.NOTE
    }
    return {
        "at": at,
        "iso": at.isoformat(),
        "tiles": [
            ShownTile(
                tile, "rest", f"{tile.at.astimezone(window.zone):%H:%M}" if tile.at else "", ""
            )
            for tile in found
        ],
        "drops": {key: one.pk for key, one in drops.items()},
        "holidays": holidays_of([Workspace.here().country], at, at, language()).get(at, []),
        "nodes": nodes_between(at, at),
        "lunar": lunar_day(at),
        "term": lunar_day(at).term_in(language()),
        "offers": offers(request.user, at),
        "form": form or DayForm(initial=initial, may_close=may_close),
        "may_edit": _may_edit(request),
        "is_past": at < today(),
    }


@allow("campaigns.edit")
@require_POST
def add_day(request: TeamRequest) -> HttpResponse:
    """Mark a day of one's own."""
    form = DayForm(request.POST, may_close=request.user.may("settings.manage"))
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = calendars.add_day(
                data["name"],
                data["first"],
                data["last"],
                by=request.user,
                recurrence=data["recurrence"],
                effect=data.get("effect", CustomDay.Effect.NOTE),
            )
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = gettext("“%(name)s” is marked.") % {"name": made.name}
            return said(close_dialog(HttpResponse(status=204)), text)
    return render(request, f"{DAY}#mark", {"form": form}, status=422)


@allow("campaigns.edit")
@require_POST
def drop_day(request: TeamRequest, day_id: int) -> HttpResponse:
    """Take a day of one's own away."""
    found = get_object_or_404(CustomDay, pk=day_id)
    change = calendars.remove_day(found, by=request.user)
    text = gettext("“%(name)s” is gone.") % {"name": found.name}
    return said(close_dialog(HttpResponse(status=204)), text, change)


@allow("campaigns.see")
@require_POST
def move(request: TeamRequest) -> HttpResponse:
    """Take a tile to another day: the same for dragging, keys and the form in a day's drawer."""
    moved = move_tile(request.user, request.POST.get("tile", ""), _date(request.POST.get("to", "")))
    return said(close_dialog(HttpResponse(status=204)), moved.text, moved.change)


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not is_shown(found):
        raise Http404
    return found


@allow("campaigns.see")
@require_GET
def pressure(request: TeamRequest) -> HttpResponse:
    """How often people will hear from us: fetched by the page when it is drawn."""
    asked = read(request.GET)
    found = answering(request.user)
    if found is None:
        raise NotFound
    board_span = _window(asked)
    forecast = found.forecast(request.user, board_span, asked.audience)
    if forecast is None:
        raise NotFound
    context = {
        "forecast": forecast,
        "audiences": found.audiences(request.user),
        "asked": asked,
        "over": forecast.limit + 1,
        "may_see_people": request.user.may("people.see"),
    }
    return render(request, PRESSURE, context)


def _window(asked: Asked) -> Window:
    shown = span(asked.view, asked.day, week_starts())
    return Window(shown.shown_first, shown.shown_last, reader_zone())


@allow("campaigns.see")
@require_GET
def who(request: TeamRequest, iso: str) -> HttpResponse:
    """Who would get more than the limit allows: the number, and some of them for those who may."""
    found = answering(request.user)
    if found is None:
        raise NotFound
    at = _date(iso)
    count, people = found.who(request.user, at, request.GET.get("audience", ""), _WHO_MOST)
    context = {"at": at, "count": count, "people": people, "most": _WHO_MOST}
    return render(request, f"{PRESSURE}#who", context)


@allow("campaigns.see")
@require_GET
def planner(request: TeamRequest) -> HttpResponse:
    """When the work for a day has to begin."""
    now = today()
    node = node_days(request.GET.get("node", ""))
    try:
        launch = node.first if node else date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        launch = now + timedelta(days=60)
    if problems := far_away({"/day": launch}):
        raise Invalid.of(problems)
    phases = read_phases(request.GET)
    ahead = plan_of(node, launch, phases, now)
    upcoming = [one for one in nodes_between(now, now + timedelta(days=365)) if one.first >= now]
    context = {
        "ahead": ahead,
        "first": [gettext(one.phase.name) for one in ahead.first_three],
        "phases": [(one, f"d_{one.key}") for one in phases],
        "nodes": upcoming,
        "today": now,
        "create": _create_url(ahead),
        "may_edit": _may_edit(request),
    }
    return render(request, f"{PLANNER}#plan" if request.htmx else PLANNER, context)


def _create_url(ahead: Ahead) -> str:
    last = ahead.node.last if ahead.node else ahead.launch
    warm = next((s.first for s in ahead.schedule.steps if s.phase.key == "warmup"), ahead.launch)
    name = gettext(ahead.node.name) if ahead.node else ""
    fields = {"starts": warm.isoformat(), "ends": last.isoformat(), "name": name}
    return f"{reverse('plan:new')}?{urlencode({k: v for k, v in fields.items() if v})}"


@allow("campaigns.see")
@require_http_methods(["GET", "POST"])
def subscribe(request: TeamRequest) -> HttpResponse:
    """The addresses by which other calendars follow this one; a new one is shown once."""
    address = ""
    if request.method == "POST":
        may = dict(feeds.choices(request.user))
        chosen = [key for key in request.POST.getlist("layer") if key in may]
        countries = [one for one in request.POST.getlist("country") if one in COUNTRIES]
        _feed, secret = actions.make_feed(
            request.POST.get("name", ""), chosen, by=request.user, countries=countries
        )
        address = settings.PUBLIC_URL + reverse("plan:feed", args=[secret])
    return render(request, SUBSCRIBE, {**_feeds(request), "address": address})


def _feeds(request: TeamRequest) -> dict[str, Any]:
    return {
        "feeds": Feed.objects.filter(user=request.user, revoked_at=None),
        "choices": feeds.choices(request.user),
    }


@allow("campaigns.see")
@require_POST
def revoke_feed(request: TeamRequest, feed_id: int) -> HttpResponse:
    """One's own address stops working."""
    actions.revoke_feed(get_object_or_404(Feed, pk=feed_id, user=request.user), by=request.user)
    return render(request, SUBSCRIBE, _feeds(request))


@public
@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar as a calendar program reads it."""
    rows = Feed.objects.select_related("user").filter(hash=hash_of(secret), revoked_at=None)
    found = rows.filter(user__is_active=True).first()
    if found is None:
        raise Http404
    now = timezone.now()
    if found.last_used_at is None or (now - found.last_used_at).total_seconds() > 60:
        Feed.objects.filter(pk=found.pk).update(last_used_at=now)
    answer = HttpResponse(feeds.feed_of(found, now), content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Content-Disposition"] = 'inline; filename="muster.ics"'
    return answer


@allow("campaigns.edit")
@require_http_methods(["GET", "POST"])
def bring_in(request: TeamRequest) -> HttpResponse:
    """Bring a calendar in from a file or from its text."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        content = data["file"].read() if data["file"] else data["text"].encode()
        try:
            found = read_ics(content, reader_zone(), today())
            kept, change = actions.keep_calendar(
                data["name"], found, by=request.user, as_days=data["keep"] == "days"
            )
        except Invalid as invalid:
            explain(form, invalid)
        else:
            text = ngettext("One event is new.", "%(count)s events are new.", kept) % {
                "count": kept
            }
            if found.skipped:
                text += " " + ngettext(
                    "One had no usable day and was left out.",
                    "%(count)s had no usable day and were left out.",
                    found.skipped,
                ) % {"count": found.skipped}
            if found.shortened:
                text += " " + ngettext(
                    "Of one that returns, only the first times were taken.",
                    "Of %(count)s that return, only the first times were taken.",
                    found.shortened,
                ) % {"count": found.shortened}
            return said(close_dialog(HttpResponse(status=204)), text, change)
    context = {"form": form, "calendars": ImportedCalendar.objects.select_related("by")}
    return render(request, IMPORT, context, status=422 if form.errors else 200)


@allow("campaigns.edit")
@require_POST
def drop_calendar(request: TeamRequest, calendar_id: int) -> HttpResponse:
    """Take a calendar that was brought in away."""
    found = get_object_or_404(ImportedCalendar, pk=calendar_id)
    change = actions.drop_calendar(found, by=request.user)
    text = gettext("“%(name)s” is gone.") % {"name": found.name}
    return said(close_dialog(HttpResponse(status=204)), text, change)
