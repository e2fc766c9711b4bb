"""What people do with leads (PE7): take, move, give, note, open; and set how it all works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.money import is_currency
from muster.kit.words import _
from muster.people.leads import rules
from muster.people.leads.assigning import checked
from muster.people.leads.becoming import due_of, hand_over, open_leads
from muster.people.leads.models import HANDOVER_FIELDS, REASONS, Handover, Lead, LeadStep, Qualified
from muster.people.profile.models import Person
from muster.people.scoring.models import ScoreModel
from muster.people.segments.counting import context
from muster.people.segments.hidden import refuse_hidden
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.keeping import CHANGED
from muster.team.changes.models import Change
from muster.team.lacking import lacking
from muster.team.notices.actions import close
from muster.team.stores import warehouse
from muster.team.users.models import User, Workspace
from muster.warehouse.rules import AllOf, parse, to_json
from muster.warehouse.scorecard import read, written
from muster.warehouse.scores import meant

_KEPT = (
    "state", "owner_id", "assigned_at", "contact_due", "contacted_at", "amount", "currency",
    "reason", "closed_at", "next_step", "next_on",
)  # fmt: skip
"""What a step may change, and taking it back restores."""


class ChangedMeanwhile(Refused):
    """Someone else changed it."""

    code = "changed_meanwhile"
    text = _("Someone changed this lead since you opened it. Load it again, then change it.")


@transaction.atomic
def move(
    lead: Lead,
    state: str,
    *,
    by: User,
    now: datetime,
    note: str = "",
    reason: str = "",
    amount: str | Decimal | None = None,
    currency: str = "",
    version: int | None = None,
) -> Change:
    """Bring a lead to another stage. Whoever takes one that nobody has becomes its owner.

    Raises Refused where the stage cannot be reached from here, Invalid where something is missing.
    """
    lead = _mine(lead, by, version)
    if state not in rules.NEXT.get(lead.state, ()):
        raise Refused(
            _("A lead cannot go from “%(now)s” to “%(then)s”."),
            code="no_way",
            now=_name(lead.state),
            then=_name(state),
        )
    before = _state_of(lead)
    facts = _filled(lead, state, reason, amount, currency)
    lead.state = state
    if lead.owner_id is None:
        lead.owner, lead.assigned_at = by, now
        lead.contact_due = due_of(now, Handover.here())
    if state in (rules.WORKING, rules.QUALIFIED) and lead.contacted_at is None:
        lead.contacted_at = now
    if state not in rules.OPEN:
        lead.closed_at, lead.next_step, lead.next_on = now, "", None
    if state in rules.NEEDS_REASON:
        # Only then can the same person become a lead again.
        Qualified.objects.filter(person=lead.person_id).delete()
    return _keep(lead, before, LeadStep.Kind.MOVED, by=by, now=now, note=note, facts=facts)


@transaction.atomic
def give(lead: Lead, to: User, *, by: User, now: datetime) -> Change:
    """Hand a lead to a colleague; the clock to the first contact begins anew."""
    lead = _locked(lead)
    if not by.may("leads.all") and lead.owner_id != by.pk:
        raise lacking("leads.all")
    if not lead.is_open:
        raise Refused(_("This lead is closed already."), code="closed")
    if not to.may("leads.work"):
        raise Invalid.at("/to", "unfit_member", _("%(name)s does not work on leads."), name=to.name)
    if lead.owner_id == to.pk:
        raise Refused(_("%(name)s has this lead already."), code="no_change", name=to.name)
    before = _state_of(lead)
    step = hand_over(lead, to, now, by=by)
    return record_change(
        "lead_given", lead, by=by, undo={"back": {"step": step.pk, "fields": before}}, to=to.name
    )


@transaction.atomic
def note(
    lead: Lead,
    *,
    by: User,
    now: datetime,
    text: str = "",
    contacted: bool = False,
    next_step: str | None = None,
    next_on: date | None = None,
    version: int | None = None,
) -> Change:
    """Write down what happened and what comes next; a contact stops the clock."""
    lead = _mine(lead, by, version)
    if not text.strip() and not contacted and next_step is None:
        raise Invalid.at("/text", "blank", _("Write down what happened, or what comes next."))
    if len(text) > 2000:
        raise Invalid.at("/text", "too_long", _("This has at most %(most)s characters."), most=2000)
    if problems := far_away({"/next_on": next_on}):
        raise Invalid.of(problems)
    before = _state_of(lead)
    if next_step is not None:
        lead.next_step, lead.next_on = " ".join(next_step.split())[:200], next_on
    if contacted and lead.contacted_at is None:
        lead.contacted_at = now
    kind = LeadStep.Kind.NOTED
    if contacted and lead.is_untouched:
        lead.state, kind = rules.WORKING, LeadStep.Kind.MOVED
        if lead.owner_id is None:
            lead.owner, lead.assigned_at = by, now
    facts = {"contacted": True} if contacted else {}
    return _keep(lead, before, kind, by=by, now=now, note=text.strip(), facts=facts)


@transaction.atomic
def open_by_hand(person: Person, *, by: User, now: datetime) -> Lead:
    """Make somebody a lead whatever the score says; whoever does it gets it."""
    if Lead.objects.filter(person=person, closed_at=None).exists():
        raise Refused(_("This person is a lead already."), code="is_lead")
    (lead,) = open_leads([person.pk], now, by=by)
    hand_over(lead, by, now, by=by)
    record_change("made", lead, by=by)
    return lead


@takes_back("lead_moved")
@takes_back("lead_noted")
@takes_back("lead_given")
def _take_back(change: Change, kept: Mapping[str, Any], by: User) -> None:
    lead = Lead.objects.select_for_update().get(pk=change.object_id)
    step = LeadStep.objects.filter(pk=kept["step"], lead=lead).first()
    if step is None or step.told or lead.steps.filter(pk__gt=step.pk).exists():
        raise Refused(CHANGED)
    other = Lead.objects.filter(person=lead.person_id, closed_at=None).exclude(pk=lead.pk)
    if kept["fields"]["closed_at"] is None and other.exists():
        raise Refused(_("This person is a lead already."), code="is_lead")
    for name, value in kept["fields"].items():
        setattr(lead, name, _typed(name, value))
    lead.version += 1
    lead.save()
    step.delete()


def _typed(name: str, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if name.endswith("_at") or name == "contact_due":
        return parse_datetime(value)
    if name == "next_on":
        return parse_date(value)
    return Decimal(value) if name == "amount" else value


def _keep(
    lead: Lead,
    before: dict[str, Any],
    kind: str,
    *,
    by: User,
    now: datetime,
    note: str,
    facts: dict[str, Any],
) -> Change:
    lead.version += 1
    lead.save()
    step = LeadStep.objects.create(
        lead=lead, kind=kind, state=lead.state, note=note[:2000], facts=facts, by=by, at=now
    )
    if not lead.is_untouched or lead.contacted_at:
        close(lead, "lead_given", "lead_late")
    verb = "lead_moved" if kind == LeadStep.Kind.MOVED else "lead_noted"
    undo = {"back": {"step": step.pk, "fields": before}}
    return record_change(verb, lead, by=by, undo=undo, state=lead.state)


def _filled(
    lead: Lead, state: str, reason: str, amount: str | Decimal | None, currency: str
) -> dict[str, Any]:
    """Reason and amount as the stage wants them, and what the event says of them."""
    facts: dict[str, Any] = {}
    if state in rules.NEEDS_REASON:
        if reason not in dict(REASONS):
            raise Invalid.at(
                "/reason",
                "unknown_choice",
                _("Say why: one of %(known)s."),
                known=", ".join(dict(REASONS)),
            )
        lead.reason, facts["reason"] = reason, reason
        if lead.state == rules.QUALIFIED:
            facts["deal"] = True
    if state in (rules.QUALIFIED, rules.WON):
        if amount not in (None, ""):
            lead.amount = _amount(amount)
            lead.currency = currency or lead.currency or Workspace.here().currency
            if not is_currency(lead.currency):
                raise Invalid.at("/currency", "unknown_currency", _("There is no such currency."))
        if lead.amount is None:
            raise Invalid.at("/amount", "missing", _("Say what it may be worth."))
    if lead.amount is not None and state in (rules.QUALIFIED, rules.WON, rules.LOST):
        facts |= {"amount": str(lead.amount), "currency": lead.currency}
    return facts


def _amount(given: str | Decimal) -> Decimal:
    try:
        amount = Decimal(str(given).replace(",", "").replace("，", "").strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < Decimal("1e12"):
        raise Invalid.at("/amount", "bad_amount", _("Give an amount such as 12,800 or 12800.50."))
    return amount.quantize(Decimal("0.01"))


def _mine(lead: Lead, by: User, version: int | None) -> Lead:
    lead = _locked(lead)
    if version is not None and version != lead.version:
        raise ChangedMeanwhile
    if not by.may("leads.all") and lead.owner_id not in (None, by.pk):
        raise lacking("leads.all")
    if not lead.is_open:
        raise Refused(_("This lead is closed already."), code="closed")
    return lead


def _locked(lead: Lead) -> Lead:
    return Lead.objects.select_for_update().get(pk=lead.pk)


def _state_of(lead: Lead) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value := getattr(lead, name), Decimal) else value
        for name in _KEPT
    }


def _name(state: str) -> str:
    names: dict[str, Any] = dict(Lead.State.choices)
    return str(names.get(state, state))


@dataclass(frozen=True)
class Effect:
    """What another scorecard or rule would change."""

    are: int
    """How many are ones for sales by it."""
    become: int
    cease: int
    leads: int
    """For how many a lead would be opened."""


def effect(
    card: object, mql: object, *, by: User, now: datetime, clear: bool | None = None
) -> Effect:
    """How many would become ones for sales, and how many would cease to be.

    `clear` says whether the door shows people unmasked, here and below: a token may see less than
    its owner.
    """
    new_card, new_rule = read(card), _read_rule(mql)
    model = ScoreModel.here()
    _refuse_hidden(model, written(new_card), to_json(new_rule), _sees(by, clear=clear))
    asked = context(now)
    with warehouse(120) as db:
        will = (
            meant(db, new_rule, replace(asked, scorecard=new_card)).column("person_id").to_numpy()
        )
        if model.on:
            are = meant(db, model.rule, asked).column("person_id").to_numpy()
        else:
            are = np.array([], dtype=np.int64)
    come = np.setdiff1d(will, are)
    has = np.array(
        Lead.objects.filter(closed_at=None).values_list("person_id", flat=True), dtype=np.int64
    )
    return Effect(len(will), len(come), len(np.setdiff1d(are, will)), len(np.setdiff1d(come, has)))


@transaction.atomic
def set_model(
    *,
    by: User,
    clear: bool | None = None,
    card: object = None,
    mql: object = None,
    on: bool | None = None,
    version: int | None = None,
) -> Change | None:
    """Set what people get points for, who is one for sales, and whether leads are opened."""
    model = _one(ScoreModel)
    if version is not None and version != model.version:
        raise ChangedMeanwhile(_("Someone changed the scorecard since you opened it. Load it."))
    before: dict[str, Any] = {}
    new_card = written(read(card)) if card is not None else model.card
    new_mql = to_json(_read_rule(mql)) if mql is not None else model.mql
    _refuse_hidden(model, new_card, new_mql, _sees(by, clear=clear))
    for name, value in (
        ("card", new_card),
        ("mql", new_mql),
        ("on", on if on is not None else model.on),
    ):
        if getattr(model, name) != value:
            before[name] = getattr(model, name)
            setattr(model, name, value)
    if not before:
        return None
    model.version, model.by = model.version + 1, by
    model.save()
    return record_change("changed", model, by=by, undo=before, fields=sorted(before))


@transaction.atomic
def set_handover(
    fields: Mapping[str, Any],
    *,
    by: User,
    clear: bool | None = None,
    version: int | None = None,
) -> Change | None:
    """Set who gets leads, how many, and until when they have to speak to them."""
    handover = _one(Handover)
    if version is not None and version != handover.version:
        raise ChangedMeanwhile(_("Someone changed the hand-over since you opened it. Load it."))
    before = handover.fields
    problems = []
    for name, value in fields.items():
        if name not in HANDOVER_FIELDS:
            text = _("There is no field “%(name)s”.")
            problems.append(Problem(f"/{name}", "unknown_field", text, {"name": name}))
        elif name == "rules":
            handover.rules = checked(value)
            for one in handover.rules:
                if one["when"] and one not in before["rules"]:
                    refuse_hidden(parse(one["when"]), clear=_sees(by, clear=clear))
        elif name == "rooms":
            handover.rooms = _rooms(value)
        elif name in ("opens", "closes"):
            setattr(handover, name, _clock(name, value))
        else:
            setattr(handover, name, _whole(name, value, *_LIMITS[name]))
    if handover.opens >= handover.closes:
        problems.append(Problem("/closes", "wrong_order", _("Work has to begin before it ends.")))
    if problems:
        raise Invalid.of(problems)
    changed = {name: old for name, old in before.items() if handover.fields[name] != old}
    if not changed:
        return None
    handover.version, handover.by = handover.version + 1, by
    handover.save()
    return record_change("changed", handover, by=by, undo=changed, fields=sorted(changed))


_LIMITS = {
    "room": (1, 1000), "contact_hours": (1, 200), "raise_hours": (0, 200), "rest_days": (0, 3650),
}  # fmt: skip


def _one(kind: Any) -> Any:
    """The one row of this kind, made where there is none."""
    row = kind.objects.select_for_update().first()
    if row is None:
        row = kind.here()
        row.save()
    return row


def _whole(name: str, value: Any, least: int, most: int) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:9]) <= most:
        raise Invalid.at(
            f"/{name}",
            "wrong_value",
            _("“%(name)s” is %(found)s; write a whole number from %(least)s to %(most)s."),
            name=name,
            found=text[:40],
            least=least,
            most=most,
        )
    return int(text)


def _clock(name: str, value: Any) -> time:
    found = value if isinstance(value, time) else parse_time(str(value))
    if found is None:
        raise Invalid.at(f"/{name}", "bad_time", _("Give a time such as 09:00."))
    return found


def _rooms(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise Invalid.at("/rooms", "wrong_type", _("This must be an object."))
    known = {str(pk) for pk in User.objects.values_list("pk", flat=True)}
    if set(map(str, value)) - known:
        raise Invalid.at("/rooms", "unknown_member", _("Name members who work here."))
    return {str(pk): _whole("rooms", room, 0, 1000) for pk, room in value.items()}


def _sees(by: User, *, clear: bool | None) -> bool:
    return by.may("people.pii") if clear is None else clear


def _refuse_hidden(model: ScoreModel, card: object, mql: object, clear: bool, /) -> None:
    """Points tell what is masked as well as members do; what others set may stay."""
    if clear:
        return
    for new, there in ((_asked(card), _asked(model.card)), (_read_rule(mql), model.rule)):
        refuse_hidden(new, clear=False, there=[there])


def _asked(card: object) -> AllOf:
    known = read(card)
    return AllOf((*(one.trait for one in known.fit), *(one.event for one in known.behaviour)))


def _read_rule(mql: object) -> Any:
    try:
        return parse(mql)
    except Invalid as invalid:
        raise invalid.below("/mql") from invalid
