"""Run as a process of its own on a data folder: tell the story of a backup up to one point.

Arguments: `before FILE` brings people in and writes a backup, `erase` erases one of them.
"""

# ruff: noqa: E402 - Django has to be set up first, and the caller reads what is printed.

from __future__ import annotations

import io
import sys
from pathlib import Path

import django

django.setup()

from django.utils import timezone

from muster.config.backup.archive import backup
from muster.config.process import owning_stores
from muster.connect.inbox import Inbox
from muster.events import spool
from muster.events.shape import event, identify
from muster.people.directory import actions as people
from muster.people.imports import actions as imports
from muster.people.profile.models import Person
from muster.people.requests import actions as requests
from muster.team import stores
from muster.team.models import User, Workspace

CANARY = "kanarienvogel"
MAIL, LATER = f"{CANARY}@example.com", f"{CANARY}.later@example.com"
WAITING = f"id,email\nc9,{LATER}\n"
OTHERS = "id,email\nc8,somebody@example.com\n"


def before(file: Path) -> None:
    """Somebody in every store, a file that waits, and a request that nobody dealt with."""
    from django.conf import settings

    now = timezone.now()
    Workspace.objects.create(name="Qinghe", time_zone="Asia/Shanghai", currency="CNY")
    owner = User.objects.create_user("o@muster.test", "x", name="O", role="owner")
    said = {"external_id": "c1", "email": MAIL, "first_name": CANARY}
    person = people.create(said, {"city": f"{CANARY}-town"}, by=owner, now=now)
    people.create({"external_id": "c2", "email": "other@example.com"}, {}, by=owner, now=now)
    requests.ask(person, "erasure", now=now, how=f"{CANARY} wrote to us", by=owner)
    imports.begin(io.BytesIO(WAITING.encode()), "waiting.csv", by=owner)
    imports.begin(io.BytesIO(OTHERS.encode()), "others.csv", by=owner)
    Inbox(settings.DATA.inbox).keep(f"To: {MAIL}\r\n\r\nHi {CANARY}".encode(), "us@b.cn", [MAIL])
    page = event("Page Viewed", user_id="c1", properties={"url": f"https://a.b/?{CANARY}"})
    place = stores.stores().spool.append_lines(spool.lines(now, "key:shop", [page]))
    stores.wait_until_loaded(place)
    # What came last is in the log only, as when the backup is made before it was loaded.
    loader = stores.stores().loader
    assert loader is not None
    loader.stop()
    late = identify({"email": f"{CANARY}.new@example.com"}, user_id="c1")
    stores.stores().spool.append_lines(spool.lines(timezone.now(), "key:shop", [late]))
    backup(file)


def erase() -> None:
    """The person is given an address that the backup does not know, and is erased."""
    owner, now = User.objects.get(), timezone.now()
    person = Person.objects.get(external_id="c1")
    people.update(person, {"email": LATER}, {}, by=owner, now=now)
    person.refresh_from_db()
    requests.carry_out_erasure(person.requests.get(), by=owner, now=timezone.now())


with owning_stores("story"):
    if sys.argv[1] == "before":
        before(Path(sys.argv[2]))
    else:
        erase()
