"""Who becomes one for sales (PE7), and the lead that is opened for them, once.

Those of whom something new is known, and whose points faded over a step of the rule, are scored in
one pass; all are where the rule is another, and once a day. Whoever fits the rule and did not
before becomes a lead, unless they are one already or were not long ago; whoever fits no more is
only noted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from muster.kit.words import _
from muster.people.leads import rules
from muster.people.leads.assigning import choose
from muster.people.leads.models import Handover, Lead, LeadStep, Qualified, ScoreMove
from muster.people.leads.reasons import kept
from muster.people.leads.telling import tell
from muster.people.profile.models import Person
from muster.people.scoring.due import due, remember
from muster.people.scoring.models import ScoreModel
from muster.people.segments.counting import context
from muster.people.segments.refreshing import AT_MOST, fingerprint
from muster.team.calendars.working import work_calendar
from muster.team.notices.actions import close, is_known, notify
from muster.team.stores import warehouse
from muster.team.users.models import User, Workspace
from muster.warehouse import following
from muster.warehouse.compile import Context
from muster.warehouse.following import Place
from muster.warehouse.rules import Rule
from muster.warehouse.scores import meant, standings
from muster.warehouse.segments import known
from muster.warehouse.turning import turning

if TYPE_CHECKING:
    import numpy.typing as npt

    from muster.warehouse.store import Backend

    Numbers = npt.NDArray[np.int64]

ASKER = "leads"
"""Under which name it is kept when people turn."""
_BATCH = 2_000


@dataclass(frozen=True)
class Rescored:
    """What a look changed."""

    asked: int | None = 0
    """How many were scored; None for everybody."""
    ready: int = 0
    """How many are ones for sales now."""
    became: int = 0
    ceased: int = 0
    opened: int = 0
    given: int = 0


def rescore(now: datetime) -> Rescored:
    """Score whom something may have changed for; open leads, and give out what waits."""
    model = ScoreModel.here()
    if not model.on:
        return Rescored()
    asked = context(now)
    rule = following.resolved(model.rule, asked)
    meaning = f"{fingerprint(rule, asked)}:{Handover.here().rest_days}"
    with warehouse(600) as db:
        place = following.place(db)
        among = _among(db, model, rule, meaning, place, asked)
        found = meant(db, rule, asked, among)
        (turns,) = turning(db, [rule], asked, among)
    people = None if among is None else among.to_numpy()
    with transaction.atomic():
        # Two looks at once would open the same leads twice: the second waits here.
        before = ScoreModel.objects.select_for_update().get(pk=model.pk)
        if before.scored_at != model.scored_at:
            return Rescored()  # the other one was faster, and asked from the same place
        became, ceased = _moved(found, people, now)
        opened = _open(became, now)
        given = give_out(now)
        remember(ASKER, people, turns, now)
        ScoreModel.objects.filter(pk=model.pk).update(
            scored_at=now, scored_to=f"{place.built}:{place.rows}", scored_rule=meaning
        )
    tell(now)
    ready = Qualified.objects.count()
    return Rescored(
        None if people is None else len(people), ready, len(became), ceased, opened, given
    )


def _among(
    db: Backend, model: ScoreModel, rule: Rule, meaning: str, place: Place, now: Context
) -> pa.Array | None:
    """Who has to be scored; None for everybody."""
    built, _colon, rows = model.scored_to.partition(":")
    zone = now.time_zone
    if (
        model.scored_at is None
        or built != place.built
        or model.scored_rule != meaning
        # Once a day, so that nothing that was overlooked stays so.
        or model.scored_at.astimezone(zone).date() != now.now.astimezone(zone).date()
    ):
        return None
    then = replace(now, now=model.scored_at)
    turned = due([ASKER], now.now)
    found = following.affected(db, [rule], Place(built, int(rows)), then, now, turned)
    found = pa.concat_arrays([found.cast(pa.int64()), _of_leads(model.scored_at)]).unique()
    return None if len(found) > AT_MOST * known(db) else found


def _of_leads(since: datetime) -> pa.Array:
    """Those who are a lead or rested then: their rest may end, or what closed it be taken back."""
    rested = since - timedelta(days=Handover.here().rest_days)
    rows = Lead.objects.filter(Q(closed_at=None) | Q(closed_at__gt=rested))
    waiting = rows.exclude(person__in=Qualified.objects.values("person"))
    return pa.array(waiting.values_list("person_id", flat=True).distinct(), pa.int64())


def _moved(found: pa.Table, asked: Numbers | None, now: datetime) -> tuple[list[int], int]:
    """Who became one, and how many of the asked ceased to be; both are noted."""
    table: dict[str, list[Any]] = found.to_pydict()
    people = np.array(table["person_id"], dtype=np.int64)
    were = np.array(list(Qualified.objects.values_list("person_id", flat=True)), dtype=np.int64)
    if asked is not None:
        were = np.intersect1d(were, asked)
    gone = np.setdiff1d(were, people).tolist()
    new = np.setdiff1d(people, were)
    new = np.setdiff1d(new, np.array(_resting(now), dtype=np.int64))
    places = dict(zip(people.tolist(), range(len(people)), strict=True))
    present = _present(new.tolist())
    scores, grades = table["lead"], table["grade"]
    moves, rows = [], []
    for person in present:
        score, grade = float(scores[places[person]]), str(grades[places[person]])
        rows.append(Qualified(person_id=person, since=now, score=score, grade=grade))
        moves.append(ScoreMove(person_id=person, became=True, score=score, grade=grade, at=now))
    moves += [ScoreMove(person_id=person, became=False, at=now) for person in gone]
    for start in range(0, len(gone), _BATCH):
        Qualified.objects.filter(person_id__in=gone[start : start + _BATCH]).delete()
    Qualified.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    ScoreMove.objects.bulk_create(moves, batch_size=_BATCH)
    return present, len(gone)


def _resting(now: datetime) -> list[int]:
    """Those whose last lead was closed so lately that sales leaves them alone."""
    since = now - timedelta(days=Handover.here().rest_days)
    rows = Lead.objects.filter(closed_at__gt=since)
    return list(rows.values_list("person_id", flat=True).distinct())


def _present(people: Sequence[int]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(people), _BATCH):
        some = people[start : start + _BATCH]
        found += Person.objects.present().filter(pk__in=some).values_list("pk", flat=True)
    return sorted(found)


def _open(people: Sequence[int], now: datetime) -> int:
    count = 0
    for start in range(0, len(people), _BATCH):
        count += len(open_leads(people[start : start + _BATCH], now))
    return count


def open_leads(
    people: Sequence[int], now: datetime, *, by: User | None = None, sample: bool = False
) -> list[Lead]:
    """A lead for each of these who has none open; with why they are one, as of now."""
    has = set(
        Lead.objects.filter(closed_at=None, person_id__in=people).values_list(
            "person_id", flat=True
        )
    )
    wanted = [person for person in people if person not in has]
    if not wanted:
        return []
    model = ScoreModel.here()
    with warehouse(120) as db:
        known = standings(db, model.rule, context(now), wanted)
    card = model.scorecard
    rows = []
    for person in wanted:
        lead = Lead(person_id=person, opened_at=now, by_hand=by is not None, sample=sample)
        if (standing := known.get(person)) is not None:
            lead.score, lead.fit, lead.grade = standing.points, standing.fit, standing.grade
            lead.why = kept(standing, card)
        rows.append(lead)
    Lead.objects.bulk_create(rows, batch_size=500)
    LeadStep.objects.bulk_create(
        [
            LeadStep(
                lead=lead, kind=LeadStep.Kind.OPENED, state=lead.state, by=by, at=now,
                facts={"score": lead.score, "grade": lead.grade},
            )
            for lead in rows
        ],
        batch_size=500,
    )  # fmt: skip
    return rows


def give_out(now: datetime) -> int:
    """Give the leads that nobody has to those who have room, the best first; how many."""
    waiting = Lead.objects.filter(owner=None, state=rules.NEW, closed_at=None)
    leads = list(waiting.order_by("-score", "pk")[:_BATCH])
    if not leads:
        _say_waiting(0)
        return 0
    handover = Handover.here()
    chosen = [(one.lead, one.to, one.rule) for one in choose(leads, handover, now) if one.to]
    for lead, to, rule in chosen:
        hand_over(lead, to, now, by=None, rule=rule, handover=handover)
    _say_waiting(waiting.count())
    return len(chosen)


def hand_over(
    lead: Lead,
    to: User,
    now: datetime,
    *,
    by: User | None,
    rule: str = "",
    handover: Handover | None = None,
) -> LeadStep:
    """Make somebody the owner; the clock to the first contact begins."""
    lead.owner, lead.assigned_at = to, now
    lead.late_told_at = lead.late_raised_at = None
    if lead.contacted_at is None:
        lead.contact_due = due_of(now, handover or Handover.here())
    lead.version += 1
    lead.save()
    close(lead, "lead_given", "lead_late")
    notify(
        "lead_given",
        lead,
        [to],
        _("You have a new lead: grade %(grade)s, score %(score)s."),
        url=reverse("people:lead", args=[lead.pk]),
        params={"grade": lead.grade or "–", "score": round(lead.score)},
        by=by,
    )
    facts = {"rule": rule} if rule else {}
    return LeadStep.objects.create(
        lead=lead, kind=LeadStep.Kind.GIVEN, state=lead.state, to=to, by=by, at=now, facts=facts
    )


def due_of(now: datetime, handover: Handover) -> datetime:
    """Until when a lead that is given now must hear from its owner."""
    zone = Workspace.here().zone
    hours = rules.Hours(handover.opens, handover.closes, zone)
    calendar = work_calendar(now.astimezone(zone).date())
    return rules.contact_due(now, handover.contact_hours, calendar, hours)


def leaders() -> list[User]:
    """Those who give out leads: managers first, else whoever may."""
    may = [one for one in User.objects.filter(is_active=True) if one.may("leads.all")]
    return [one for one in may if one.role == "manager"] or may


def leaders_of(user: User | None) -> list[User]:
    """Those who give out leads and are in a team with this person, else all who do."""
    everybody = leaders()
    if user is None:
        return everybody
    teams = set(user.teams.values_list("pk", flat=True))
    near = [
        one
        for one in User.objects.filter(Q(is_active=True), teams__in=teams).distinct()
        if one.may("leads.all") and one != user
    ]
    return near or [one for one in everybody if one != user]


def _say_waiting(count: int) -> None:
    """Once, until there are none any more."""
    model = ScoreModel.here()
    if not count and model.pk:
        close(model, "leads_waiting")
    if not count or not model.pk or is_known(model, "leads_waiting"):
        return
    notify(
        "leads_waiting",
        model,
        leaders(),
        _("%(count)s leads have no owner: everybody who sells is full or away."),
        url=f"{reverse('people:leads')}?show=free",
        params={"count": count},
    )
