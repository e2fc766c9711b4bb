"""How long the pages of the plan take on the server: 200 campaigns, 5,000 tasks, 20,000 entries.

Run with `python benchmarks/plan_pages.py [ROUNDS]`. Each page is asked for through the whole stack
(session, permissions, database, template) without a network; its time is the 95th percentile, its
weight the gzipped HTML. The proof: the page lists what was put in. Beside it the processor's time
at its least, which says the same on a machine that has other things to do.
"""

from __future__ import annotations

import gzip
import logging
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal

GOAL = 150
"""Milliseconds at the 95th percentile."""
WEIGHT = 110
"""Kilobytes of gzipped HTML."""
CAMPAIGNS, TASKS, COSTS = 200, 5_000, 20_000
TODAY = date(2026, 11, 26)


def fill() -> tuple[object, str, str]:
    """Put everything in, in bulk; returns the reader, the busiest campaign and a task of it."""
    from muster.plan.models import (
        BudgetLine,
        Campaign,
        Cost,
        Delivery,
        Dependency,
        Duty,
        Fact,
        Goal,
        Material,
        Place,
        Reservation,
        Risk,
        Stock,
        Task,
        Vendor,
    )
    from muster.team.models import User, Workspace

    Workspace.objects.create(name="Bench", time_zone="Asia/Shanghai", currency="CNY")
    users = [
        User.objects.create_user(f"user{n}@bench.example", name=f"Colleague {n}", role="owner")
        for n in range(20)
    ]
    Campaign.objects.bulk_create(
        Campaign(
            name=f"Campaign {n}",
            starts=TODAY + timedelta(days=n % 120 - 30),
            ends=TODAY + timedelta(days=n % 120 - 10),
            currency="CNY",
            total_budget=Decimal(1_000_000),
            owner=users[n % 20],
            status=("draft", "running", "ready", "ended")[n % 4],
        )
        for n in range(CAMPAIGNS)
    )
    campaigns = list(Campaign.objects.order_by("pk"))
    Goal.objects.bulk_create(
        Goal(
            campaign=campaign,
            metric="orders",
            target=500,
            starts=campaign.starts,
            due=campaign.ends,
            primary=True,
        )
        for campaign in campaigns
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(campaign=campaign, category=category, label=f"Line {place}", planned=100_000)
        for campaign in campaigns
        for place, category in enumerate(("media", "creative", "materials", "contingency"))
    )
    lines = list(BudgetLine.objects.order_by("pk"))
    Cost.objects.bulk_create(
        (
            Cost(
                campaign=lines[n % len(lines)].campaign,
                line=lines[n % len(lines)],
                kind="actual",
                category="media",
                amount=Decimal(100 + n % 900),
                at=TODAY - timedelta(days=n % 60),
                note=f"Invoice {n}",
            )
            for n in range(COSTS)
        ),
        batch_size=2_000,
    )
    # The first campaign is as busy as the largest plans, the others share the rest.
    busy = 500
    Task.objects.bulk_create(
        Task(
            campaign=campaigns[0] if n < busy else campaigns[1 + n % (CAMPAIGNS - 1)],
            title=f"Task {n}",
            phase=("prepare", "warm_up", "launch", "peak", "encore")[n % 5],
            status=("todo", "doing", "review", "done")[n % 4],
            days=1 + n % 4,
            due=campaigns[0].starts + timedelta(days=n % 40),
            place=n,
        )
        for n in range(TASKS)
    )
    tasks = list(Task.objects.filter(campaign=campaigns[0]).order_by("pk"))
    Dependency.objects.bulk_create(
        Dependency(before=tasks[n - 1 - n % 3], after=tasks[n])
        for n in range(4, len(tasks))
        if n % 2
    )
    every = list(Task.objects.order_by("pk"))
    Duty.objects.bulk_create(
        Duty(task=task, user=users[place % 20], letter=letter)
        for place, task in enumerate(every)
        for letter in ("A", "R")
    )
    first = campaigns[0]
    vendors = Vendor.objects.bulk_create(Vendor(name=f"Vendor {n}") for n in range(60))
    Delivery.objects.bulk_create(
        Delivery(
            campaign=campaigns[n % CAMPAIGNS] if n % 4 else first,
            vendor=vendors[n % 60],
            title=f"Delivery {n}",
            due=first.starts + timedelta(days=n % 40),
            amount=Decimal(1_000),
        )
        for n in range(400)
    )
    places = Place.objects.bulk_create(Place(name=f"Store {n}") for n in range(10))
    materials = Material.objects.bulk_create(Material(name=f"Material {n}") for n in range(60))
    Stock.objects.bulk_create(
        Stock(material=material, place=place, on_hand=500, reserved=100)
        for material in materials
        for place in places
    )
    Reservation.objects.bulk_create(
        Reservation(material=material, place=places[0], campaign=first, quantity=100)
        for material in materials[:30]
    )
    Fact.objects.bulk_create(
        Fact(campaign=first, key=f"price.n{n}", name=f"Fact {n}", values={"": str(n)})
        for n in range(40)
    )
    Risk.objects.bulk_create(
        Risk(campaign=first, title=f"Risk {n}", category="market", likelihood=3, impact=3)
        for n in range(40)
    )
    return users[0], first.public_id, tasks[0].public_id


def pages(busy: str, task: str) -> dict[str, str]:
    """Page → a word that must stand in it."""
    campaign = f"/c/{busy}"
    return {
        # The thirty that begin last.
        "/campaigns": "Campaign 119",
        "/campaigns?view=board": "Campaign 119",
        "/campaigns?view=timeline": "Campaign 119",
        campaign: "Campaign 0",
        f"{campaign}/brief": "Campaign 0",
        f"{campaign}/brief/strategy": "Campaign 0",
        f"{campaign}/brief/facts": "Campaign 0",
        f"{campaign}/readiness": "Campaign 0",
        f"{campaign}/plan": "Task 0",
        f"{campaign}/plan/list": "Task 499",
        f"{campaign}/plan/gantt": "Task 499",
        f"{campaign}/plan/raci": "Task 499",
        f"{campaign}/plan/resources": "Colleague",
        f"{campaign}/plan/risks": "Campaign 0",
        # Every eight hundredth entry is on one of its lines; the newest day of all is that of
        # the entries whose number is a multiple of 60.
        f"{campaign}/budget": "Invoice 19200",
        f"{campaign}/budget/ledger": "Invoice 19200",
        f"{campaign}/budget/months": "Line 0",
        f"{campaign}/budget/curve": "Campaign 0",
        f"{campaign}/activity": "Campaign 0",
        f"{campaign}/plan/{task}": "Task 0",
        f"{campaign}/plan/raci/{task}": "Task 0",
        f"{campaign}/head": "Campaign 0",
        "/campaigns/new": "",
        "/campaigns/new?template=big_sale": "",
        "/calendar?view=week": "",
        "/calendar?view=quarter": "Campaign",
        "/calendar?view=agenda": "Task",
        "/calendar/planner": "",
        "/settings/budget": "",
        "/settings/approvals": "",
        "/search?q=Campaign 1": "Campaign 1",
        "/calendar": "Campaign",
        "/calendar?view=year": "",
        "/objectives": "",
        "/personas": "",
        "/materials": "",
        "/vendors": "",
        "/my": "",
        "/my/standup": "Campaign",
        "/notices": "",
        "/settings/members": "Colleague 1",
    }


def main(rounds: int = 20) -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "MUSTER_DATA": folder,
            "DJANGO_SETTINGS_MODULE": "muster.config.settings",
            "MUSTER_DATABASE_URL": "",
        }
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        settings.ALLOWED_HOSTS = ["testserver"]
        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        reader, busy, task = fill()
        from muster.kit.memory import settle

        settle()
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
        worst, heaviest, whole = 0.0, 0.0, True
        for path, word in pages(busy, task).items():
            client.get(path)
            times, worked = [], []
            for _again in range(rounds):
                began, busy_since = time.perf_counter(), time.process_time()
                answer = client.get(path)
                worked.append((time.process_time() - busy_since) * 1000)
                times.append((time.perf_counter() - began) * 1000)
            slow = sorted(times)[max(int(rounds * 0.95) - 1, 0)]
            body = answer.content
            weight = len(gzip.compress(body)) / 1024
            found = answer.status_code == 200 and word.encode() in body
            worst, heaviest, whole = max(worst, slow), max(heaviest, weight), whole and found
            name = path.replace(busy, "…").replace(task, "…")
            print(
                f"{name:28} {slow:7.0f} ms  ({min(worked):4.0f} worked)  {weight:6.1f} KB"
                f"  {'whole' if found else 'MISSING'}{'' if slow <= GOAL else '  slow'}"
            )
    verdict = "ok" if worst <= GOAL and heaviest <= WEIGHT else "short"
    print(
        f"plan pages  p95 {worst:.0f} ms, {heaviest:.0f} KB  goal ≤{GOAL} ms, ≤{WEIGHT} KB"
        f"  {verdict}  {'whole' if whole else 'MISSING'}"
    )
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
