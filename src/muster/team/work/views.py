"""My work (S02): what must I do, decide, or know now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.calendars.working import work_calendar
from muster.team.changes.actions import as_one
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.users.models import User
from muster.team.work import actions, lanes  # noqa: F401  (registers our own lanes)
from muster.team.work.waiting import Waiting, Work, at_stake, sentence, spoken, work_of
from muster.ui.menu import visible_menu
from muster.ui.toasts import toast, trigger

_FOCUS = 3
_FOCUS_RANK = 60
"""What ranks below this is news, and not worth one of the three places."""
PAGE = "team/work.html"
CHANGED = "work-changed"
_GONE = _("It is no longer on your list: somebody was quicker, or it changed.")


@allow(SIGNED_IN)
def home(request: TeamRequest) -> HttpResponse:
    """Where a person begins the day: on the page they chose, as long as they may see it."""
    places = {place.name: place.url for place in visible_menu(request.user.may, "").places}
    return redirect(places.get(request.user.start_page) or "team:work")


@allow("work.see")
def work(request: TeamRequest) -> HttpResponse:
    """Everything that waits for this person, or one lane of it; the open item at the right."""
    snoozed = request.GET.get("lane") == "snoozed"
    found = work_of(request.user, snoozed=snoozed)
    wanted = request.GET.get("lane", "")
    if wanted and not snoozed and wanted not in {lane.key for lane, _count in found.lanes}:
        return redirect("team:work")
    context = _context(request, found, "" if snoozed else wanted)
    context["snoozed"] = snoozed
    if request.htmx:
        return render(request, f"{PAGE}#inbox", context)
    return render(request, PAGE, context)


@allow("work.see")
def item(request: TeamRequest) -> HttpResponse:
    """One thing in the pane at the right."""
    key = request.GET.get("item", "")
    one = work_of(request.user).find(key) or work_of(request.user, snoozed=True).find(key)
    if one is None:
        raise Refused(_GONE, code="gone")
    context = {**_pane(request.user, one), "is_asked": True}
    return render(request, f"{PAGE}#pane", context)


@allow("work.see")
@require_POST
def do(request: TeamRequest) -> HttpResponse:
    """Do something about one thing, or about several that can bear it without a word."""
    keys = request.POST.getlist("item")
    found = work_of(request.user)
    chosen = [one for key in keys if (one := found.find(key)) is not None]
    if not chosen:
        raise Refused(_GONE, code="gone")
    name = request.POST.get("act", "")
    data = {field: request.POST.get(field, "") for field in ("note", "person")}
    done = [_do(request.user, one, name, data, single=len(keys) == 1) for one in chosen]
    finished = [answer for answer in done if answer is not None]
    if not finished:
        raise Refused(_("None of these can be done from here. Open them one by one."))
    text, change = finished[0]
    if len(finished) > 1:
        text = ngettext("%(n)s done.", "%(n)s done.", len(finished)) % {"n": len(finished)}
        change = as_one(one for _text, one in finished if way_back(one, request.user))
    return _said(text, way_back(change, request.user))


def _do(
    user: User, one: Waiting, name: str, data: Mapping[str, str], *, single: bool
) -> tuple[str, Change | None] | None:
    act = one.act(name)
    if act is None or (act.asks and not single):
        return None
    change = act.do(user, data)
    return str(act.said or act.label), change


@allow("work.see")
@require_POST
def snooze(request: TeamRequest) -> HttpResponse:
    """Put things off until a moment."""
    keys = request.POST.getlist("item")
    until = _moment(request.POST.get("until", ""))
    if not keys or until is None:
        raise Refused(_("Choose what to put off, and until when."))
    for key in keys:
        actions.snooze(request.user, key, until)
    address = f"{reverse('team:wake')}?{urlencode({'item': keys}, doseq=True)}"
    text = gettext("Back on %(when)s.") % {"when": _shown(until)}
    return _said(text, address)


@allow("work.see")
@require_POST
def wake(request: TeamRequest) -> HttpResponse:
    """Take things back that were put off."""
    for key in request.GET.getlist("item") or request.POST.getlist("item"):
        actions.wake(request.user, key)
    return trigger(HttpResponse(status=204), CHANGED, {})


def _said(text: str, undo: str) -> HttpResponse:
    return trigger(toast(HttpResponse(status=204), text, undo=undo), CHANGED, {})


def _shown(moment: datetime) -> str:
    from django.utils.translation import get_language

    from muster.ui import formats

    zone = timezone.get_current_timezone()
    return formats.when(moment, get_language() or "en", zone, now=timezone.now())


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


def _context(request: TeamRequest, found: Work, wanted: str) -> dict[str, Any]:
    shown = [one for one in found.items if wanted in {"", one.lane.key}]
    opened = found.find(request.GET.get("item", ""))
    # A list that refreshes itself keeps what its reader looks at, whatever is more urgent now.
    seen = opened or found.find(request.GET.get("open", ""))
    first = seen or (shown[0] if shown else None)
    return {
        "lanes": found.lanes,
        "wanted": wanted,
        "shown": shown,
        "total": len(found.items),
        "put_off": found.put_off,
        "sentence": sentence(found),
        "at_stake": [spoken(money) for money in at_stake(found)],
        "today": timezone.localdate(),
        "focus": [one for one in found.items if one.item.rank < _FOCUS_RANK][:_FOCUS],
        "next": next((one for one in found.items if one.item.due), None),
        "is_asked": opened is not None,
        "later": later(request.user),
        # Who counts on the shelf has no other page that leads there.
        "count": _address("plan:count") if _only_counts(request.user) else "",
        "standup": _address("plan:standup") if request.user.may("campaigns.see") else "",
        **(_pane(request.user, first) if first else {"open": None}),
    }


def _only_counts(user: User) -> bool:
    return user.may("materials.count") and not user.may("campaigns.see")


def _pane(user: User, one: Waiting) -> dict[str, Any]:
    template, context = one.item.pane() if one.item.pane else ("", {})
    asks_person = any(act.asks == "person" for act in one.item.acts)
    people = User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name")
    return {
        "open": one,
        "template": template,
        "p": context,
        "later": later(user),
        "people": people if asks_person else (),
    }


def later(user: User) -> list[tuple[str, str]]:
    """Moments until which things can be put off: (as a value, in words)."""
    now = timezone.localtime()
    today = now.date()
    calendar = work_calendar(today)
    next_day = calendar.first_from(today + timedelta(days=1))
    monday = calendar.first_from(today + timedelta(days=7 - today.weekday()))
    found = [(now + timedelta(hours=1), gettext("In one hour"))]
    if now.hour < 16:
        found.append((_at(today, 17), gettext("This afternoon, 17:00")))
    found.append((_at(next_day, 9), gettext("Next working day, 9:00")))
    if monday != next_day:
        found.append((_at(monday, 9), gettext("Next week, 9:00")))
    return [(moment.isoformat(timespec="minutes"), words) for moment, words in found]


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
