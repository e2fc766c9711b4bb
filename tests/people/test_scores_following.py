"""Scores that are asked again only for whom they may have changed are those of a full look."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from muster.people.leads.becoming import rescore
from muster.people.leads.models import Handover, Lead, Qualified
from muster.people.models import Person, ScoreDue
from muster.people.scoring.models import ScoreModel
from muster.people.segments import actions, counting
from muster.people.segments.counting import context
from muster.people.segments.refreshing import refresh
from muster.warehouse.rules import parse
from muster.warehouse.turning import steps, turning
from tests.people.test_segments import identify
from tests.people.test_segments_following import kept, say, track

NOW = datetime(2025, 3, 28, 1, 0, tzinfo=UTC)
CARD = {
    "behaviour": [
        {"event": "Visit", "points": 4, "half_life": 0.25, "cap": 10},
        {"event": "Asked", "points": 20, "half_life": 2},
        {"event": "Signed", "points": 5, "cap": 10},
        {"event": "Complained", "points": -8, "half_life": 0.5, "cap": 16},
        {"event": "Left", "points": -3},
        {
            "event": "Visit",
            "where": [{"property": "due", "op": "within_last", "value": "1d"}],
            "points": 6,
        },
    ],
    "fit": [
        {"trait": "seen", "op": "within_last", "value": "2d", "points": 30},
        {"trait": "city", "op": "eq", "value": "Suzhou", "points": 30},
    ],
    "grades": {"A": 50, "B": 30, "C": 10},
    "bands": {"hot": 20, "warm": 10},
}
MQL = {
    "all": [
        {"score": "lead", "op": "gte", "value": 12},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}
RULES = [
    MQL,
    {"score": "lead", "op": "gt", "value": 5},
    {"score": "lead", "op": "between", "value": [2, 9.5]},
    {"score": "lead", "op": "lte", "value": 0},
    {"score": "lead", "op": "eq", "value": 10},
    {"not": {"score": "fit", "op": "gte", "value": 30}},
]
PEOPLE = [f"p{n}" for n in range(15)]
EVENTS = ["Visit", "Visit", "Visit", "Asked", "Signed", "Complained", "Left", "Profile"]


@pytest.fixture
def model(workspace, owner):
    return ScoreModel.objects.create(card=CARD, mql=MQL, on=True)


def something(chance, now, number):
    who, kind = chance.choice(PEOPLE), chance.choice(EVENTS)
    at = now + timedelta(hours=chance.choice([0, 0, -1, -7, -30, 2]))
    if kind == "Profile":
        traits = {"city": chance.choice(["Suzhou", "Wuxi"]), "seen": at.isoformat()}
        return {**identify(who, **traits), "messageId": f"m{number}", "timestamp": at.isoformat()}
    return track(kind, who, at, f"s{number}", due=(at + timedelta(hours=5)).isoformat())


def by_a_full_look(now):
    """Who fits the rule, and had no lead closed within the rest."""
    found = set(counting.members(MQL, now=now).to_pylist())
    since = now - timedelta(days=Handover.here().rest_days)
    resting = set(Lead.objects.filter(closed_at__gt=since).values_list("person_id", flat=True))
    return found, resting


@pytest.mark.parametrize(
    "seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (4, 5))]
)
def test_a_step_by_step_look_finds_whom_a_full_one_finds(stores, model, owner, seed):
    chance, now, number = random.Random(seed), NOW, 0
    segments = [actions.create(f"{i}", rule, by=owner) for i, rule in enumerate(RULES)]
    say(stores, [{**identify(who), "messageId": who} for who in PEOPLE])
    fewer = 0
    for step in range(30):
        happened = []
        for _ in range(chance.choice([0, 0, 1, 2, 4])):
            number += 1
            happened.append(something(chance, now, number))
        if happened:
            say(stores, happened)
        before = set(Qualified.objects.values_list("person_id", flat=True))
        done = rescore(now)
        refresh(now)
        stores.settle()
        fewer += done.asked is not None
        found, resting = by_a_full_look(now)
        ready = set(Qualified.objects.values_list("person_id", flat=True))
        assert ready == (found & before) | (found - resting), step
        for segment in segments:
            assert kept(segment) == counting.members(segment.rule, now=now).to_pylist(), segment
        lead = Lead.objects.filter(closed_at=None).order_by("pk").first()
        if lead is not None and chance.random() < 0.2:
            Qualified.objects.filter(person=lead.person_id).delete()
            Lead.objects.filter(pk=lead.pk).update(state="recycled", closed_at=now)
        now += timedelta(minutes=chance.choice([5, 20, 90, 400, 60 * 24 * 31]))
    assert fewer > 3


def test_asks_nobody_for_whom_nothing_changed(stores, model, owner):
    say(stores, [{**identify(who, city="Suzhou"), "messageId": who} for who in PEOPLE])
    before = NOW - timedelta(minutes=1)
    say(stores, [track("Asked", "p1", before, "1"), track("Visit", "p2", before, "2")])
    assert rescore(NOW).asked is None
    stores.settle()
    # What was said to the log of p1 comes back as news of p1; of p2 there is none.
    assert rescore(NOW + timedelta(minutes=5)).asked == 1
    stores.settle()
    assert rescore(NOW + timedelta(minutes=10)).asked == 0
    # A score is rounded to a tenth, so the steps about 12 are 12.05 and 11.95; the first is met in
    # 2 × log2(20 / 12.05) days, which is 35 hours and 5 minutes.
    p1 = Person.objects.get(external_id="p1")
    (due,) = ScoreDue.objects.filter(asker="leads")
    assert due.person == p1
    wanted = before + timedelta(days=2 * math.log2(20 / 12.05))
    assert abs(due.at - wanted) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("happened", "days"),
    [
        ([("Asked", 0)], 2 * math.log2(20 / 12.05)),
        ([("Asked", 2)], None),
        ([("Signed", 0)], None),
        # 20 + 5 − 8: down to 12.05 at the earliest when 20 is 15.05.
        ([("Asked", 0), ("Signed", 0), ("Complained", 0)], 2 * math.log2(20 / 15.05)),
        # 20 − 16 rises over 11.95 at the earliest when 16 is 8.05.
        ([("Asked", 0), ("Complained", 0), ("Complained", 0)], 0.5 * math.log2(16 / 8.05)),
    ],
    ids=["fades", "below", "never_fades", "with_losses", "rises"],
)
def test_turns_when_the_curve_meets_the_step(stores, model, happened, days):
    say(stores, [{**identify("p1"), "messageId": "p1"}])
    say(
        stores,
        [
            track(name, "p1", NOW - timedelta(days=ago), f"{i}")
            for i, (name, ago) in enumerate(happened)
        ],
    )
    rule = parse({"score": "lead", "op": "gte", "value": 12})
    with stores.stores.warehouse.read() as db:
        (found,) = turning(db, [rule], context(NOW))
    told = found.column("days").to_pylist()
    assert told == ([] if days is None else [pytest.approx(days)])


def test_knows_the_steps_of_a_rule():
    rule = parse({"all": [*MQL["all"], {"score": "lead", "op": "between", "value": [1, 3]}]})
    assert np.allclose(steps(rule), [0.95, 1.05, 2.95, 3.05, 11.95, 12.05])
    assert steps(parse({"score": "grade", "op": "gte", "value": "B"})) == []
