"""Whatever people do to a budget, alone or eight at once: it balances and is never overspent."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.kit.errors import Refused
from muster.plan.budget import rules
from muster.plan.budget.actions import book_cost, reverse_cost
from muster.plan.budget.models import BudgetMove, Cost, PlanEntry, bound
from muster.plan.budget.moves import move_money, return_unspent, reverse_move
from muster.plan.budget.phasing import phased, spread
from muster.plan.budget.typed import read_sum
from muster.plan.campaigns.models import Campaign

DAY = date(2026, 11, 8)
MONEY = st.decimals(0, 10**9, places=2)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no fault of the sums."""


class TestSums:
    @pytest.mark.parametrize(
        ("typed", "sum_"),
        [
            ("=12*800", "9600"),
            ("=(1.2万+3000)/2", "7500"),
            ("= 100 - 2*-5", "110"),
            ("=2000×5%", "100"),
            ("＝1,200÷7", "171.43"),
            ("8,000", "8000"),
            ("1.2万", "12000"),
        ],
    )
    def test_are_worked_out(self, typed, sum_):
        assert read_sum(typed) == Decimal(sum_)

    @pytest.mark.parametrize(
        "typed", ["=1/0", "=__import__('os')", "=9**9", "=(1", "=1)", "=", "=A1+B2", "=1 2", "lots"]
    )
    def test_are_nothing_else(self, typed):
        assert read_sum(typed) is None

    @CALM
    @given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(0, 10**6))
    def test_follow_arithmetic(self, a, b, c):
        assert read_sum(f"={a}*{b}+{c}-({a}-{c})*2") == a * b + c - (a - c) * 2


class TestParts:
    @CALM
    @given(st.lists(MONEY, min_size=1, max_size=12), MONEY)
    def test_scaled_add_up_exactly(self, amounts, target):
        parts = rules.scaled(amounts, target)
        assert sum(parts) == target
        assert min(parts) >= 0

    @CALM
    @given(MONEY, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 800))
    def test_months_add_up_to_the_line(self, amount, first, days):
        last = date.fromordinal(first.toordinal() + days)
        parts = spread(amount, first, last)
        assert sum(parts.values()) == amount
        assert min(parts) == first.replace(day=1)
        assert max(parts) == last.replace(day=1)
        assert phased(amount, {}, first, last) == parts

    @CALM
    @given(
        st.lists(st.tuples(st.integers(1, 2), st.integers(3, 5), MONEY), max_size=8),
        st.dictionaries(st.integers(3, 5), MONEY, min_size=3),
        st.dictionaries(st.integers(3, 5), MONEY),
    )
    def test_returns_never_exceed_release_or_rest(self, released, planned, used):
        back = rules.unspent(released, planned, used)
        for line, plan in planned.items():
            returned = sum(amount for _vault, to, amount in back if to == line)
            given_ = sum(amount for _vault, to, amount in released if to == line)
            assert returned == min(given_, max(plan - used.get(line, Decimal(0)), Decimal(0)))


def check(campaign):
    """The laws of a budget, counted anew from the rows."""
    lines = dict(campaign.lines.values_list("pk", "planned"))
    entries: Counter[int] = Counter()
    for line, amount in PlanEntry.objects.filter(campaign=campaign).values_list("line", "amount"):
        entries[line] += amount
    assert {pk: entries[pk] for pk in lines} == lines
    total = Campaign.objects.get(pk=campaign.pk).total_budget
    assert sum(lines.values()) == total == 500_000
    assert min(lines.values()) >= 0
    for move in BudgetMove.objects.filter(campaign=campaign):
        pair = list(move.entries.values_list("amount", flat=True))
        assert sum(pair) == 0
        assert len(pair) == (2 if move.state == "posted" else 0)
    held: Counter[tuple[int, str]] = Counter()
    costs = Cost.objects.filter(campaign=campaign).values_list("line", "kind", "amount")
    for line, kind, amount in costs:
        held[line, kind] += amount
    assert min(held.values(), default=0) >= 0
    by_hand = sum(max(held[pk, "committed"], held[pk, "actual"]) for pk in lines)
    counted = bound([campaign.pk]).get(campaign.pk)
    assert by_hand == (counted.total if counted else 0) <= total
    vaults = set(campaign.lines.filter(category__in=rules.VAULTS).values_list("pk", flat=True))
    assert not vaults & {line for line, _kind in held}


def do_something(chance, campaign, user):
    """One random act; what the rules refuse is refused, and nothing else goes wrong."""
    lines = list(campaign.lines.all())
    spendable = [line for line in lines if not line.is_vault]
    amount = Decimal(chance.choice([1, 777, 9_999, 25_000, 60_000])) + Decimal("0.01")
    act = chance.choice(
        ["book", "book", "book", "promise", "move", "move", "release", "undo", "back", "close"]
    )
    try:
        if act in {"book", "promise"}:
            kind = "actual" if act == "book" else "committed"
            line = chance.choice(spendable)
            book_cost(campaign, kind=kind, amount=amount, at=DAY, by=user, line=line)
        elif act in {"move", "release"}:
            vaults = [line for line in lines if line.is_vault]
            source = chance.choice(vaults if act == "release" else spendable)
            target = chance.choice(lines if act == "release" else spendable)
            move_money(
                campaign, source, target, amount, by=user, reason="x", reason_class="emergency"
            )
        elif act == "undo" and (moves := list(BudgetMove.objects.filter(campaign=campaign))):
            reverse_move(chance.choice(moves), by=user)
        elif act == "back" and (costs := list(Cost.objects.filter(campaign=campaign))):
            reverse_cost(chance.choice(costs), by=user, at=DAY)
        elif act == "close":
            return_unspent(campaign, by=user)
    except Refused:
        return "refused"
    return act


@pytest.mark.django_db
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
def test_a_budget_balances_after_random_acts(start, owner, seed):
    campaign, chance = start(name=f"Budget {seed}"), random.Random(seed)
    for _act in range(30):
        do_something(chance, campaign, owner)
    check(campaign)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")
def test_eight_writers_at_once_keep_it_balanced(campaign, owner):
    done: Counter[str] = Counter()

    def write(seed):
        chance = random.Random(seed)
        try:
            done.update(do_something(chance, campaign, owner) for _act in range(60))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert connection.vendor == "postgresql"
    assert sum(done.values()) == 480
    assert {"book", "promise", "move", "release", "refused"} <= set(done)
    check(campaign)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")
def test_the_last_of_the_budget_is_promised_once(campaign, owner):
    line = campaign.lines.first()
    book_cost(campaign, kind="committed", amount=Decimal(499_000), at=DAY, by=owner, line=line)
    won: list[int] = []

    def write(number):
        try:
            book_cost(campaign, kind="committed", amount=Decimal(300), at=DAY, by=owner, line=line)
            won.append(number)
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 1,000 are left: three times 300 fit, the fourth does not.
    assert len(won) == 3
    assert bound([campaign.pk])[campaign.pk].total == 499_900
