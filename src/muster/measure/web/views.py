"""The site in one look, why a visit counts where it counts, and heat maps, as pages (S39)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from muster.kit import clock, ids
from muster.kit.errors import Invalid
from muster.measure.reports.asked import period
from muster.measure.results.numbers import as_of
from muster.measure.web.drawing import LAYERS, drawing, elements
from muster.people.segments.counting import members
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.team.http import TeamRequest
from muster.team.missing import missing
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.ui import charts
from muster.warehouse import heat as heats
from muster.warehouse import sources, visits, web
from muster.warehouse.metrics import Scope

_PATIENCE = 60.0
_USUAL_DAYS = 28
_SHOWN = 10
_LONGEST_HINT = 100
"""Characters: a task has a title, not a story."""
DEVICES = ("phone", "tablet", "desktop", "")


@dataclass(frozen=True)
class Asked:
    """The period that a page shows, as it is written in its address."""

    start: datetime
    end: datetime | None
    days: int
    first: str
    last: str

    @property
    def scope(self) -> Scope:
        return Scope(self.start, self.end)

    @property
    def query(self) -> str:
        """The same period for the address of another page."""
        said = {"days": self.days} if not self.first else {"from": self.first, "to": self.last}
        return urlencode(said)


def asked_period(request: TeamRequest) -> Asked:
    """From `from` and `to`, or else the last `days`; raises `Invalid`."""
    first, last = request.GET.get("from", ""), request.GET.get("to", "")
    start, end = period(first, last)
    wanted = request.GET.get("days", "")
    days = int(wanted) if wanted.isdecimal() and 0 < int(wanted) <= 3660 else _USUAL_DAYS
    if start is None:
        zone = Workspace.here().zone
        midnight = clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        start, first = midnight - timedelta(days=days - 1), ""
    return Asked(start, end, days, first, last)


@allow("insights.see")
@require_safe
def web_page(request: TeamRequest) -> HttpResponse:
    """Visitors, visits, sources, pages and devices of a period."""
    try:
        asked = asked_period(request)
    except Invalid as invalid:
        return render(request, "measure/web.html", _refused(request, invalid), status=422)
    context = {"asked": asked, "may_see_money": request.user.may("budget.see")}
    try:
        with warehouse(_PATIENCE) as db:
            found = web.overview(db, asked.scope, Workspace.here().time_zone)
            there = web.now_on_pages(db, clock.now())
    except NO_NUMBERS as error:
        return render(request, "measure/web.html", context | {"missing": missing(error)})
    days = [day.strftime("%m-%d") for day, _visitors, _views in found.days]
    chart = charts.line(
        days,
        {
            _("Page views"): [views for _day, _visitors, views in found.days],
            _("Visitors"): [visitors for _day, visitors, _views in found.days],
        },
    )
    parts = {name: rows[:_SHOWN] for name, rows in found.parts.items()}
    context |= {
        "found": found,
        "parts": parts,
        "chart": chart,
        "there": there,
        "groups": sources.GROUPS,
        "as_of": as_of(clock.now()),
    }
    return render(request, "measure/web.html", context)


@allow("insights.see")
@require_safe
def why_page(request: TeamRequest) -> HttpResponse:
    """Why visits count where they count: an address to try, and those of a source in the report."""
    url, referrer = request.GET.get("url", "").strip(), request.GET.get("referrer", "").strip()
    source = request.GET.get("source", "")
    cases: list[dict[str, Any]] = []
    lacks = None
    if url or referrer:
        landing = sources.landing(url, referrer)
        term = sources.search_term(referrer)
        cases.append({"landing": landing, "visits": None, "found": _said(landing), "term": term})
    if source:
        asked = asked_period(request)
        try:
            with warehouse(_PATIENCE) as db:
                rows = web.explained(db, asked.scope, source)
        except NO_NUMBERS as error:
            rows, lacks = [], missing(error)
        for row in rows:
            landing = sources.Landing(**{k: row[f"landing_{k}"] or "" for k in visits.LANDING})
            cases.append({"landing": landing, "visits": row["n"], "found": _said(landing)})
    context = {
        "missing": lacks,
        "cases": cases,
        "source": source,
        "url": url,
        "referrer": referrer,
        "may_see_money": request.user.may("budget.see"),
    }
    return render(request, "measure/web_why.html", context)


def _said(landing: sources.Landing) -> dict[str, Any]:
    found = sources.origin(landing)
    reasons = [_(reason.text) % reason.params for reason in found.reasons]
    return {"origin": found, "group": _(sources.GROUPS[found.group]), "reasons": reasons}


@allow("insights.see")
@require_safe
def heatmap_page(request: TeamRequest, page: str) -> HttpResponse:
    """The heat map of one page on one kind of device."""
    try:
        asked = asked_period(request)
    except Invalid as invalid:
        return render(request, "measure/web.html", _refused(request, invalid), status=422)
    host, path = heats.page_of(page)
    layer = request.GET.get("layer", "click")
    layer = layer if layer in LAYERS else "click"
    segments = Segment.objects.visible_to(request.user)
    segment = segments.filter(pk=ids.number("segment", request.GET.get("segment", "")) or 0).first()
    other = request.GET.get("beside")
    choices: list[heats.Choice] = []
    sides: list[heats.Heat] = []
    chosen, lacks = _wanted(request, ""), None
    try:
        people = members(segment) if segment else None
        with warehouse(_PATIENCE) as db:
            choices = heats.choices(db, host, path, asked.scope)
            chosen = _wanted(request, _usual(choices))
            looks = [chosen, replace(chosen, version=other)] if other else [chosen]
            sides = [heats.heat(db, host, path, asked.scope, one, people) for one in looks]
    except NO_NUMBERS as error:
        choices, sides, lacks = [], [], missing(error)
    device, version = chosen.device, chosen.version
    kept = {"version": version, "beside": other, "device": request.GET.get("device")}
    if not lacks:
        kept["device"] = device
    kept["segment"] = segment.public_id if segment else None
    kept |= {name: getattr(chosen, name) for name in ("group", "source", "visits")}
    context = {
        "asked": asked,
        "page": host + path,
        "layer": layer,
        "layers": LAYERS,
        "chosen": chosen,
        "kept": urlencode({name: value for name, value in kept.items() if value is not None}),
        "device": kept["device"],
        "version": version,
        "other": other,
        **(_possible(chosen, other) if lacks else _seen(choices, device)),
        "missing": lacks,
        "sides": [
            _side(one, layer, name) for one, name in zip(sides, (version, other), strict=False)
        ],
        "hints": [(hint, _task(hint, request)) for hint in _hints(sides[0])] if sides else [],
        "segments": segments.order_by("name"),
        "segment": segment,
        "few_people": heats.FEW_PEOPLE,
        "campaigns": _campaigns(request),
        "enough": heats.ENOUGH,
        "as_of": as_of(clock.now()),
        "may_see_money": request.user.may("budget.see"),
    }
    return render(request, "measure/heatmap.html", context)


def _wanted(request: TeamRequest, usual: str) -> heats.Wanted:
    """What was chosen; the device people mostly use where none was."""
    return heats.Wanted(
        request.GET.get("device", usual),
        request.GET.get("version") or None,
        request.GET.get("group") or None,
        request.GET.get("source") or None,
        request.GET.get("visits") or None,
    )


def _devices(choices: list[heats.Choice]) -> dict[str, int]:
    devices = dict.fromkeys(DEVICES, 0)
    for choice in choices:
        devices[choice.device] = devices.get(choice.device, 0) + choice.views
    return devices


def _usual(choices: list[heats.Choice]) -> str:
    devices = _devices(choices)
    return max(devices, key=lambda name: devices[name])


Options = Mapping[str, Sequence[tuple[str, int | None]]]


def _seen(choices: list[heats.Choice], device: str) -> Options:
    """What can be chosen, and how many looks there were of each on the device."""
    here = [choice for choice in choices if choice.device == device]
    return {
        "devices": [(name, views) for name, views in _devices(choices).items() if views],
        "versions": [(key, views) for key, views in _views_by(here, "version") if key],
        "groups": [one for one in _views_by(here, "group") if one[0]],
        "sources": [one for one in _views_by(here, "source") if one[0]],
        "visits": _views_by(here, "visits"),
    }


def _possible(chosen: heats.Wanted, other: str | None) -> Options:
    """What can be chosen where nobody can say what was seen; what was chosen stays."""
    return {
        "devices": [(name, None) for name in DEVICES if name],
        "versions": [(key, None) for key in dict.fromkeys((chosen.version, other)) if key],
        "groups": [(key, None) for key in sources.GROUPS],
        "sources": [(chosen.source, None)] if chosen.source else [],
        "visits": [(key, None) for key in heats.VISITS],
    }


def _views_by(choices: list[heats.Choice], name: str) -> list[tuple[str, int]]:
    """How often the page was looked at by each value of one of the things that can be chosen."""
    counts: Counter[str] = Counter()
    for choice in choices:
        counts[getattr(choice, name)] += choice.views
    return counts.most_common(_SHOWN)


def _side(heat: heats.Heat, layer: str, version: str | None) -> dict[str, Any]:
    return {
        "heat": heat,
        "version": version or "",
        "drawing": drawing(heat, layer),
        "elements": [
            (one, one.clicks / heat.views if heat.views else None, heat.unseen(one))
            for one in elements(heat, layer)
        ],
        "bands": [
            (at * 5, reach, seconds)
            for at, (reach, seconds) in enumerate(zip(heat.reach, heat.attention, strict=True))
        ],
    }


def _hints(heat: heats.Heat) -> list[str]:
    """What a page can be mended by; nothing is advised from few looks."""
    if not heat.is_enough:
        return []
    said = []
    for one in heat.elements[:5]:
        unseen = heat.unseen(one)
        if one.is_live and unseen is not None and unseen >= 0.3 and one.top > heat.fold:
            said.append(
                _("%(share)s%% of the looks never came as far down as “%(name)s”. Move it up.")
                % {"share": round(100 * unseen), "name": one.text or one.path}
            )
    said.extend(
        _(
            "“%(name)s” was pressed %(times)s times and nothing happened. "
            "Make it a link, or let it look less like one."
        )
        % {"name": one.text or one.path, "times": one.dead}
        for one in heat.elements
        if one.dead >= 10 and not one.is_live
    )
    return said[:5]


def _task(hint: str, request: TeamRequest) -> str:
    """The same for the form of a new task: what to do, and where it was seen."""
    said = " ".join(hint.split())[:_LONGEST_HINT]
    return urlencode({"name": f"{said} {request.build_absolute_uri(request.path)}"})


def _campaigns(request: TeamRequest) -> list[Campaign]:
    """In whose plans the reader may write down work, those that begin last first."""
    if not request.user.may("campaigns.edit"):
        return []
    return list(Campaign.objects.visible_to(request.user).order_by("-starts", "-pk")[:_SHOWN])


def _refused(request: TeamRequest, invalid: Invalid) -> dict[str, Any]:
    problem = invalid.errors[0]
    return {
        "problem": _(problem.text) % problem.params,
        "may_see_money": request.user.may("budget.see"),
    }
