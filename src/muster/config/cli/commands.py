"""What each command does; all but the processes call the API."""

from __future__ import annotations

import argparse
import json
import mimetypes
import os
import re
import secrets
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from muster.config.cli.client import Client, muster
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _


def up(options: argparse.Namespace) -> None:
    from muster.config.server import serve

    serve(host=options.host, port=options.port, demo=options.demo, browser=options.open)


def demo(options: argparse.Namespace) -> None:
    import django

    with tempfile.TemporaryDirectory(prefix="muster-demo-") as folder:
        os.environ["MUSTER_DATA"] = folder
        django.setup()
        from muster.config.server import serve

        serve(host="127.0.0.1", port=options.port, demo=True, browser=options.open)


def web(options: argparse.Namespace) -> None:
    from muster.config.server import serve_pages

    serve_pages(host=options.host, port=options.port)


def collect(options: argparse.Namespace) -> None:
    from muster.config.server import serve_door

    serve_door(host=options.host, port=options.port)


def work(options: argparse.Namespace) -> None:
    from muster.config.server import work

    work()


def send(options: argparse.Namespace) -> None:
    from muster.channels.sending.sender import run
    from muster.config.process import writing_stores

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_end_with_parent, args=(stop,), daemon=True).start()
    with writing_stores("send", carries=True):
        run(stop)


def _end_with_parent(stop: threading.Event) -> None:
    """A sender that a server started does not outlive it: the next server starts its own."""
    parent = os.environ.get("MUSTER_PARENT")
    while parent and not stop.wait(1):
        if str(os.getppid()) != parent:
            stop.set()


def check(options: argparse.Namespace) -> Any:
    from muster.config.doctor import examine

    findings = examine()
    if not options.json:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'}  {finding.what}: {finding.text}")
    options.said = [vars(finding) for finding in findings]
    if not all(finding.ok for finding in findings):
        raise Refused(_("Something needs care: see the lines that begin with BAD."))
    return options.said if options.json else None


def migrate(options: argparse.Namespace) -> str:
    from muster.config import process

    with process.sole_owner():
        process.migrate()
    return "The record store is up to date."


def rebuild(options: argparse.Namespace) -> Any:
    from django.conf import settings

    from muster.config.process import sole_owner, warehouse
    from muster.people.identity.records import PeopleRecords
    from muster.warehouse.loader import Loader

    with sole_owner():
        opened = warehouse()
        try:
            events = Loader(opened, settings.DATA.spool, PeopleRecords(rebuilding=True)).rebuild()
        finally:
            opened.close()
    return {"events": events}


def backup(options: argparse.Namespace) -> Any:
    from muster.config.backup.archive import backup

    done = backup(options.file)
    if options.json:
        return done
    return (
        f"{done['file']}: {done['bytes']:,} bytes, as of {done['made_at']}. "
        "It holds people's data and the keys of this installation: keep it safe."
    )


def restore(options: argparse.Namespace) -> Any:
    from muster.config.backup.archive import restore

    done = restore(options.file)
    if options.json:
        return done
    lines = [
        f"Restored as of {done['made_at']}: {done['events']:,} events.",
        f"All sending is halted until a person lets it go on (Sends); {done['paused']} sends"
        " that were under way are paused.",
        "muster reconcile lists the messages of which nobody knows whether they arrived.",
    ]
    if done["erased"]:
        lines.append(
            f"{done['erased']} people who were erased after that moment are erased anew, here and"
            " in every file; the backup itself still holds them."
        )
    if done["set_aside"]:
        lines.append(f"What was here before lies in {done['set_aside']}.")
    return "\n".join(lines)


def reconcile(options: argparse.Namespace) -> Any:
    from django.conf import settings

    from muster.channels.sending.reconciling import reconcile
    from muster.config.process import writing_stores

    with writing_stores("reconcile"):
        found = reconcile(settings.DATA.journal)
    if options.json:
        return found
    lines = [f"Settled from the send journals: {_list(found['settled'])}."]
    lines.append(f"{len(found['unknown'])} messages of which nobody knows whether they arrived.")
    lines += [
        f"  {one['at']:%Y-%m-%d %H:%M} {one['send']} {one['name']}: {one['person']}"
        for one in found["unknown"][:50]
    ]
    if found["held"]:
        lines.append("All sending is halted: somebody has to let it go on (Sends).")
    return "\n".join(lines)


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def add_user(options: argparse.Namespace) -> Any:
    password = sys.stdin.readline().rstrip("\n") if options.password_stdin else None
    body = {
        "email": options.email,
        "role": options.role,
        "name": options.name,
        "password": password,
    }
    with muster() as api:
        return api.call("POST", "/users", json=body)


def add_token(options: argparse.Namespace) -> Any:
    body = {"name": options.name, "scopes": options.scope, "user": options.user}
    with muster() as api:
        return {"token": api.call("POST", "/tokens", json=body)["token"]}


def add_key(options: argparse.Namespace) -> Any:
    with muster() as api:
        return {"key": api.call("POST", "/tokens/keys", json={"name": options.name})["key"]}


def import_people(options: argparse.Namespace) -> Any:
    more = {"dry_run": "true"} if options.dry_run else {}
    if options.sheet:
        more["sheet"] = options.sheet
    if options.header_row is not None:
        more["header_row"] = str(options.header_row)
    if options.value:
        more["values"] = json.dumps(_values(options.value))
    return _import("/people/import", options, more)


def _values(given: list[str]) -> dict[str, dict[str, str]]:
    """Column → value in the file → what it becomes."""
    values: dict[str, dict[str, str]] = {}
    for one in given:
        place, equals, becomes = one.partition("=")
        column, colon, value = place.partition(":")
        if not (equals and colon and column and value):
            raise Invalid(_("--value needs COLUMN:VALUE=BECOMES, not “%(given)s”."), given=one)
        values.setdefault(column, {})[value] = becomes
    return values


def import_events(options: argparse.Namespace) -> Any:
    return _import("/events/import", options, {"event": options.event} if options.event else {})


def _import(path: str, options: argparse.Namespace, more: dict[str, str]) -> Any:
    mapping = {}
    for pair in options.map:
        column, equals, field = pair.partition("=")
        if not equals:
            raise Invalid(_("--map needs COLUMN=FIELD, not “%(pair)s”."), pair=pair)
        mapping[column] = field
    kind = mimetypes.guess_type(options.file.name)[0] or "application/octet-stream"
    with options.file.open("rb") as file, muster() as api:
        started = api.call(
            "POST",
            path,
            files={"file": (options.file.name, file, kind)},
            data={"mapping": json.dumps(mapping), **more},
        )
        if "job" not in started:
            return started
        job = api.follow(started["job"])
    return {"job": job["id"], **job["result"]}


def export_people(options: argparse.Namespace) -> Any:
    with muster() as api:
        people = list(_all(api, "/people", {"segment": options.segment}))
    if options.json:
        return {"people": people}
    columns = ["id", "external_id", "email", "phone", "first_name", "last_name"]
    lines = [",".join(columns)]
    lines += [",".join(_cell(person.get(column)) for column in columns) for person in people]
    return "\n".join(lines)


_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
"""What a spreadsheet reads as a number, such as a phone, and never as a formula."""


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    if text[:1] in tuple("=+-@\t\r＝＋－＠") and not _NUMBER.fullmatch(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\n\r') else text


def _all(api: Client, path: str, query: dict[str, str]) -> Any:
    cursor = None
    while True:
        page = api.call(
            "GET", path, params={**query, "limit": 500, **({"cursor": cursor} if cursor else {})}
        )
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _rule(path: Path) -> Any:
    text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    try:
        return json.loads(text)
    except ValueError as error:
        raise Invalid(_("%(file)s is not JSON: %(why)s."), file=path, why=error) from error


def count_segment(options: argparse.Namespace) -> Any:
    rule = _rule(options.rule)
    with muster() as api:
        # Commands that run side by side end nobody else's question.
        asked = {"rule": rule, "asker": secrets.token_hex(8)}
        return {"count": api.call("POST", "/segments/preview", json=asked)["count"]}


def segment_people(options: argparse.Namespace) -> Any:
    rule = _rule(options.rule)
    with muster() as api:
        return api.call("POST", "/segments/people", json={"rule": rule})


def _report(path: str, options: argparse.Namespace, *names: str) -> Any:
    query = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    with muster() as api:
        return api.call("GET", path, params=query)


def report_attribution(options: argparse.Namespace) -> Any:
    names = ("conversion", "from", "to", "window", "models", "reset", "group_by")
    return _report("/reports/attribution", options, *names)


def report_roi(options: argparse.Namespace) -> Any:
    return _report("/reports/roi", options, "campaign", "by")


def report_rfm(options: argparse.Namespace) -> Any:
    return _report("/reports/rfm", options, "as_of")


def report_funnel(options: argparse.Namespace) -> Any:
    body = {"steps": [{"event": name} for name in options.step]}
    if options.within:
        body["within"] = options.within
    with muster() as api:
        return api.call("POST", "/reports/funnel", json=body)
