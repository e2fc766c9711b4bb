"""Looks whether everything is in order, and says what to do where it is not."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.utils import DatabaseError

from muster.config import far, process
from muster.kit.errors import Refused, Unavailable
from muster.warehouse.address import lake_and_engine
from muster.warehouse.store import damaged_at, damaged_files, look


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what to do."""

    what: str
    ok: bool
    text: str


def examine() -> list[Finding]:
    """Every check, in the order in which they should be mended."""
    checks: list[Callable[[], Finding]] = [
        _folder,
        _disk,
        _database,
        _migrations,
        _warehouse,
        _log,
        _mail,
        _address,
        _names,
        _clock,
    ]
    return [check() for check in checks]


def _folder() -> Finding:
    root = settings.DATA.root
    settings.DATA.make()
    open_ = [path.name for path in settings.DATA.kept() if path.stat().st_mode & 0o077]
    private = root.stat().st_mode & 0o077 == 0 or not open_
    advice = f"others may read {', '.join(open_)}; run: chmod -R go= {root}"
    return Finding("data folder", private, f"{root}" if private else advice)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.DATA.root).free // 1_000_000
    return Finding(
        "disk", free > 1000, f"{free:,} MB free" + ("" if free > 1000 else "; make room for events")
    )


def _database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Finding("record store", False, f"{error}; look at MUSTER_DATABASE_URL")
    return Finding("record store", True, connection.vendor)


def _migrations() -> Finding:
    try:
        call_command("migrate", "--check", verbosity=0)
    except SystemExit:
        return Finding("tables", False, "not up to date; run: muster migrate")
    return Finding("tables", True, "up to date")


def _warehouse() -> Finding:
    try:
        lake, engine = lake_and_engine(settings.WAREHOUSE_URL)
        if lake is not None:
            return Finding("warehouse", True, lake.look())
        if engine is None:
            return _warehouse_file(settings.DATA.warehouse)
        held = engine.held()
        engine.close()
    except Refused as refusal:
        return Finding("warehouse", False, str(refusal))
    has = f"{held.rows:,} events" if held else "nothing yet, the next start fills it"
    return Finding("warehouse", True, f"{engine.name} answers and has {has}")


def _warehouse_file(path: Path) -> Finding:
    """The file is read as a whole: damage inside shows in no other way."""
    text, ok = f"the file {path}", True
    if process.is_owned():
        text += ", open in the running server, whose /readyz says how it is"
    elif not path.exists():
        text += ", not there yet; the next start fills it from the event log"
    elif trouble := look(path):
        ok = False
        text += (
            f" cannot be read ({trouble}). If it is damaged, the next start moves it aside and "
            "builds the numbers anew from the event log; run: muster up"
        )
    for aside in damaged_files(path):
        text += (
            f"; damaged on {damaged_at(aside):%Y-%m-%d %H:%M} UTC and built anew: {aside.name} "
            "is the old one, look at the disk, then delete it"
        )
    return Finding("warehouse", ok, text)


def _log() -> Finding:
    """Whether the events of other machines arrive here, or those of this one at the owner."""
    what = "log between machines"
    try:
        address = far.log_address()
    except Refused as refusal:
        return Finding(what, False, str(refusal))
    if address is None:
        return Finding(what, True, "one machine; more need MUSTER_LOG_URL")
    ours = None if process.is_owned() else far.carried()
    here = f"{ours.waiting_bytes:,} bytes of this folder wait for the owner" if ours else ""
    if ours:
        here += f", who last answered {ours.confirmed_at}" if ours.confirmed_at else ", never heard"
    try:
        text, ok = far.look(address)
    except Unavailable as away:
        text, ok = f"{address}: {away}; look at MUSTER_LOG_URL", False
    if ours and ours.trouble and ok:
        text, ok = f"{text}; but: {ours.trouble}", False
    if not address.is_secured and ok:
        text += "; not encrypted on the way (tls:// is)"
    return Finding(what, ok, "; ".join(filter(None, (text, here))))


def _mail() -> Finding:
    if settings.INBOX:
        return Finding("mail", True, "goes to the built-in inbox at /sink and nowhere else")
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return Finding(
            "mail", False, f"{host}:{port} does not answer ({error}); look at MUSTER_SMTP_URL"
        )
    return Finding("mail", True, f"{host}:{port} answers")


def _address() -> Finding:
    secure = settings.PUBLIC_URL.startswith("https://") or "localhost" in settings.PUBLIC_URL
    advice = "" if secure else "; set MUSTER_PUBLIC_URL to an https:// address"
    return Finding("public address", secure, settings.PUBLIC_URL + advice)


def _names() -> Finding:
    names = ", ".join(dict.fromkeys(name.removeprefix(".") for name in settings.ALLOWED_HOSTS))
    if "*" in settings.ALLOWED_HOSTS:
        return Finding(
            "names", False, "pages answer under any name; list yours in MUSTER_ALLOWED_HOSTS"
        )
    more = "for more set MUSTER_ALLOWED_HOSTS, with commas between"
    return Finding("names", True, f"pages answer under {names}; {more}")


def _clock() -> Finding:
    year = time.gmtime().tm_year
    running = (
        "a server runs on this folder" if process.is_owned() else "no server runs on this folder"
    )
    return Finding(
        "clock",
        year >= 2025,
        time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()) + f"; {running}",
    )
