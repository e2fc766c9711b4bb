"""The pages of segments (PE4): the list, and the builder that counts while one types."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from muster.kit import clock, ids
from muster.kit.errors import Invalid, NotFound, Refused, Unavailable
from muster.kit.words import _
from muster.people.consent.keeping import topics
from muster.people.consent.rules import CHANNELS, PURPOSES
from muster.people.masking import phone_means
from muster.people.profile.models import Person
from muster.people.profile.rules import normal_email
from muster.people.segments import actions, builder, counting, lists, presets, spoken
from muster.people.segments.catalogue import catalogue
from muster.people.segments.hidden import compares_hidden
from muster.people.segments.hints import hints
from muster.people.segments.models import Segment
from muster.people.segments.showing import shown
from muster.people.segments.trend import trend
from muster.people.segments.wording import reason
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import Workspace
from muster.ui import charts, formats
from muster.ui.middleware import worded
from muster.ui.toasts import toast
from muster.warehouse.rules import Rule, to_json
from muster.warehouse.sentence import phrase

LIST = "people/segments/list.html"
PAGE = "people/segments/segment.html"
_MOVES = 12


@allow("segments.see")
@require_GET
def segments(request: TeamRequest) -> HttpResponse:
    """Every segment with what it means, how many, and where it is used."""
    rows = Segment.objects.visible_to(request.user)
    query = request.GET.get("q", "").strip()
    if query:
        rows = rows.filter(name__icontains=query)
    names = [relation.get_accessor_name() for relation in Segment._meta.related_objects]
    # Who is in it, who came and left, and how many there were, is no use of it.
    uses = [name for name in names if name and name not in ("members", "moves", "sizes")]
    rows = rows.annotate(**{f"uses_{name}": Count(name, distinct=True) for name in uses})
    listed = [
        {
            "segment": segment,
            "sentence": _sentence(segment.rule),
            "uses": sum(getattr(segment, f"uses_{name}") for name in uses),
        }
        for segment in rows.order_by("-updated_at")[:200]
    ]
    context = {
        "listed": listed,
        "query": query,
        "presets": presets.PRESETS,
        "may_edit": request.user.may("segments.edit"),
    }
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


@allow("segments.edit")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """A new segment from a preset with its thresholds, or from a rule of one's own."""
    chosen = presets.preset(request.POST.get("preset", ""))
    said = {one.key: request.POST.get(f"{chosen.key}-{one.key}", "") for one in chosen.thresholds}
    name = request.POST.get("name", "").strip() or gettext(chosen.name)
    segment = actions.create(name, chosen.rule(said), by=request.user)
    return redirect("people:segment", segment.pk)


@allow("segments.edit")
@require_POST
def add_list(request: TeamRequest) -> HttpResponse:
    """A new list of people, from lines or from a file."""
    named = _named(request)
    with transaction.atomic():
        name = request.POST.get("name", "").strip() or gettext("List of people")
        segment = actions.create(name, None, by=request.user)
        done = lists.add(segment, named, by=request.user)
    return _told(_to(request, segment), done)


@allow("segments.edit")
@require_POST
def add_people(request: TeamRequest, segment_id: int) -> HttpResponse:
    """More people for a list."""
    found = _segment(request, segment_id)
    done = lists.add(found, _named(request), by=request.user)
    return _told(_to(request, found), done)


@allow("segments.edit")
@require_POST
def save(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Let the definition that is being worked on hold from now on."""
    found = _segment(request, segment_id)
    if found.draft is not None:
        actions.update(found, by=request.user, rule=found.draft)
    return _to(request, found)


@allow("segments.edit")
@require_POST
def discard(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Go back to the definition that holds."""
    return _to(request, actions.draft(_segment(request, segment_id), None, by=request.user))


@allow("segments.see")
@require_GET
def overlap(request: TeamRequest, segment_id: int) -> HttpResponse:
    """How many people the segment has in common with one or two others."""
    found = _segment(request, segment_id)
    visible = Segment.objects.visible_to(request.user).exclude(pk=found.pk)
    chosen = [one for one in (request.GET.get("with", ""), request.GET.get("and", "")) if one]
    numbers = [ids.number("segment", one) or 0 for one in dict.fromkeys(chosen)]
    others = [one for number in numbers if (one := visible.filter(pk=number).first())]
    context: dict[str, Any] = {
        "segment": found,
        "segments": _others(request, found),
        "chosen": [*chosen, "", ""],
        "parts": [],
    }
    if others:
        asked = [found, *others]
        counts = counting.overlap(asked)
        everyone = max(sum(counts), 1)
        context["parts"] = sorted(
            (
                {
                    "names": [one.name for i, one in enumerate(asked) if place >> i & 1],
                    "people": counts[place],
                    "share": counts[place] / everyone,
                    "everyone": everyone,
                }
                for place in range(1, len(counts))
            ),
            key=lambda part: -len(part["names"]),
        )
    return render(request, f"{PAGE}#overlap", context)


@allow("segments.see")
@require_GET
def segment(request: TeamRequest, segment_id: int) -> HttpResponse:
    """The builder; only reading and asking why for those who may not change segments."""
    found = _segment(request, segment_id)
    part = request.GET.get("part", "")
    context = _page(request, found, _worked_on(found))
    return render(request, f"{PAGE}#{part}" if part == "sample" else PAGE, context)


@allow("segments.edit")
@require_POST
def write(request: TeamRequest, segment_id: int) -> HttpResponse:
    """The rows as they are typed: kept when they can be read, then counted."""
    found = _segment(request, segment_id)
    rule = _typed(request)
    found, problems = _kept(request, found, rule)
    context = _page(request, found, rule if problems else _worked_on(found), problems)
    return render(request, f"{PAGE}#live", context)


@allow("segments.edit")
@require_POST
def arrange(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Add, move, exclude or remove a row; or show rows whose fields depend on a new choice."""
    found = _segment(request, segment_id)
    rule = _typed(request)
    did, _colon, family = request.GET.get("do", "").partition(":")
    if did:
        at = request.GET.get("at", "")
        rule = builder.arranged(rule, did, at, family or "trait", _choices(found))
    found, problems = _kept(request, found, rule)
    context = _page(request, found, rule if problems else _worked_on(found), problems)
    return render(request, f"{PAGE}#arranged", context)


@allow("segments.edit")
@require_POST
def head(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Name and note, saved while they are typed."""
    actions.update(
        _segment(request, segment_id),
        by=request.user,
        name=request.POST.get("name"),
        note=request.POST.get("note"),
    )
    return HttpResponse(status=204)


@allow("segments.edit")
@require_POST
def paste(request: TeamRequest, segment_id: int) -> HttpResponse:
    """The whole rule as JSON."""
    found = _segment(request, segment_id)
    try:
        rule = json.loads(request.POST.get("json", ""))
    except ValueError as error:
        raise Invalid.at(
            "/rule",
            "no_json",
            _("This is no JSON: %(reason)s. Paste a rule such as {“tag”: “vip”}."),
            reason=str(error)[:100],
        ) from error
    actions.draft(found, rule, by=request.user)
    return _to(request, found)


@allow("segments.edit")
@require_POST
def hear(request: TeamRequest, segment_id: int) -> HttpResponse:
    """A sentence as conditions: shown while it is typed, then added to the rule or put for it."""
    found = _segment(request, segment_id)
    is_look = "look" in request.GET
    try:
        said = spoken.heard(request.POST.get("text", ""), request.user)
    except Invalid as invalid:
        if not is_look:
            raise
        problem = worded(invalid.text, invalid.params)
        return render(request, "people/segments/heard.html", {"problem": problem})
    if is_look:
        context = {
            "heard": said,
            "pieces": [
                {
                    "text": piece.text,
                    "rule": piece.rule,
                    "is_mixed": piece.is_mixed,
                    "is_shared": piece.is_shared,
                    "phrase": piece.rule and _phrase(piece.rule),
                }
                for piece in said.pieces
            ],
            "examples": spoken.examples(),
        }
        return render(request, "people/segments/heard.html", context)
    if said.rule is None:
        raise Refused(_("Nothing of this sentence was understood. Look at the examples below it."))
    if request.POST.get("how") == "replace":
        rule = builder.rooted(to_json(said.rule))
    else:
        rule = spoken.added(_worked_on(found), said)
    actions.draft(found, rule, by=request.user)
    return _to(request, found)


@allow("segments.edit")
@require_POST
def freeze(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Keep the people who are in it now."""
    return _to(request, actions.freeze(_segment(request, segment_id), by=request.user))


@allow("segments.edit")
@require_POST
def copy(request: TeamRequest, segment_id: int) -> HttpResponse:
    """A live segment with the same rule."""
    found = _segment(request, segment_id)
    name = gettext("Copy of %(name)s") % {"name": found.name}
    twin = actions.create(name[:120], found.rule, by=request.user, note=found.note)
    return _to(request, twin)


@allow("segments.edit")
@require_POST
def delete(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Take the segment away, with a way back."""
    change = actions.delete(_segment(request, segment_id), by=request.user)
    response = HttpResponse(status=200)
    undo = way_back(change)
    return toast(response, gettext("The segment is gone."), undo=undo)


@allow("segments.see")
@require_GET
def why(request: TeamRequest, segment_id: int) -> HttpResponse:
    """Why somebody is in it or not; found by address, phone, id or public id.

    It answers for the definition on the page; where that is not saved yet, the other is named too.
    """
    found = _segment(request, segment_id)
    asked = request.GET.get("person", "").strip()
    context: dict[str, Any] = {"segment": found, "asked": asked}
    if asked and request.user.may("people.see"):
        clear = request.user.may("people.pii")
        person = _person(asked, clear=clear)
        if person is not None:
            context["person"] = next(iter(shown([person.pk], clear=clear)), None)
            if found.is_frozen:
                context["is_in"] = found.members.filter(person=person).exists()
            else:
                try:
                    told = counting.explain(_worked_on(found), person)
                    line = reason(told if clear else counting.masked(told))
                    context.update(is_in=line.ok, lines=line.parts or (line,))
                    if found.draft is not None:
                        context["is_held"] = counting.explain(found.rule, person).ok
                except NotFound as unknown:
                    context["unknown"] = worded(unknown.text, unknown.params)
    return render(request, f"{PAGE}#why", context)


def _page(
    request: TeamRequest,
    segment: Segment,
    rule: Mapping[str, Any],
    problems: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    if segment.is_list:
        rule = {"segment": segment.public_id}
    known = catalogue()
    clear = request.user.may("people.pii")
    rule = builder.rooted(rule)
    counted, changed, unanswered = None, None, ""
    if not problems:
        try:
            seed = request.GET.get("seed", "")
            # A frozen segment is its list, whatever its rule would mean today.
            meant = {"segment": segment.public_id} if segment.is_frozen else _worked_on(segment)
            asker = f"segment-{segment.pk}-{request.user.pk}"
            counted = counting.counted(meant, seed=seed, asker=asker)
            if segment.draft is not None:
                changed = counting.difference(segment.rule, segment.draft, asker=asker)
            elif not segment.is_frozen:
                actions.remember(segment, counted)
        except Refused as refused:
            unanswered = worded(refused.text, refused.params)
        except Unavailable:
            unanswered = gettext("The warehouse is not at hand now. Try again in a moment.")
    root = builder.tree(rule, known.kinds, is_masked=_masked(request))
    steps = list(counted.waterfall.steps) if counted and root.family == "all" else []
    told = [] if problems or segment.is_list else _hints(rule, segment)
    rows = [
        {
            "node": node,
            "step": steps[i] if i < len(steps) else None,
            "index": i,
            "examples": spoken.examples(),
            "hints": [one for one in told if f"{one['at']}/".startswith(f"{node.at}/")],
        }
        for i, node in enumerate(root.parts)
    ]
    may_people = request.user.may("people.see")
    sample = shown(counted.sample, clear=clear) if counted and may_people else []
    moves = segment.moves.order_by("-pk").select_related("person")[:_MOVES] if may_people else []
    names = {one.pk: one for one in shown([move.person_id for move in moves], clear=clear)}
    return {
        "segment": segment,
        "rule": json.dumps(rule, ensure_ascii=False),
        "pretty": builder.pretty(rule),
        "sentence": _sentence(segment.rule if segment.is_list else rule),
        "root": root,
        "rows": rows,
        "examples": spoken.examples(),
        "hints": [one for one in told if not one["at"]],
        "trend": _trend(segment),
        "counted": counted,
        "unanswered": unanswered,
        "problems": problems or [],
        "reach": _reach(counted),
        "sample": sample,
        "next_seed": secrets.token_hex(3),
        "traits": list(known.kinds),
        "events": known.events,
        "properties": [name for name in known.properties if clear or not compares_hidden(name)],
        "segments": _others(request, segment),
        "chosen": ["", ""],
        "changed": changed,
        "held": _sentence(segment.rule) if segment.draft is not None else "",
        "coming": shown(changed.coming[:5], clear=clear) if changed and may_people else [],
        "leaving": shown(changed.leaving[:5], clear=clear) if changed and may_people else [],
        "moves": [(move, names[move.person_id]) for move in moves if move.person_id in names],
        "families": builder.FAMILIES,
        "where_ops": [(op, label) for op, label in builder.OPS.items() if op != "between"],
        "count_ops": [(op, builder.OPS[op]) for op in builder.COUNT_OPS],
        "message_states": builder.MESSAGES,
        "aggregates": builder.AGGREGATES,
        "states": builder.STATES,
        "channels": CHANNELS,
        "purposes": PURPOSES,
        "topics": topics(),
        "may_edit": request.user.may("segments.edit") and not segment.is_frozen,
        "may_change": request.user.may("segments.edit"),
        "may_people": may_people,
    }


def _hints(rule: Mapping[str, Any], segment: Segment) -> list[dict[str, Any]]:
    try:
        return hints(rule, segment)
    except Invalid:
        return []


def _trend(segment: Segment) -> dict[str, Any] | None:
    """The chart of the last days, and by how much it grew since the first that is known."""
    if segment.is_frozen:
        return None
    language = _language()
    today = clock.now().astimezone(Workspace.here().zone).date()
    points = trend(segment, today)
    known = [point for point in points if point.people is not None]
    if len(known) < 2:
        return {"chart": None}
    first, last = known[0], known[-1]
    return {
        "chart": charts.bars(
            [formats.day(point.day, language, today=today) for point in points],
            {gettext("People"): [point.people for point in points]},
        ),
        "since": formats.day(first.day, language, today=today),
        "change": (last.people or 0) - (first.people or 0),
        "fall": (first.people or 0) - (last.people or 0),
        "gaps": len(points) - len(known),
    }


def _worked_on(segment: Segment) -> dict[str, Any]:
    """The definition that the builder shows: the draft where there is one."""
    rule: dict[str, Any] = segment.rule if segment.draft is None else segment.draft
    return rule


def _others(request: TeamRequest, segment: Segment) -> list[tuple[str, str]]:
    others = Segment.objects.visible_to(request.user).exclude(pk=segment.pk).order_by("name")
    return [(one.public_id, one.name) for one in others[:300]]


def _named(request: TeamRequest) -> list[str]:
    """The people of the request: one a line, of a file the first column."""
    text = request.POST.get("people", "")
    if (file := request.FILES.get("file")) is not None:
        text += "\n" + file.read().decode("utf-8-sig", errors="replace")
    return [line.split(",")[0].split("\t")[0].strip().strip('"') for line in text.splitlines()]


def _told(response: HttpResponse, done: lists.Added) -> HttpResponse:
    """Say how many came onto the list, and who could not be found."""
    text = ngettext(
        "%(count)s person is on the list now.", "%(count)s people are on the list now.", done.added
    ) % {"count": done.added}
    if done.unknown:
        some = "、".join(done.unknown[:3])
        text += " " + gettext("Not found: %(count)s, such as %(some)s.") % {
            "count": len(done.unknown),
            "some": some,
        }
    return toast(response, text)


_ICONS = {"email": "mail", "sms": "device-mobile"}


def _reach(counted: counting.Counted | None) -> list[tuple[str, str, int, int, float]]:
    """Channel by channel: icon, name, people, all people, share."""
    if counted is None:
        return []
    everyone = counted.count
    return [
        (_ICONS.get(key, "message"), CHANNELS[key], people, everyone, people / max(everyone, 1))
        for key, people in counted.reachable.items()
    ]


def _kept(
    request: TeamRequest, segment: Segment, rule: Mapping[str, Any]
) -> tuple[Segment, list[dict[str, str]]]:
    """The segment with the new draft, or as it was with what is wrong with the rule."""
    try:
        return actions.draft(segment, rule, by=request.user), []
    except Invalid as invalid:
        found = [
            {"at": problem.at, "text": worded(problem.text, problem.params)}
            for problem in invalid.errors
        ]
        return segment, found


def _posted(request: TeamRequest) -> dict[str, Any]:
    try:
        rule = json.loads(request.POST.get("rule", ""))
    except ValueError:
        rule = None
    if not isinstance(rule, dict) or not rule:
        raise Refused(_("The rule of this page was lost on the way. Load the page again."))
    return rule


def _texts(request: TeamRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}


def _typed(request: TeamRequest) -> dict[str, Any]:
    """The rule of the page with its rows as they stand there now."""
    return builder.with_fields(
        _posted(request), _texts(request), catalogue().kinds, is_masked=_masked(request)
    )


def _masked(request: TeamRequest) -> Callable[[str], bool] | None:
    """What is hidden from the reader, and not to be compared by them."""
    return None if request.user.may("people.pii") else compares_hidden


def _choices(segment: Segment) -> dict[str, Any]:
    others = Segment.objects.filter(deleted_at=None).exclude(pk=segment.pk)
    first = others.order_by("name").values_list("pk", flat=True).first()
    events = catalogue().events
    return {
        "event": events[0],
        "steps": (events[1 % len(events)], events[0]),
        "segment": ids.public("segment", first) if first is not None else "",
        "salt": secrets.token_hex(4),
    }


def _sentence(rule: Mapping[str, Any]) -> str:
    try:
        return counting.words(rule)[_language()]
    except Invalid:
        return ""


def _phrase(rule: Rule) -> str:
    return phrase(rule, _language(), counting.names_in(rule))


def _language() -> str:
    language = get_language() or "en"
    return language if language in ("zh-hans", "zh-hant") else "en"


def _person(asked: str, *, clear: bool) -> Person | None:
    people = Person.objects.present()
    number = ids.number("person", asked)
    if number is not None:
        return people.filter(pk=number).first()
    address = normal_email(asked)
    if address:
        return people.filter(email=address).first()
    return (
        people.filter(external_id=asked).first()
        or people.filter(phone_means(asked, clear=clear)).exclude(phone="").first()
    )


def _to(request: TeamRequest, segment: Segment) -> HttpResponse:
    url = reverse("people:segment", args=[segment.pk])
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def _segment(request: TeamRequest, segment_id: int) -> Segment:
    found = Segment.objects.visible_to(request.user).filter(pk=segment_id).first()
    if found is None:
        raise NotFound
    return found
