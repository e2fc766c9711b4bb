"""Leads in the API (PE7): the list, one lead, its stages; scores, and what they go by."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import override
from ninja import Query, Router

from muster.kit import clock
from muster.kit.errors import Invalid, NotFound, Unavailable
from muster.kit.words import _
from muster.people.leads import actions
from muster.people.leads.becoming import rescore
from muster.people.leads.costs import DAYS, Row, costs
from muster.people.leads.models import Handover, Lead, LeadStep
from muster.people.leads.reasons import kept, worded
from muster.people.leads.shown import present
from muster.people.profile.models import Person
from muster.people.scoring.models import ScoreModel
from muster.people.segments.counting import context
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lacking import lacking
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.stores import warehouse
from muster.team.tokens.auth import has_scope, scope
from muster.team.users.models import User
from muster.warehouse.scores import Standing, spread, standings
from muster.warehouse.sentence import summaries

router = Router(tags=["leads"])
_LANGUAGES = ("en", "zh-hans", "zh-hant")


class LeadsSought(Paging):
    """Which leads: by stage, by owner (an id, `me` or `none`), or those that are late."""

    state: str | None = None
    owner: str | None = None
    late: bool = False


class LeadIn(Strict):
    """Who shall be a lead."""

    person: str


class LeadMoveIn(Strict):
    """Where it goes; `reason` for lost and recycled, `amount` for an opportunity."""

    state: str
    reason: str = ""
    amount: str | None = None
    currency: str = ""
    note: str = ""
    version: int | None = None


class GiveIn(Strict):
    """Who shall have it."""

    to: str


class NoteIn(Strict):
    """What happened, and what comes next."""

    text: str = ""
    contacted: bool = False
    next_step: str | None = None
    next_on: date | None = None
    version: int | None = None


class ModelIn(Strict):
    """A scorecard, the rule that says who is one for sales, and whether leads are opened by it."""

    card: dict[str, Any] | None = None
    mql: dict[str, Any] | None = None
    on: bool | None = None
    version: int | None = None


class HandoverIn(Strict):
    """How leads are given to sales; what is left out stays as it is."""

    rules: list[dict[str, Any]] | None = None
    room: int | None = None
    rooms: dict[str, int] | None = None
    contact_hours: int | None = None
    raise_hours: int | None = None
    opens: str | None = None
    closes: str | None = None
    rest_days: int | None = None
    version: int | None = None


def shown(lead: Lead, standing: Standing | None) -> dict[str, Any]:
    """A lead as the API speaks of it; with its standing now, where it is open."""
    money = lead.money
    opened = {"score": lead.score, "fit": lead.fit, "grade": lead.grade or None}
    now = (
        {"score": standing.points, "fit": standing.fit, "grade": standing.grade}
        if standing
        else opened
    )
    return {
        "id": lead.public_id,
        "person": lead.person.public_id,
        "state": lead.state,
        "owner": lead.owner.public_id if lead.owner else None,
        **now,
        "at_opening": opened,
        "opened_at": lead.opened_at,
        "assigned_at": lead.assigned_at,
        "contact_due": lead.contact_due,
        "contacted_at": lead.contacted_at,
        "late": _is_late(lead),
        "next_step": lead.next_step,
        "next_on": lead.next_on,
        "amount": money.as_json() if money else None,
        "reason": lead.reason or None,
        "closed_at": lead.closed_at,
        "version": lead.version,
    }


def _is_late(lead: Lead) -> bool:
    due = lead.contact_due
    return bool(lead.is_untouched and not lead.contacted_at and due and due <= clock.now())


def _why(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    words = {}
    for language in _LANGUAGES:
        with override(language):
            words[language] = [one.text for one in worded(rows)]
    return [
        {"points": row["points"], "text": {one: words[one][i] for one in _LANGUAGES}}
        for i, row in enumerate(rows)
    ]


def _step(row: LeadStep) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "state": row.state or None,
        "to": row.to.public_id if row.to else None,
        "by": row.by.public_id if row.by else None,
        "at": row.at,
        "note": row.note,
    }


def in_full(lead: Lead) -> dict[str, Any]:
    """A lead with why it is one, and everything that happened to it."""
    steps = lead.steps.select_related("to", "by")
    standing = present([lead], clock.now()).get(lead.pk)
    why = kept(standing, ScoreModel.here().scorecard) if standing else lead.why
    return {
        **shown(lead, standing),
        "why": _why(why),
        "steps": [_step(row) for row in steps],
    }


def model_shown(model: ScoreModel) -> dict[str, Any]:
    """The scorecard as the API speaks of it."""
    return {
        "on": model.on,
        "card": model.card,
        "mql": model.mql,
        "summary": summaries(model.rule),
        "scored_at": model.scored_at,
        "version": model.version,
    }


@router.get("", auth=scope("leads:read"), response=Page[dict[str, Any]])
def list_leads(request: TeamRequest, sought: Query[LeadsSought]) -> dict[str, object]:
    """The leads that one may see, newest first.

    `score`, `fit` and `grade` are those of now while a lead is open, `at_opening` those it began
    with.
    """
    rows = Lead.objects.visible_to(request.user).select_related("person", "owner")
    if sought.state:
        if sought.state not in Lead.State.values:
            raise Invalid.at("/state", "unknown_choice", _("There is no such choice."))
        rows = rows.filter(state=sought.state)
    if sought.owner == "none":
        rows = rows.filter(owner=None)
    elif sought.owner:
        mine = sought.owner == "me"
        owner = request.user if mine else found(User.objects.all(), "user", sought.owner)
        rows = rows.filter(owner=owner)
    if sought.late:
        rows = rows.filter(
            state__in=("new", "accepted"), contacted_at=None, contact_due__lte=clock.now()
        )
    # Scores are asked for once for all of the page.
    leads: list[Lead] = []
    here = page(rows, sought, leads.append)
    known = present(leads, clock.now())
    return {**here, "items": [shown(lead, known.get(lead.pk)) for lead in leads]}


@router.post("", auth=scope("leads:write"), response={201: dict[str, Any]})
def add_lead(request: TeamRequest, body: LeadIn) -> dict[str, Any]:
    """Make somebody a lead of one's own, whatever the score says."""
    person = found(Person.objects.present(), "person", body.person)
    return in_full(actions.open_by_hand(person, by=request.user, now=clock.now()))


@router.get("/model", auth=scope("leads:read"), response=dict[str, Any])
def get_model(request: TeamRequest) -> dict[str, Any]:
    """What people get points for, and who is one for sales; with how everybody stands."""
    model = ScoreModel.here()
    with warehouse(60) as db:
        counts = spread(db, context())
    people = [
        {"grade": grade, "band": band, "people": n} for (grade, band), n in sorted(counts.items())
    ]
    return {**model_shown(model), "people": people}


@router.put("/model", auth=scope("leads:model"), response=dict[str, Any])
def put_model(request: TeamRequest, body: ModelIn) -> dict[str, Any]:
    """Set the scorecard and the rule; what is left out stays."""
    actions.set_model(
        by=request.user, clear=has_scope(request, "people:pii"),
        card=body.card, mql=body.mql, on=body.on, version=body.version,
    )  # fmt: skip
    return model_shown(ScoreModel.here())


@router.post("/model/preview", auth=scope("leads:model"), response=dict[str, Any])
def preview_model(request: TeamRequest, body: ModelIn) -> dict[str, Any]:
    """How many would become ones for sales by this, and how many would cease to be."""
    model = ScoreModel.here()
    card = model.card if body.card is None else body.card
    mql = model.mql if body.mql is None else body.mql
    clear = has_scope(request, "people:pii")
    told = actions.effect(card, mql, by=request.user, clear=clear, now=clock.now())
    return {"are": told.are, "become": told.become, "cease": told.cease, "leads": told.leads}


@router.post("/model/score", auth=scope("leads:model"), response=dict[str, Any])
def score_everybody(request: TeamRequest) -> dict[str, Any]:
    """Score people now; it happens every few minutes anyway."""
    done = rescore(clock.now())
    return {
        "ready": done.ready, "became": done.became, "ceased": done.ceased,
        "opened": done.opened, "given": done.given,
    }  # fmt: skip


@router.get("/costs", auth=scope("reports:read"), response=dict[str, Any])
def get_costs(request: TeamRequest) -> dict[str, Any]:
    """Of the last 90 days: who was captured, MQL rate and cost per lead, by campaign and channel.

    Money is left out for who does not see budgets.
    """
    if not request.user.may("insights.see"):
        raise lacking("insights.see")
    found = costs(request.user, clock.now())
    if found is None:
        raise Unavailable(_("This cannot be worked out just now."))
    return {
        "days": DAYS,
        "by_campaign": [_cost(row) for row in found.by_campaign],
        "by_channel": [_cost(row) for row in found.by_channel],
        "apart": list(found.apart),
    }


def _cost(row: Row) -> dict[str, Any]:
    return {
        "key": row.key, "people": row.people, "became": row.became, "mql_rate": row.rate,
        "opportunities": row.opportunities, "won": row.won,
        "cost": row.cost.as_json() if row.cost else None,
        "per_lead": row.per_lead.as_json() if row.per_lead else None,
        "per_became": row.per_became.as_json() if row.per_became else None,
    }  # fmt: skip


@router.get("/handover", auth=scope("leads:read"), response=dict[str, Any])
def get_handover(request: TeamRequest) -> dict[str, Any]:
    """Who gets leads, how many, and until when they have to speak to them."""
    handover = Handover.here()
    return {**handover.fields, "version": handover.version}


@router.put("/handover", auth=scope("leads:model"), response=dict[str, Any])
def put_handover(request: TeamRequest, body: HandoverIn) -> dict[str, Any]:
    """Set some of it; the rest stays."""
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    clear = has_scope(request, "people:pii")
    actions.set_handover(given, by=request.user, clear=clear, version=body.version)
    handover = Handover.here()
    return {**handover.fields, "version": handover.version}


@router.get("/scores/{person_id}", auth=scope("leads:read"), response=dict[str, Any])
def get_score(request: TeamRequest, person_id: str) -> dict[str, Any]:
    """The score of one person now, with what made it."""
    person = found(Person.objects.present(), "person", person_id)
    model = ScoreModel.here()
    with warehouse(30) as db:
        known = standings(db, model.rule, context(), [person.pk]).get(person.pk)
    if known is None:
        raise NotFound(_("Nothing is known yet about this person."))
    card = model.scorecard
    return {
        "person": person.public_id,
        "score": known.points,
        "fit": known.fit,
        "grade": known.grade,
        "band": card.band(known.points),
        "sales_ready": known.meets,
        "why": _why(kept(known, card)),
    }


@router.get("/{lead_id}", auth=scope("leads:read"), response=dict[str, Any])
def get_lead(request: TeamRequest, lead_id: str) -> dict[str, Any]:
    """One lead with why it is one, and what happened to it."""
    return in_full(_found(request, lead_id))


@router.post("/{lead_id}/move", auth=scope("leads:write"), response=dict[str, Any])
def move_lead(request: TeamRequest, lead_id: str, body: LeadMoveIn) -> dict[str, Any]:
    """Bring it to another stage."""
    actions.move(
        _found(request, lead_id),
        body.state,
        by=request.user,
        now=clock.now(),
        note=body.note,
        reason=body.reason,
        amount=body.amount,
        currency=body.currency,
        version=body.version,
    )
    return in_full(_found(request, lead_id))


@router.post("/{lead_id}/give", auth=scope("leads:write"), response=dict[str, Any])
def give_lead(request: TeamRequest, lead_id: str, body: GiveIn) -> dict[str, Any]:
    """Hand it to a colleague."""
    to = found(User.objects.filter(is_active=True), "user", body.to)
    lead = _found(request, lead_id)
    actions.give(lead, to, by=request.user, now=clock.now())
    return in_full(Lead.objects.select_related("person", "owner").get(pk=lead.pk))


@router.post("/{lead_id}/note", auth=scope("leads:write"), response=dict[str, Any])
def note_lead(request: TeamRequest, lead_id: str, body: NoteIn) -> dict[str, Any]:
    """Write down what happened and what comes next; a contact stops the clock."""
    actions.note(
        _found(request, lead_id),
        by=request.user,
        now=clock.now(),
        text=body.text,
        contacted=body.contacted,
        next_step=body.next_step,
        next_on=body.next_on,
        version=body.version,
    )
    return in_full(_found(request, lead_id))


def _found(request: TeamRequest, lead_id: str) -> Lead:
    rows = Lead.objects.visible_to(request.user).select_related("person", "owner")
    return found(rows, "lead", lead_id)
