"""A real campaign replayed: 64,000 customers, two mails, a hold-out, and the published figures.

Kevin Hillstrom's e-mail test of 2008. Everything goes the way that a team's own data would go: the
import, the API, a frozen send, events through the tracking door, results by page and by API.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from muster.collector.app import Collector
from muster.events.shape import iso
from muster.events.spool import SpoolWriter
from tests.conftest import DATA

HILLSTROM = DATA / "hillstrom"
MENS, WOMENS, NOBODY = "Mens E-Mail", "Womens E-Mail", "No E-Mail"
PUBLISHED = {
    MENS: ("18.28", "1.25", "1.42"),
    WOMENS: ("15.14", "0.88", "1.08"),
    NOBODY: ("10.62", "0.57", "0.65"),
}
"""Visits and conversions in percent, spend for each person."""
KEYS = ("visit_rate", "conversion_rate", "revenue_per_person")
_BATCH = 1_000

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not HILLSTROM.exists(), reason="the Hillstrom e-mail test is not here: 1 case skipped"
    ),
]


def test_the_hillstrom_campaign_gives_the_published_figures(
    stores: Any, owner: Any, api: Any, client_for: Any, run_jobs: Any, tmp_path: Path
) -> None:
    rows = _rows()
    assert len(rows) == 64_000
    _import(rows, api, run_jobs, stores)
    campaign = _campaign(api)
    send = _send(campaign, api)
    assert send["audience"] == 64_000
    assert send["counts"]["held_out"] == 21_306
    assert asyncio.run(_feed(rows, stores.stores.spool.folder)) == 9_394 + 578
    stores.settle()

    results = api("GET", f"/campaigns/{campaign}/results").json()
    groups = {g["name"] if g["role"] == "variant" else NOBODY: g for g in results["groups"]}
    assert {name: g["people"] for name, g in groups.items()} == {
        MENS: 21_307, WOMENS: 21_387, NOBODY: 21_306,
    }  # fmt: skip
    for name, (visits, conversions, spend) in PUBLISHED.items():
        metrics = groups[name]["metrics"]
        assert f"{metrics['visit_rate']['value']:.2%}" == f"{visits}%"
        assert f"{metrics['conversion_rate']['value']:.2%}" == f"{conversions}%"
        assert f"{metrics['revenue_per_person']['value']:.2f}" == spend
    _compare(groups)
    assert results["revenue"] == {"amount": "53349.80", "currency": "USD"}
    assert results["goals"][0]["actual"] == pytest.approx((267 + 189) / 42_694)

    page = client_for(owner).get(f"/c/{campaign}/results").content.decode()
    for visits, conversions, _spend in PUBLISHED.values():
        assert f"{visits}%" in page
        assert f"{conversions}%" in page
    for spend in ("$1.42", "$1.08", "$0.65"):
        assert spend in page


def _compare(groups: dict[str, Any]) -> None:
    """Lift and interval equal those of two independent computations."""
    reference = json.loads((HILLSTROM / "reference.json").read_text())["uplift"]
    gbstats = json.loads((HILLSTROM / "gbstats.json").read_text())["results"]
    for name in (MENS, WOMENS):
        for key, theirs in zip(KEYS, ("visit", "conversion", "spend"), strict=True):
            ours = groups[name]["metrics"][key]
            wanted = reference[name][theirs]
            assert ours["difference"] == pytest.approx(wanted["abs_diff"], rel=1e-6)
            assert ours["p_value"] == pytest.approx(wanted["p_two_sided"], rel=1e-4)
            relative = gbstats[f"{name}: {theirs}"]["freq_relative"]
            assert ours["lift"] == pytest.approx(relative["expected"], rel=1e-6)
            assert ours["interval"] == pytest.approx(relative["ci"], rel=1e-5)
        spend = groups[name]["metrics"]["revenue_per_person"]
        assert spend["difference_interval"] == pytest.approx(
            reference[name]["spend"]["ci95"], rel=1e-5
        )


def _rows() -> list[dict[str, str]]:
    with gzip.open(HILLSTROM / "hillstrom.csv.gz", "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _import(rows: list[dict[str, str]], api: Any, run_jobs: Any, stores: Any) -> None:
    text = io.StringIO()
    known = [name for name in rows[0] if name not in ("visit", "conversion", "spend")]
    writer = csv.DictWriter(text, [*known, "email", "email_consent"], extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        address = f"customer{row['customer_id']}@example.test"
        writer.writerow({**row, "email": address, "email_consent": "yes"})
    file = SimpleUploadedFile("hillstrom.csv", text.getvalue().encode(), "text/csv")
    mapping = {
        "customer_id": "external_id",
        "email": "email",
        "email_consent": "consent:email:marketing",
    }
    answer = api("POST", "/people/import", {"mapping": json.dumps(mapping)}, files={"file": file})
    assert answer.status_code == 202, answer.content
    run_jobs()
    job = api("GET", f"/jobs/{answer.json()['job']}").json()
    assert job["state"] == "done", job
    stores.settle()


def _campaign(api: Any) -> str:
    today = datetime.now(UTC).date()
    body = {
        "name": "Hillstrom e-mail test",
        "starts": (today - timedelta(days=1)).isoformat(),
        "ends": (today + timedelta(days=13)).isoformat(),
        "currency": "USD",
        "goals": [{"metric": "conversion_rate", "baseline": 0.0057, "target": 0.01}],
    }
    answer = api("POST", "/campaigns", body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def _send(campaign: str, api: Any) -> dict[str, Any]:
    """Two mails and the hold-out as they were in 2008, frozen but not put into mailboxes here."""

    def meant(segment: str) -> dict[str, Any]:
        return {"trait": "segment", "op": "eq", "value": segment}

    body = {
        "campaign": campaign,
        "name": "Merchandise",
        "rule": {"trait": "segment", "op": "exists"},
        "variants": [
            {
                "name": name,
                "content": {"subject": name, "html": "<p>New arrivals for you.</p>"},
                "rule": meant(name),
            }
            for name in (MENS, WOMENS)
        ],
        "holdout": {"rule": meant(NOBODY)},
    }
    made = api("POST", "/sends", body)
    assert made.status_code == 201, made.content
    send = made.json()["id"]
    for step in ("approve", "start"):
        answer = api("POST", f"/sends/{send}/{step}", {})
        assert answer.status_code == 200, answer.content
    found: dict[str, Any] = api("GET", f"/sends/{send}").json()
    return found


async def _feed(rows: list[dict[str, str]], spool: Path) -> int:
    """Visits and orders through the tracking door; returns how many it took."""
    writer = SpoolWriter(spool, "collector")
    collector = Collector(writer, {"site-key": "site"}.get)
    door = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=collector),
        base_url="http://collect",
        auth=("site-key", ""),
    )
    events = list(_events(rows))
    async with door:
        for start in range(0, len(events), _BATCH):
            answer = await door.post("/v1/batch", json={"batch": events[start : start + _BATCH]})
            assert answer.json() == {"success": True}
    await collector.close()
    return len(events)


def _events(rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    at = iso(datetime.now(UTC))
    for row in rows:
        who = {"userId": row["customer_id"], "timestamp": at}
        if row["visit"] == "1":
            yield {"type": "page", "messageId": f"visit-{row['customer_id']}", **who}
        if row["conversion"] == "1":
            yield {
                "type": "track",
                "event": "Order Completed",
                "messageId": f"order-{row['customer_id']}",
                "properties": {
                    "order_id": f"h{row['customer_id']}",
                    "total": float(row["spend"]),
                    "currency": "USD",
                },
                **who,
            }
