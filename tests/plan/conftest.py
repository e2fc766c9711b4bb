"""Campaigns for the tests of the plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

GOAL = {
    "metric": "first_time_buyers",
    "baseline": Decimal(236),
    "target": Decimal(500),
    "population": "people who never bought",
    "channel": "e-mail",
    "objective": "New customers",
    "checkpoints": ["2026-11-08"],
    "guardrails": [{"metric": "unsubscribe_rate", "op": "lte", "value": "0.004"}],
}


@pytest.fixture
def manager(user_with):
    return user_with("manager", "Li Qiang")


@pytest.fixture
def start(owner):
    """Begins a campaign of 500,000 CNY with a sound goal: `start(name=…)`."""
    from muster.plan.objectives.models import Objective
    from muster.plan.overview.actions import start_campaign

    Objective.objects.create(
        name="New customers", starts=date(2026, 10, 1), ends=date(2026, 12, 31), owner=owner
    )

    def begin(**more):
        values = {
            "name": "Double 11",
            "starts": date(2026, 11, 4),
            "ends": date(2026, 11, 15),
            "currency": "CNY",
            "total_budget": Decimal(500_000),
            "goals": [GOAL],
            "by": owner,
            **more,
        }
        return start_campaign(**values)

    return begin


@pytest.fixture
def campaign(start):
    return start()
