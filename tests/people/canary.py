"""Run as a process of its own on an empty data folder: bring somebody in by every door, erase them.

Argument: how far to go, `before` or `after` the erasure. The caller looks into the files.
"""

# ruff: noqa: E402, T201 - Django has to be set up first, and the caller reads what is printed.

from __future__ import annotations

import io
import sys
from datetime import date

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from muster.channels.sending.journal import Ending, Journal
from muster.channels.sending.models import Recipient, Send
from muster.config.data import DataFolder
from muster.connect.inbox import Inbox
from muster.events import spool
from muster.events.shape import event, identify, iso
from muster.events.spool import SpoolWriter
from muster.kit.tokens import Signer
from muster.people.consent import keeping
from muster.people.consent.actions import Word, record
from muster.people.directory import actions as people
from muster.people.identity import merging
from muster.people.identity.records import PeopleRecords
from muster.people.imports import actions as imports
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.people.requests import actions as requests
from muster.people.requests.models import PrivacyRequest
from muster.plan.campaigns.models import Campaign
from muster.team import stores
from muster.team.jobs.models import Job
from muster.team.jobs.runner import Runner
from muster.team.models import User, Workspace
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse

CANARY = "kanarienvogel"
MAIL = f"{CANARY}@example.com"
FILE = f"id,email,name,city\nc1,{MAIL.title()},{CANARY},{CANARY}-town\nc2,other@example.com,Wang,Xi'an\n"


def main() -> None:
    data: DataFolder = settings.DATA
    data.make()
    call_command("migrate", verbosity=0)
    warehouse = Warehouse(data.warehouse, data.key("warehouse"))
    loader = Loader(warehouse, data.spool, PeopleRecords())
    writer = SpoolWriter(data.spool, "server")
    stores.use(stores.Stores(writer, Signer(b"s" * 32), warehouse, loader))
    now = timezone.now()
    Workspace.objects.create(name="Qinghe", time_zone="Asia/Shanghai", currency="CNY")
    owner = User.objects.create_user("o@muster.test", "x", name="O", role="owner")

    imported = imports.begin(io.BytesIO(FILE.encode()), "people.csv", by=owner)
    imports.match(imported, {"id": "external_id", "email": "email", "name": "name"})
    imports.start_check(imported, by=owner)
    assert Runner().run_waiting() == 1
    imports.start(Import.objects.get(), by=owner)
    assert Runner().run_waiting() == 1
    person = Person.objects.get(external_id="c1")
    visit = event(
        "Page Viewed", anonymous_id=f"dev-{CANARY}", properties={"url": f"https://a.b/?{CANARY}"}
    )
    bought = {"order_id": "o1", "revenue": 5, "currency": "CNY", "note": CANARY}
    lines = [
        visit,
        identify({"email": MAIL.upper(), "phone": "138 0013 8000"}, anonymous_id=f"dev-{CANARY}"),
        event("Order Completed", user_id="c1", properties=bought),
        event("Order Completed", user_id="c2", properties={**bought, "order_id": "o2", "note": ""}),
        event(
            "Friend Invited",
            user_id="c2",
            properties={"friend_email": MAIL.upper(), "friends": [{"phone": "13800138000"}]},
        ),
    ]
    place = writer.append_lines(spool.lines(iso(now), "key:shop", lines))
    stores.wait_until_loaded(place)
    twin = people.create({"external_id": "c3", "first_name": CANARY}, {}, by=owner, now=now)
    merging.merge(person, twin, by=owner, now=now, reason="same")
    people.tag(person, CANARY, by=owner, now=now)
    word = Word(person, "email", "marketing", "granted", {"note": f"{CANARY} on the phone"})
    topic = keeping.add_topic("Offers", by=owner)
    other = Word(person, "email", "marketing", "withdrawn", {"note": CANARY}, topic=topic)
    record([word, other], now=now, source="profile", by=owner)
    requests.ask(person, "erasure", now=now, how=f"{CANARY} wrote to us", by=owner)
    former = {"email": f"{CANARY}.old@example.com", "wecom_id": f"wm-{CANARY}"}
    place = writer.append_lines(spool.lines(now, "key:shop", [identify(former, user_id="c3")]))
    stores.wait_until_loaded(place)
    place = writer.append_lines(
        spool.lines(now, "key:shop", [identify({"email": MAIL}, user_id="c3")])
    )
    stores.wait_until_loaded(place)
    campaign = Campaign.objects.create(
        name="Spring",
        starts=date(2026, 11, 1),
        ends=date(2026, 11, 30),
        currency="CNY",
        owner=owner,
        channels=["email"],
    )
    send = Send.objects.create(campaign=campaign, name="First", rule={}, by=owner)
    row = Recipient.objects.create(
        send=send, person=twin, address=MAIL, state="failed", answer=MAIL, key="k", attempt=1
    )
    Inbox(data.inbox).keep(f"To: {MAIL}\r\n\r\nHi {CANARY}".encode(), "us@b.cn", [MAIL])
    journal = Journal(data.journal, "test")
    journal.end((row.pk, 1), Ending("failed", "hard_bounce", 550, f"<{MAIL}> unknown", now))
    loader.run_once()
    if sys.argv[1] == "after":
        person.refresh_from_db()
        asked = PrivacyRequest.objects.get()
        requests.carry_out_erasure(asked, by=owner, now=timezone.now())
        asked.refresh_from_db()
        assert (asked.state, asked.how) == ("done", "")
        assert Runner().run_waiting() == 1
        job = Job.objects.get(kind="people.forget")
        assert job.state == "done", job.error
    with warehouse.read() as db:
        sums = db.con.execute(
            "SELECT count(*), sum(revenue)::INT FROM events WHERE name = 'Order Completed'"
        ).fetchall()
        print(sums)
        said = "SELECT props FROM events WHERE name = 'Friend Invited'"
        print(*db.con.execute(said).fetchone())
    again = Warehouse(None, data.key("warehouse"))
    Loader(again, data.spool, PeopleRecords(rebuilding=True)).run_once()
    with again.read() as db:
        print(
            db.con.execute(
                "SELECT count(*), sum(revenue)::INT FROM events WHERE name = 'Order Completed'"
            ).fetchall()
        )
        print(db.con.execute("SELECT count(*) FROM profiles").fetchall())
    writer.close()
    warehouse.close()


main()
