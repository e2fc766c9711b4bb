"""The schedule (PL4) against textbooks, and against longest paths by another algorithm."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import networkx as nx
import pytest

from muster.kit.days import WorkCalendar
from muster.plan.tasks.schedule.axis import Axis
from muster.plan.tasks.schedule.capacity import Share, capacity
from muster.plan.tasks.schedule.cascade import Network, Way, cascade
from muster.plan.tasks.schedule.network import Cycle, Kind, Link, Work, schedule
from muster.plan.tasks.schedule.warnings import Because, Pace, overrun, warnings

EVERY_DAY = WorkCalendar("US", weekend=frozenset())
MONDAY = date(2026, 11, 2)
CN = WorkCalendar("CN")


def day(number, since=MONDAY):
    """The day after so many working days of the mainland's calendar."""
    return CN.shift(since, number)


def letters(table):
    """`{"C": (10, "AB")}` → works and links, numbered as they stand."""
    number = {name: place for place, name in enumerate(table)}
    works = [Work(number[name], days) for name, (days, _before) in table.items()]
    links = [
        Link(number[other], number[name])
        for name, (_days, before) in table.items()
        for other in before
    ]
    return works, links


# F. S. Hillier, G. J. Lieberman: Introduction to Operations Research, chapter "Project Management
# with PERT/CPM", the Reliable Construction Co.: 44 weeks along A B C E F J L N.
RELIABLE = {
    "A": (2, ""), "B": (4, "A"), "C": (10, "B"), "D": (6, "C"), "E": (4, "C"), "F": (5, "E"),
    "G": (7, "D"), "H": (9, "EG"), "I": (7, "C"), "J": (8, "FI"), "K": (4, "J"), "L": (5, "J"),
    "M": (2, "H"), "N": (6, "KL"),
}  # fmt: skip
RELIABLE_SLACK = dict.fromkeys("ABCEFJLN", 0) | dict.fromkeys("DGHM", 4) | {"I": 2, "K": 1}

# J. Heizer, B. Render: Operations Management, chapter "Project Management", Milwaukee Paper
# Manufacturing: 15 weeks along A C E G H. (ES, EF, LS, LF, slack)
MILWAUKEE = {
    "A": (2, ""), "B": (3, ""), "C": (2, "A"), "D": (4, "AB"), "E": (4, "C"), "F": (3, "C"),
    "G": (5, "DE"), "H": (2, "FG"),
}  # fmt: skip
MILWAUKEE_TABLE = {
    "A": (0, 2, 0, 2, 0), "B": (0, 3, 1, 4, 1), "C": (2, 4, 2, 4, 0), "D": (3, 7, 4, 8, 1),
    "E": (4, 8, 4, 8, 0), "F": (4, 7, 10, 13, 6), "G": (8, 13, 8, 13, 0), "H": (13, 15, 13, 15, 0),
}  # fmt: skip

# B. W. Taylor: Introduction to Management Science, chapter 8 "Project Management", answers to the
# problems 5 and 6, activities on arrows. (duration, ES, EF, LS, LF, slack)
TAYLOR_5 = {
    "12": (7, 0, 7, 2, 9, 2), "13": (10, 0, 10, 0, 10, 0), "24": (6, 7, 13, 9, 15, 2),
    "34": (5, 10, 15, 10, 15, 0), "35": (4, 10, 14, 14, 18, 4), "45": (3, 15, 18, 15, 18, 0),
    "56": (2, 18, 20, 18, 20, 0),
}  # fmt: skip
TAYLOR_6 = {
    "12": (8, 0, 8, 1, 9, 1), "13": (10, 0, 10, 0, 10, 0), "14": (9, 0, 9, 6, 15, 6),
    "25": (6, 8, 14, 9, 15, 1), "26": (4, 8, 12, 16, 20, 8), "35": (5, 10, 15, 10, 15, 0),
    "45": (0, 9, 9, 15, 15, 6), "47": (7, 9, 16, 20, 27, 11), "57": (12, 15, 27, 15, 27, 0),
    "58": (15, 15, 30, 16, 31, 1), "69": (18, 12, 30, 20, 38, 8), "78": (4, 27, 31, 27, 31, 0),
    "89": (7, 31, 38, 31, 38, 0),
}  # fmt: skip


def on_arrows(table):
    """Each activity waits for those that end where it begins."""
    return {
        name: (row[0], [other for other in table if other[1] == name[0]])
        for name, row in table.items()
    }


class TestTextbooks:
    @pytest.mark.parametrize(
        ("table", "answers"),
        [
            (MILWAUKEE, MILWAUKEE_TABLE),
            (on_arrows(TAYLOR_5), {name: row[1:] for name, row in TAYLOR_5.items()}),
            (on_arrows(TAYLOR_6), {name: row[1:] for name, row in TAYLOR_6.items()}),
        ],
    )
    def test_give_the_same_tables(self, table, answers):
        plan = schedule(*letters(table), EVERY_DAY, MONDAY)
        zero = plan.axis.start(MONDAY)
        for number, name in enumerate(table):
            span = plan.spans[number]
            moments = (span.early_start, span.early_end, span.late_start, span.late_end)
            assert (*(m - zero for m in moments), span.slack) == answers[name], name

    @pytest.mark.parametrize(
        ("table", "path", "length"),
        [
            (RELIABLE, [*"ABCEFJLN"], 44),
            (MILWAUKEE, [*"ACEGH"], 15),
            (on_arrows(TAYLOR_5), ["13", "34", "45", "56"], 20),
            (on_arrows(TAYLOR_6), ["13", "35", "57", "78", "89"], 38),
        ],
    )
    def test_give_the_same_critical_path(self, table, path, length):
        plan = schedule(*letters(table), EVERY_DAY, MONDAY)
        names = list(table)
        assert [names[pk] for pk in plan.critical_path()] == path
        assert {names[pk] for pk, span in plan.spans.items() if span.is_critical} == set(path)
        assert plan.ends - plan.axis.start(MONDAY) == length

    def test_give_the_same_slack(self):
        plan = schedule(*letters(RELIABLE), EVERY_DAY, MONDAY)
        slack = {name: plan.spans[number].slack for number, name in enumerate(RELIABLE)}
        assert slack == RELIABLE_SLACK


def random_plan(rng):
    """A plan, its calendar, and the first day; about half of the tasks have a constraint."""
    countries = ["CN", "TW", "HK", "US", "DE", "JP"]
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(700))
    near = [start + timedelta(days=n) for n in range(120)]
    calendar = WorkCalendar(
        rng.choice(countries),
        weekend=frozenset(rng.choice([(5, 6), (6,), (4, 5), ()])),
        off=frozenset(rng.sample(near, 6)),
        worked=frozenset(rng.sample(near, 3)),
    )
    size = rng.randrange(2, 26)
    works = [
        Work(
            number,
            rng.choice([0, 1, 1, 2, 3, 5, 8]),
            not_before=rng.choice([None, rng.choice(near)]),
            deadline=rng.choice([None, None, None, rng.choice(near)]),
        )
        for number in range(size)
    ]
    rng.shuffle(works)
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    links = [
        Link(works[a].id, works[b].id, rng.choice(list(Kind)), rng.randrange(-3, 5))
        for a, b in rng.sample(pairs, min(len(pairs), rng.randrange(size * 2)))
    ]
    return works, links, calendar, start


def by_longest_paths(works, links, calendar, start):
    """Start, end, latest start and latest end as dates or None, by Bellman and Ford's algorithm.

    Counted on a list of the real working days; every rule is an edge of a graph of starts.
    """
    days = calendar.days(start, start + timedelta(days=900))
    place = {one: number for number, one in enumerate(days)}

    def begins(moment):  # the number of working days before this day
        while moment not in place:
            moment += timedelta(days=1)
        return place[moment]

    size = {work.id: work.days for work in works}
    graph = nx.DiGraph()
    for work in works:
        floor = begins(work.not_before) if work.not_before and work.not_before > start else 0
        graph.add_edge("begin", work.id, weight=-floor)
    for link in links:
        weight = link.lag + {
            "FS": size[link.before], "SS": 0, "FF": size[link.before] - size[link.after],
        }[link.kind]  # fmt: skip
        graph.add_edge(link.before, link.after, weight=-weight)
    early = {
        pk: -length
        for pk, length in nx.single_source_bellman_ford_path_length(graph, "begin").items()
        if pk != "begin"
    }
    ends = max(early[pk] + size[pk] for pk in early)
    backward = nx.DiGraph()
    deadlines = {w.id: sum(one <= w.deadline for one in days) for w in works if w.deadline}
    for work in works:
        latest = deadlines.get(work.id, max([ends, *deadlines.values()]))
        backward.add_edge("end", work.id, weight=latest - size[work.id])
    for before, after, data in graph.edges(data=True):
        if before != "begin":
            backward.add_edge(after, before, weight=data["weight"])
    late = nx.single_source_bellman_ford_path_length(backward, "end")
    free = {}
    for pk in early:
        gaps = [
            early[after] - early[pk] + data["weight"]
            for _b, after, data in graph.out_edges(pk, data=True)
        ]
        free[pk] = min([ends - early[pk] - size[pk], *gaps])
    return days, early, late, free


class TestRandomPlans:
    def test_equal_longest_paths_in_working_days(self):
        rng = random.Random(20261126)
        kinds = set()
        for number in range(1000):
            works, links, calendar, start = random_plan(rng)
            kinds |= {(link.kind, link.lag > 0, link.lag < 0) for link in links}
            plan = schedule(works, links, calendar, start)
            days, early, late, free = by_longest_paths(works, links, calendar, start)
            zero = plan.axis.start(start)
            for work in works:
                span = plan.spans[work.id]
                assert span.early_start - zero == early[work.id], number
                assert span.late_start - zero == late[work.id], number
                assert span.slack == late[work.id] - early[work.id], number
                assert span.free == free[work.id], number
                if work.days:
                    assert span.start == days[early[work.id]], number
                    assert span.end == days[early[work.id] + work.days - 1], number
        assert len(kinds) == 9


class TestCalendars:
    def test_national_day_and_its_make_up_days(self):
        # 2024: off 1–7 October; the Sunday 29 September and the Saturday 12 October are worked.
        works = [Work(1, 3), Work(2, 4), Work(3, 0)]
        links = [Link(1, 2), Link(2, 3)]
        plan = schedule(works, links, CN, date(2024, 9, 28))
        assert (plan.spans[1].start, plan.spans[1].end) == (date(2024, 9, 29), date(2024, 10, 8))
        assert (plan.spans[2].start, plan.spans[2].end) == (date(2024, 10, 9), date(2024, 10, 12))
        assert plan.spans[3].start == date(2024, 10, 12)

    def test_a_milestone_keeps_the_saturday_it_is_set_for(self):
        saturday = date(2026, 11, 7)
        works = [Work(1, 2), Work(2, 0, not_before=saturday), Work(3, 1)]
        plan = schedule(works, [Link(1, 2), Link(2, 3)], CN, MONDAY)
        assert plan.spans[2].start == plan.spans[2].end == saturday
        assert plan.spans[3].start == date(2026, 11, 9)
        assert plan.spans[1].slack == 3

    def test_the_axis_counts_as_the_calendar_does(self):
        axis = Axis(CN, 2023)
        for number in range(800):
            first = date(2024, 1, 1) + timedelta(days=number)
            assert axis.day_from(axis.start(first)) == CN.first_from(first)
            assert axis.day_until(axis.end(first)) == CN.last_until(first)
            last = first + timedelta(days=40)
            assert axis.end(last) - axis.start(first) == CN.count(first, last)


class TestWhatReallyHappened:
    def test_wins_over_what_was_planned(self):
        today = date(2026, 11, 11)
        works = [
            Work(1, 2, started=MONDAY, done=date(2026, 11, 6)),
            Work(2, 4, started=date(2026, 11, 6), progress=50),
            Work(3, 1),
        ]
        plan = schedule(works, [Link(1, 2), Link(2, 3)], CN, today)
        assert plan.spans[1].end == date(2026, 11, 6)
        # Half of four days is left, and work goes on today, a Wednesday.
        assert (plan.spans[2].start, plan.spans[2].end) == (date(2026, 11, 6), date(2026, 11, 12))
        assert plan.spans[3].start == date(2026, 11, 13)
        assert not plan.spans[1].is_critical
        assert plan.critical_path() == [2, 3]

    def test_nothing_begins_in_the_past(self):
        plan = schedule([Work(1, 1, not_before=date(2026, 10, 1))], [], CN, date(2026, 11, 7))
        assert plan.spans[1].start == date(2026, 11, 9)

    def test_a_task_begun_too_early_does_not_wait_any_more(self):
        works = [Work(1, 5), Work(2, 2, started=MONDAY)]
        plan = schedule(works, [Link(1, 2)], CN, MONDAY)
        assert plan.spans[2].end == date(2026, 11, 3)
        assert plan.spans[1].free == 0
        assert plan.spans[2].slack == 3


class TestCircles:
    def test_are_named(self):
        works = [Work(number, 1) for number in range(1, 7)]
        links = [Link(1, 2), Link(2, 3), Link(3, 4), Link(4, 2), Link(4, 5), Link(5, 6)]
        with pytest.raises(Cycle) as caught:
            schedule(works, links, CN, MONDAY)
        assert caught.value.ids == (2, 3, 4)


def network(*works, links=()):
    return Network({work.id: work for work in works}, list(links), CN, MONDAY)


DESIGN, LEGAL, LAUNCH, PARTY = 1, 2, 3, 4


@pytest.fixture
def chain():
    """Design 3 days, legal 4, launch; and a party in the second week that waits for nothing."""
    return network(
        Work(DESIGN, 3),
        Work(LEGAL, 4),
        Work(LAUNCH, 0, deadline=date(2026, 11, 12)),
        Work(PARTY, 1, not_before=date(2026, 11, 11)),
        links=[Link(DESIGN, LEGAL), Link(LEGAL, LAUNCH)],
    )


class TestACascade:
    def test_moves_all_that_waits(self, chain):
        change = {DESIGN: Work(DESIGN, 5)}
        found = cascade(chain, change)
        assert [(one.id, one.days) for one in found.shifts] == [
            (DESIGN, 2),
            (LEGAL, 2),
            (LAUNCH, 2),
        ]
        assert found.before.spans[LAUNCH].end == date(2026, 11, 10)
        assert found.after.spans[LAUNCH].end == date(2026, 11, 12)
        assert found.after.path_to(LAUNCH) == [DESIGN, LEGAL, LAUNCH]

    def test_can_leave_all_others_where_they_are(self, chain):
        later = {DESIGN: Work(DESIGN, 3, not_before=date(2026, 11, 4))}
        found = cascade(chain, later, Way.ALONE)
        assert [one.id for one in found.shifts] == [DESIGN]
        assert [(link.before, link.after, link.lag) for link in found.links] == [
            (DESIGN, LEGAL, -2)
        ]
        shorter = {DESIGN: Work(DESIGN, 1)}
        found = cascade(chain, shorter, Way.ALONE)
        assert [one.id for one in found.shifts] == [DESIGN]
        assert found.works[LEGAL].not_before == date(2026, 11, 5)

    def test_can_squeeze_what_follows(self, chain):
        found = cascade(chain, {DESIGN: Work(DESIGN, 5)}, Way.SQUEEZE, goal=LAUNCH)
        assert found.works[LEGAL].days == 2
        assert found.after.spans[LAUNCH].end == date(2026, 11, 10)
        too_much = cascade(chain, {DESIGN: Work(DESIGN, 9)}, Way.SQUEEZE, goal=LAUNCH)
        assert too_much.works[LEGAL].days == 1
        assert too_much.after.spans[LAUNCH].end == date(2026, 11, 13)

    def test_leaves_the_plan_alone(self, chain):
        before = chain.schedule().spans[LAUNCH].end
        cascade(chain, {DESIGN: Work(DESIGN, 9)})
        assert chain.schedule().spans[LAUNCH].end == before


class TestWarnings:
    def test_come_from_the_checklist(self):
        # Begun on Monday, now Thursday: 1 of 4 items in 3 days, so 9 more days.
        today = date(2026, 11, 5)
        works = [Work(1, 5, started=MONDAY), Work(2, 0, deadline=date(2026, 11, 10))]
        plan = schedule(works, [Link(1, 2)], CN, today)
        [found] = warnings(plan, {1: Pace(checked=1, of=4)}, today)
        assert found.because is Because.CHECKLIST
        assert found.forecast == date(2026, 11, 17)
        assert (found.over, found.holds_up, found.latest) == (5, 2, date(2026, 11, 10))
        assert not warnings(plan, {1: Pace(checked=3, of=4)}, today)

    def test_come_from_the_past_of_a_person(self):
        # 5 days' grace + 10 planned, 5 + 16 needed: 21 / 15.
        assert overrun([(4, 8), (6, 8)]) == pytest.approx(1.4)
        plan = schedule([Work(1, 5), Work(2, 1)], [Link(1, 2)], CN, MONDAY)
        [found] = warnings(plan, {1: Pace(overrun=1.4)}, MONDAY)
        assert (found.because, found.over, found.holds_up) == (Because.OVERRUN, 2, 2)
        assert found.forecast == date(2026, 11, 10)
        assert not warnings(plan, {}, MONDAY)


class TestTheEndOfTheAxis:
    def test_is_reached_by_a_thousand_long_tasks_in_a_row(self):
        works = [Work(n, 750) for n in range(1000)]
        links = [Link(n, n + 1) for n in range(999)]
        found = schedule(works, links, CN, MONDAY)
        assert found.last_day == date(2064, 12, 31)

    def test_holds_back_days_that_lie_behind_it(self):
        axis = Axis(EVERY_DAY, 2026)
        assert axis.day_from(axis.start(date(9999, 12, 31))) == date(2065, 12, 31)


class TestCapacity:
    def test_adds_up_and_knows_who_is_away(self):
        axis = Axis(CN, 2026)
        days = CN.days(MONDAY, date(2026, 11, 9))
        shares = [
            Share(7, MONDAY, date(2026, 11, 4), Decimal("0.5")),
            Share(7, date(2026, 11, 4), date(2026, 11, 9), hours=Decimal(20)),
            Share(8, MONDAY, MONDAY),
        ]
        hours = {7: Decimal(8), 8: Decimal(6)}
        found = capacity(shares, days, hours, {7: {date(2026, 11, 5)}}, axis)
        assert [one.hours for one in found[7]] == [4, 4, 9, 5, 5, 5]
        assert [one.is_over for one in found[7]] == [False, False, True, True, False, False]
        assert found[8][0].hours == 6
        assert not found[8][0].is_over
