"""Budget pages with 200 campaigns and 20,000 entries: processor time of the server for each page.

Twin: the sums on the page's standing are those of a plain loop over all entries.

    python benchmarks/budget_pages.py [--rounds 30]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

GOAL = 0.150
CAMPAIGNS, ENTRIES, LINES = 200, 20_000, 12
VIEWS = ("", "/months", "/curve", "/ledger")


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=30)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MUSTER_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0)
        return _measure(rounds)


def _measure(rounds: int) -> int:
    from django.test import Client

    from muster.plan.budget.models import Cost
    from muster.plan.budget.standing import standing

    owner, campaigns = _fill()
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    for campaign in campaigns[:20]:
        plain: dict[int | None, dict[str, Decimal]] = {}
        for line, kind, amount in Cost.objects.filter(campaign=campaign).values_list(
            "line", "kind", "amount"
        ):
            sums = plain.setdefault(line, {})
            sums[kind] = sums.get(kind, Decimal(0)) + amount
        if standing(campaign).bound != sum(max(sums.values()) for sums in plain.values()):
            print("the sums differ")
            return 1
    slow = 0
    pages = [f"/c/%s/budget{view}" for view in VIEWS] + ["/campaigns"]
    for page in pages:
        times = []
        for n in range(rounds + 3):
            campaign = campaigns[n % len(campaigns)]
            url = page % campaign.public_id if "%s" in page else page
            begun = time.process_time()
            answer = client.get(url)
            times.append(time.process_time() - begun)
            if answer.status_code != 200:
                print(url, answer.status_code)
                return 1
        p95 = statistics.quantiles(times[3:], n=20)[-1]
        slow += p95 > GOAL
        median = statistics.median(times[3:])
        name = page.replace("%s", "…")
        print(f"{name:24} median {median * 1e3:5.0f} ms   p95 {p95 * 1e3:5.0f} ms")
    return int(slow > 0)


def _fill():  # type: ignore[no-untyped-def]
    from muster.plan.budget.models import BudgetLine, Cost
    from muster.plan.campaigns.models import Campaign
    from muster.team.users.models import User, Workspace

    chance = random.Random(7)
    Workspace.objects.create(name="Bench", currency="CNY", time_zone="Asia/Shanghai")
    owner = User.objects.create_user("owner@bench.example", "x", name="Owner", role="owner")
    first = date(2026, 11, 1)
    campaigns = Campaign.objects.bulk_create(
        Campaign(
            name=f"Campaign {n}",
            starts=first,
            ends=first + timedelta(days=60),
            currency="CNY",
            total_budget=10**6,
            owner=owner,
            status="running",
        )
        for n in range(CAMPAIGNS)
    )
    categories = list(BudgetLine.Category.values)
    lines = BudgetLine.objects.bulk_create(
        BudgetLine(
            campaign=campaign,
            category=categories[n % len(categories)],
            label=f"Line {n}",
            planned=10**6 // LINES,
            place=n,
        )
        for campaign in campaigns
        for n in range(LINES)
    )
    Cost.objects.bulk_create(
        (
            Cost(
                campaign_id=line.campaign_id,
                line=line,
                kind=chance.choice(["committed", "actual"]),
                category=line.category,
                amount=Decimal(chance.randrange(1, 500_000)) / 100,
                at=first + timedelta(days=chance.randrange(60)),
                by=owner,
            )
            for line in chance.choices(lines, k=ENTRIES)
        ),
        batch_size=2000,
    )
    return owner, campaigns


if __name__ == "__main__":
    sys.exit(main())
