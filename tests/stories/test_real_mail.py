"""Two thousand real mails leave the real command while its sender is killed ten times (CH1, CH9).

Each person gets the mail once, or is listed as unknown; whoever unsubscribes on the way gets none.
"""

from __future__ import annotations

import csv
import gzip
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from muster.channels.messages import tokens
from muster.config.data import DataFolder
from muster.kit import ids
from muster.kit.tokens import Signer
from tests.conftest import DATA
from tests.stories.conftest import Server, start, stop

PEOPLE = 2_000
KILLS = 10
CONNECTIONS = 2
LEAVING = 5
"""So many unsubscribe before their turn."""
EFFECT = timedelta(seconds=1)
"""An unsubscribe has to count so soon."""
SUBJECT = '春茶上市:{{ first_name | default: "朋友" }},新茶已到'
HTML = (
    '<p>{{ first_name | default: "朋友" }},您好!今年的明前龙井已经到店。</p>'
    '<p><a href="https://tea.example.test/spring">看看新茶</a></p>'
)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_two_thousand_mails_over_ten_kills(tmp_path: Path) -> None:
    data = tmp_path / "data"
    people = _people_file(tmp_path / "people.csv")
    with _running(data) as (server, api):
        server.run(
            "import", "people", str(people),
            "--map", "customer_id=external_id",
            "--map", "email=email",
            "--map", "consent=consent:email:marketing",
        )  # fmt: skip
        send = _started(api)
        told = _kill_and_leave(server, api, send)
        _wait(lambda: api.get(f"/sends/{send}").json()["status"] == "done", "the end of the send")
        mails = [_read(path) for path in _inbox(server)]
        rows = list(_recipients(api, send))
        unknown = list(_recipients(api, send, state="unknown"))
        _everybody_is_accounted_for(rows, unknown, mails, told)
        _mails_are_whole(mails, server.url)
        sent = Counter(row["state"] for row in rows)["sent"]
        rule = {"event": "Message Sent", "count": {"eq": 1}}
        _wait(lambda: _count(api, rule) == sent, "the events of what was sent")
        assert _count(api, {"event": "Message Sent", "count": {"gte": 2}}) == 0


def _kill_and_leave(server: Server, api: httpx.Client, send: str) -> list[str]:
    """Kill the sender again and again while it sends; meanwhile some leave. Gives those people."""
    lot = random.Random(2)
    leaving = _last_in_the_queue(server)
    for kill in range(KILLS):
        # Each sender first sends some, so that every kill falls into its work.
        goal = _arrived(server) + lot.randint(10, PEOPLE // KILLS // 2)
        _wait(lambda goal=goal: _arrived(server) >= goal, f"{goal} mails")
        if kill % 2:
            _leave(server, api, *leaving[kill // 2])
        elif kill == 2:
            _leave_after_the_mail(server)
        sender = _sender(server)
        os.kill(sender, signal.SIGKILL)
        _wait(lambda sender=sender: _sender(server) not in (0, sender), "the next sender")
        assert api.get(f"/sends/{send}").json()["counts"]["queued"] > LEAVING
    return [person for person, _token in leaving]


def _leave(server: Server, api: httpx.Client, person: str, token: str) -> None:
    """One click of somebody whose mail still waits; only the click counts, not the look."""
    address = f"{server.url}/u/{token}"
    assert httpx.get(address).status_code == 200
    assert _consent(api, person)["state"] == "granted"
    clicked = datetime.now(UTC)
    answer = httpx.post(address, data=ONE_CLICK)
    state = _consent(api, person)
    assert (answer.status_code, state["state"]) == (200, "withdrawn")
    assert datetime.fromisoformat(state["at"]) - clicked < EFFECT
    assert state["proof"]["how"] == "one_click"


def _leave_after_the_mail(server: Server) -> None:
    """One click of somebody who has got the mail, with the address in it."""
    first = _read(_inbox(server)[0])
    answer = httpx.post(str(first["List-Unsubscribe"]).strip("<>"), data=ONE_CLICK)
    assert answer.status_code == 200


def _everybody_is_accounted_for(
    rows: list[dict[str, Any]],
    unknown: list[dict[str, Any]],
    mails: list[EmailMessage],
    told: list[str],
) -> None:
    states = Counter(row["state"] for row in rows)
    assert len(rows) == PEOPLE
    assert states == {
        "sent": PEOPLE - LEAVING - len(unknown), "skipped": LEAVING,
        **({"unknown": len(unknown)} if unknown else {}),
    }  # fmt: skip
    assert len(unknown) <= CONNECTIONS * KILLS
    left = {row["person"]: row["reason"] for row in rows if row["state"] == "skipped"}
    assert left == dict.fromkeys(told, "unsubscribed")

    got = Counter(str(mail["To"]) for mail in mails)
    duplicates = {address for address, times in got.items() if times > 1}
    assert duplicates == set()
    lost = {row["address"] for row in rows if row["state"] == "sent"} - set(got)
    assert lost == set()
    # Whether an unknown one arrived is what nobody could say; here we can look.
    may_have = {row["address"] for row in rows if row["state"] in ("sent", "unknown")}
    assert set(got) <= may_have


def _mails_are_whole(mails: list[EmailMessage], url: str) -> None:
    for mail in mails:
        assert not any(part.defects for part in mail.walk())
        assert mail.get_content_type() == "multipart/alternative"
        text, html = (part.get_content() for part in mail.iter_parts())
        assert "明前龙井已经到店" in text
        assert "<p" not in text
        assert "明前龙井已经到店" in html
        assert f'href="{url}/l/' in html
        assert str(mail["Subject"]) == "春茶上市:朋友,新茶已到"
        assert str(mail["List-Unsubscribe"]).startswith(f"<{url}/u/")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for header in ("To", "Message-ID", "List-Unsubscribe"):
        assert len({str(mail[header]) for mail in mails}) == len(mails)


def _people_file(path: Path) -> Path:
    """The first customers of the Hillstrom test where it is present, else made-up ones."""
    real = DATA / "hillstrom" / "hillstrom.csv.gz"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows: list[dict[str, str]] = [
            {"customer_id": str(number), "zip_code": "Urban"} for number in range(1, PEOPLE + 1)
        ]
        if real.exists():
            with gzip.open(real, "rt", encoding="utf-8") as customers:
                rows = list(islice(csv.DictReader(customers), PEOPLE))
        writer = csv.DictWriter(file, [*rows[0], "email", "consent"])
        writer.writeheader()
        for row in rows:
            address = f"customer{row['customer_id']}@example.test"
            writer.writerow({**row, "email": address, "consent": "yes"})
    return path


@contextmanager
def _running(data: Path) -> Iterator[tuple[Server, httpx.Client]]:
    """The real command with few connections, and its API."""
    server = start(data, settings={"MUSTER_SENDER_CONNECTIONS": str(CONNECTIONS)})
    token = DataFolder(data).admin_token()
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    try:
        _set_up(server.url)
        with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as api:
            yield server, api
    except BaseException:
        server.process.kill()
        server.process.wait()
        raise
    stop(server)


def _set_up(url: str) -> None:
    """The four fields of the first start."""
    with httpx.Client(base_url=url) as browser:
        assert browser.get("/setup").status_code == 200
        answer = browser.post(
            "/setup",
            data={
                "name": "王敏", "email": "wang@tea.example.test", "password": "一句话就很好记,十二个字",
                "workspace": "清和茶", "time_zone": "Asia/Shanghai",
                "csrfmiddlewaretoken": browser.cookies["muster_csrf"],
            },
        )  # fmt: skip
    assert answer.status_code == 302, answer.text


def _started(api: httpx.Client) -> str:
    today = datetime.now(UTC).date()
    campaign = {
        "name": "春茶", "currency": "CNY",
        "starts": today.isoformat(), "ends": (today + timedelta(days=7)).isoformat(),
    }  # fmt: skip
    made = api.post("/campaigns", json=campaign)
    assert made.status_code == 201, made.text
    body = {
        "campaign": made.json()["id"],
        "rule": {"trait": "zip_code", "op": "exists"},
        "content": {"subject": SUBJECT, "html": HTML},
    }
    made = api.post("/sends", json=body)
    assert made.status_code == 201, made.text
    send = str(made.json()["id"])
    for step in ("approve", "start"):
        answer = api.post(f"/sends/{send}/{step}")
        assert answer.status_code == 200, answer.text
    assert answer.json()["audience"] == PEOPLE
    return send


def _last_in_the_queue(server: Server) -> list[tuple[str, str]]:
    """Those whose turn comes last, with the token that their mail would carry."""
    signer = Signer(DataFolder(server.data).key("links"))
    with closing(sqlite3.connect(server.data / "muster.sqlite3")) as records:
        rows = records.execute(
            "SELECT person_id, id FROM channels_recipient ORDER BY id DESC LIMIT ?", [LEAVING]
        ).fetchall()
    return [
        (ids.public("person", person), tokens.sign(signer, tokens.UNSUBSCRIBE, number))
        for person, number in rows
    ]


def _recipients(api: httpx.Client, send: str, **query: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        answer = api.get(f"/sends/{send}/recipients", params={"limit": "500", **query, **cursor})
        page = answer.json()
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def _count(api: httpx.Client, rule: dict[str, Any]) -> int:
    return int(api.post("/segments/preview", json={"rule": rule}).json()["count"])


def _consent(api: httpx.Client, person: str) -> dict[str, Any]:
    (state,) = api.get(f"/people/{person}/consents").json()["items"]
    return dict(state)


def _read(path: Path) -> EmailMessage:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _inbox(server: Server) -> list[Path]:
    """The mails that arrived, oldest first; one that is being written begins with a dot."""
    return sorted((server.data / "inbox").glob("[!.]*.eml"))


def _arrived(server: Server) -> int:
    with os.scandir(server.data / "inbox") as entries:
        return sum(1 for entry in entries if not entry.name.startswith("."))


def _sender(server: Server) -> int:
    """The process number of the sender that the server started; 0 while there is none."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            command = (status.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == server.process.pid and b"send" in command:
            return int(status.parent.name)
    return 0


def _wait(reached: Callable[[], bool], what: str, patience: float = 60) -> None:
    until = time.monotonic() + patience
    while not reached():
        if time.monotonic() > until:
            pytest.fail(f"No sign of {what}")
        time.sleep(0.05)
