"""Leads as pages show them (PE7): who, how warm, why, and how much time is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext, ngettext

from muster.kit.money import Money
from muster.people.leads import rules
from muster.people.leads.models import Lead
from muster.people.leads.reasons import Total, Why, kept, summed, worded
from muster.people.masking import Face, face
from muster.people.scoring.models import ScoreModel
from muster.people.segments.counting import context
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import User
from muster.warehouse.scores import Standing, standings

PAGE = 50
SHOWS = ("mine", "free", "all", "closed")
CARDS = 60
"""The most cards in a column of the board."""
LATELY = timedelta(days=30)
"""How long the board keeps what is closed."""
_TONES = {"A": "good", "B": "info", "C": "", "D": ""}
_SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Clock:
    """The time that is left until somebody has to have spoken to a lead."""

    text: str
    tone: str
    due: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """One lead for one reader."""

    lead: Lead
    face: Face
    clear: bool
    score: float
    """Now, while it is open; else when it was opened."""
    fit: float
    grade: str
    band: str
    why: tuple[Why, ...] = field(default_factory=tuple)
    clock: Clock | None = None
    account: str = ""

    @property
    def did(self) -> Total:
        """What makes the score."""
        return summed(self.why, self.score, fit=False)

    @property
    def was(self) -> Total:
        """What makes the grade."""
        return summed(self.why, self.fit, fit=True)

    @property
    def tone(self) -> str:
        """The colour of the grade."""
        return _TONES.get(self.grade, "")


def may_see_clear(lead: Lead, reader: User) -> bool:
    """One's own leads are seen in full; those of others as the role says."""
    return lead.owner_id == reader.pk or reader.may("people.pii")


def shown(leads: Sequence[Lead], reader: User, now: datetime) -> list[Shown]:
    """These leads with their scores as of now, all in one pass."""
    card, known = ScoreModel.here().scorecard, present(leads, now)
    out = []
    for lead in leads:
        clear = may_see_clear(lead, reader)
        standing = known.get(lead.pk)
        stands = (
            (standing.points, standing.fit, standing.grade)
            if standing
            else (lead.score, lead.fit, lead.grade)
        )
        why = kept(standing, card) if standing else lead.why
        works_at = getattr(lead.person, "account_person", None)
        out.append(
            Shown(
                lead,
                face(lead.person, clear=clear),
                clear,
                *stands,
                card.band(stands[0]),
                tuple(worded(why)),
                clock_of(lead, now),
                works_at.account.name if works_at else "",
            )
        )
    return out


def present(leads: Sequence[Lead], now: datetime) -> dict[int, Standing]:
    """Lead → how its person stands now, of those that are open; nothing where that cannot be told.

    What is closed, or not told, stands as it was when it was opened.
    """
    wanted = [lead.person_id for lead in leads if lead.is_open]
    if not wanted:
        return {}
    try:
        with warehouse(10) as db:
            known = standings(db, ScoreModel.here().rule, context(now), wanted)
    except NO_NUMBERS:
        return {}
    return {
        lead.pk: known[lead.person_id] for lead in leads if lead.is_open and lead.person_id in known
    }


def rows_of(reader: User) -> QuerySet[Lead]:
    """The leads that a reader may see, with what their rows show."""
    rows = Lead.objects.visible_to(reader)
    return rows.select_related("person", "owner", "person__account_person__account")


def narrowed(rows: QuerySet[Lead], show: str, reader: User) -> QuerySet[Lead]:
    """Those of one tab, what is due first on top."""
    if show == "closed":
        return rows.exclude(state__in=rules.OPEN).order_by("-closed_at", "-pk")
    rows = rows.filter(state__in=rules.OPEN)
    if show == "mine":
        rows = rows.filter(owner=reader)
    elif show == "free":
        rows = rows.filter(owner=None)
    waiting = Q(state__in=rules.UNTOUCHED, contacted_at=None)
    return rows.annotate(waits=Count("pk", filter=waiting)).order_by(
        "-waits", F("contact_due").asc(nulls_last=True), F("next_on").asc(nulls_last=True), "-score"
    )


@dataclass(frozen=True)
class Column:
    """One stage on the board."""

    key: str
    title: str
    count: int
    cards: Sequence[Card]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


@dataclass(frozen=True)
class Card:
    """One lead on the board, and where it can go from there."""

    shown: Shown
    ways: Sequence[tuple[str, str]]
    """Stage and its name, the one where it is first; nothing else where the reader may not."""


def board_of(rows: QuerySet[Lead], show: str, reader: User, now: datetime) -> list[Column]:
    """The leads of a tab by stage; those that are closed as far as that was lately."""
    rows = rows.filter(Q(closed_at=None) | Q(closed_at__gte=now - LATELY))
    if show == "mine":
        rows = rows.filter(owner=reader)
    elif show == "free":
        rows = rows.filter(owner=None)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    order = (F("contact_due").asc(nulls_last=True), F("next_on").asc(nulls_last=True), "-score")
    columns = {
        state: list(rows.filter(state=state).order_by(*order)[:CARDS])
        for state in rules.STAGES
        if counts.get(state)
    }
    # All in one pass: to ask for scores column by column would take as many.
    every = iter(shown([lead for leads in columns.values() for lead in leads], reader, now))
    names = dict(Lead.State.choices)
    return [
        Column(
            state,
            str(names[state]),
            counts.get(state, 0),
            [_card(next(every), reader, names) for _lead in columns.get(state, ())],
        )
        for state in rules.STAGES
    ]


def _card(one: Shown, reader: User, names: Mapping[str, object]) -> Card:
    lead = one.lead
    is_theirs = lead.owner_id in (None, reader.pk) or reader.may("leads.all")
    states = [lead.state, *(rules.NEXT[lead.state] if is_theirs else ())]
    return Card(one, [(state, str(names[state])) for state in states])


def clock_of(lead: Lead, now: datetime) -> Clock | None:
    """How the clock to the first contact stands; None where it does not run."""
    if not lead.is_open:
        return None
    if lead.contacted_at is not None or not lead.is_untouched:
        late = bool(lead.contact_due and lead.contacted_at and lead.contacted_at > lead.contact_due)
        return Clock(
            gettext("spoken to, but late") if late else gettext("spoken to in time"),
            "" if late else "good",
        )
    if lead.contact_due is None:
        return Clock(gettext("begins with an owner"), "")
    left = lead.contact_due - now
    if left <= timedelta(0):
        return Clock(gettext("%(time)s late") % {"time": _span(-left)}, "bad", lead.contact_due)
    tone = "warn" if left < _SOON else ""
    return Clock(gettext("%(time)s left") % {"time": _span(left)}, tone, lead.contact_due)


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}


@dataclass(frozen=True)
class Figures:
    """What became of the leads of the last ninety days."""

    opened: int
    contacted: int
    in_time: int
    qualified: int
    won: int
    worth: tuple[Money, ...]
    """Of what was won, each currency apart."""


def figures(rows: QuerySet[Lead], now: datetime) -> Figures:
    """How many leads took each step; `rows` are those that the reader may see."""
    lately = rows.filter(opened_at__gte=now - timedelta(days=90)).select_related(None)
    lately = lately.order_by()
    counts = lately.aggregate(
        opened=Count("pk"),
        contacted=Count("pk", filter=Q(contacted_at__isnull=False)),
        in_time=Count("pk", filter=Q(contacted_at__lte=F("contact_due"))),
        qualified=Count("pk", filter=Q(amount__isnull=False)),
        won=Count("pk", filter=Q(state=rules.WON)),
    )
    sums = lately.filter(state=rules.WON, amount__isnull=False).values("currency")
    worth = [
        Money(row["total"], row["currency"])
        for row in sums.annotate(total=Sum("amount")).order_by("currency")
    ]
    return Figures(**counts, worth=tuple(worth))


def next_states(lead: Lead) -> Iterable[tuple[str, str]]:
    """Where it can go from here, and how the button says it."""
    words = {
        rules.ACCEPTED: gettext("Take it on"),
        rules.WORKING: gettext("I have spoken to them"),
        rules.QUALIFIED: gettext("It is an opportunity"),
        rules.WON: gettext("Won"),
        rules.LOST: gettext("Lost"),
        rules.RECYCLED: gettext("Give back"),
    }
    return [(state, words[state]) for state in rules.NEXT.get(lead.state, ())]
