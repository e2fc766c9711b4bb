"""The pages on which scoring and the hand-over are set (S21)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit import clock
from muster.kit.errors import Invalid
from muster.people.leads import actions
from muster.people.leads.assigning import numbers_of
from muster.people.leads.editing import OF_EVENTS, OF_TRAITS, Simple, card_of, rows_of, rule_of
from muster.people.leads.models import Handover, Lead
from muster.people.leads.reasons import event_label, label
from muster.people.scoring.models import ScoreModel
from muster.people.segments.builder import OPS
from muster.people.segments.counting import context, words
from muster.people.segments.models import Segment
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest, version_read
from muster.team.jobs.actions import start_job
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import User
from muster.ui.toasts import toast
from muster.warehouse.rules import GRADES
from muster.warehouse.scorecard import BANDS
from muster.warehouse.scores import spread
from muster.warehouse.segments import event_catalogue, trait_catalogue

SCORING, HANDOVER = "people/leads/scoring.html", "people/leads/handover.html"


@allow("leads.model")
def scoring(request: TeamRequest) -> HttpResponse:
    """The scorecard; a POST keeps it."""
    if request.method == "POST":
        said = request.POST.dict()
        done = actions.set_model(
            by=request.user,
            card=card_of(said),
            mql=rule_of(said),
            version=version_read(request),
        )
        answer = render(request, f"{SCORING}#scoring", _scoring())
        undo = way_back(done)
        return toast(answer, _("The scorecard is saved."), undo=undo)
    return render(request, SCORING, _scoring())


@allow("leads.model")
@require_POST
def preview(request: TeamRequest) -> HttpResponse:
    """What the scorecard as typed would change."""
    said = request.POST.dict()
    mql = rule_of(said) or ScoreModel.here().mql
    told = actions.effect(card_of(said), mql, by=request.user, now=clock.now())
    return render(request, f"{SCORING}#effect", {"effect": told, "model": ScoreModel.here()})


@allow("leads.model")
@require_POST
def switch(request: TeamRequest) -> HttpResponse:
    """Let leads be opened by the score, or not any more."""
    on = request.POST.get("on") == "1"
    done = actions.set_model(by=request.user, on=on)
    if on:
        _start(request)
    answer = render(request, f"{SCORING}#scoring", _scoring())
    text = _("Leads are opened by the score now.") if on else _("No leads are opened any more.")
    return toast(answer, text, undo=way_back(done))


@allow("leads.model")
@require_POST
def run(request: TeamRequest) -> HttpResponse:
    """Look at everybody now."""
    _start(request)
    if not request.htmx:
        return redirect("people:scoring")
    return toast(HttpResponse(status=204), _("Everybody is being scored; new leads appear soon."))


def _start(request: TeamRequest) -> None:
    start_job(
        "people.score", {}, title=_("Scoring everybody"), by=request.user, unique="people.score"
    )


def _scoring() -> dict[str, Any]:
    model = ScoreModel.here()
    try:
        with warehouse(20) as db:
            counts = spread(db, context())
            events = [(one.name, event_label(one.name)) for one in event_catalogue(db, limit=100)]
            traits = [(one.name, label(one.name)) for one in trait_catalogue(db)]
    except NO_NUMBERS:
        counts, events, traits = {}, [], []
    bands = (*BANDS, "cold")
    names = {"hot": _("hot"), "warm": _("warm"), "cold": _("cold")}
    return {
        "model": model,
        **rows_of(model.card),
        "event_ops": [(op, OPS[op]) for op in OF_EVENTS],
        "trait_ops": [(op, OPS[op]) for op in OF_TRAITS],
        "no_value": ("exists", "missing"),
        "grades": [(one, model.card["grades"][one]) for one in GRADES[:-1]],
        "all_grades": GRADES,
        "bands": [(one, names[one], model.card["bands"][one]) for one in BANDS],
        "simple": Simple.of(model.mql),
        "sentence": words(model.mql).get(get_language() or "en", ""),
        "band_names": [names[one] for one in bands],
        "spread": [(grade, [counts.get((grade, one), 0) for one in bands]) for grade in GRADES],
        "ready": Lead.objects.open().count(),
        "events": events,
        "traits": traits,
    }


@allow("leads.model")
def handover(request: TeamRequest) -> HttpResponse:
    """Who gets leads; a POST keeps it."""
    if request.method == "POST":
        said = request.POST
        fields: dict[str, Any] = {
            name: said.get(name, "")
            for name in ("room", "contact_hours", "raise_hours", "opens", "closes", "rest_days")
        }
        fields["rules"] = _rules(request)
        fields["rooms"] = {
            key.removeprefix("room-"): value
            for key, value in said.dict().items()
            if key.startswith("room-") and str(value).strip()
        }
        done = actions.set_handover(fields, by=request.user, version=version_read(request))
        answer = render(request, f"{HANDOVER}#handover", _handover(request.user))
        undo = way_back(done)
        return toast(answer, _("The hand-over is saved."), undo=undo)
    return render(request, HANDOVER, _handover(request.user))


def _rules(request: TeamRequest) -> list[dict[str, Any]]:
    said, before = request.POST, Handover.here().rules
    out = []
    for i in range(50):
        name = said.get(f"rule-{i}-name", "").strip()
        to = said.getlist(f"rule-{i}-to")
        segment = said.get(f"rule-{i}-segment", "")
        if not name and not to:
            continue
        if segment == "kept" and i < len(before):
            when = before[i].get("when")
        elif segment:
            if not Segment.objects.visible_to(request.user).filter(pk=_whole(segment)).exists():
                raise Invalid.at(f"/rules/{i}/when", "unknown_segment", _("Choose a segment."))
            when = {"segment": Segment(pk=_whole(segment)).public_id}
        else:
            when = None
        out.append({"name": name, "when": when, "to": to})
    return out


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _handover(reader: User) -> dict[str, Any]:
    found = Handover.here()
    sellers = [
        one
        for one in User.objects.filter(is_active=True).order_by("name")
        if one.may("leads.work") and one.role == "sales"
    ]
    others = [
        one
        for one in User.objects.filter(is_active=True).order_by("name")
        if one.may("leads.work") and one not in sellers
    ]
    segments = list(Segment.objects.visible_to(reader).order_by("name"))
    by_id = {one.public_id: one.pk for one in segments}
    rows = []
    for i, rule in enumerate([*found.rules, {"name": "", "when": None, "to": []}]):
        when = rule.get("when")
        chosen = by_id.get(when.get("segment", "")) if when else None
        rows.append(
            {
                "i": i,
                "name": rule["name"],
                "chosen": chosen,
                "kept": words(when).get(get_language() or "en") if when and not chosen else "",
                "to": set(numbers_of(rule["to"])),
            }
        )
    busy = {
        one.pk: one.leads.filter(state__in=("new", "accepted", "working")).count()
        for one in sellers
    }
    return {
        "handover": found,
        "rows": rows,
        "sellers": [(one, busy[one.pk], found.rooms.get(str(one.pk), "")) for one in sellers],
        "choices": [*sellers, *others],
        "segments": segments,
    }
