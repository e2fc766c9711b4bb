"""`backup` and `restore`: what is in the file, in which order it is read, and how it comes back.

The event log is taken as far as it goes *before* the record store is copied: so every event in the
file is about people whom the record store in the file knows. The warehouse is not in the file; it
is built again from the event log.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from muster.config import restored
from muster.config.backup import records
from muster.config.process import migrate, sole_owner, writing_stores
from muster.events.spool import positions
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _

FORMAT = 1
MANIFEST = "manifest.json"
RECORDS = "records"
SPOOL, JOURNAL, UPLOADS, INBOX, SECRET = "spool", "journal", "uploads", "inbox", "secret.key"
ERASURES = "erasures.ndjson"
_WHOLE = (SPOOL, UPLOADS, INBOX, SECRET)
"""What a restore takes away before it puts its own in the place.

Journals and the log of erasures are never taken away: they know more than any backup.
"""


def backup(path: Path) -> dict[str, Any]:
    """Write everything into one file, while Muster may go on working."""
    if not records.are_there():
        raise Refused(
            _("There is nothing to keep in %(folder)s yet."), folder=str(settings.DATA.root)
        )
    made_at = timezone.now()
    half = path.with_name(f".{path.name}.half")
    with tempfile.TemporaryDirectory(dir=settings.DATA.root, prefix=".backup-") as held:
        log = positions(settings.DATA.spool)
        copied = Path(held) / RECORDS
        records.copy_out(copied)
        manifest = {
            "format": FORMAT,
            "muster": version("muster"),
            "made_at": made_at.isoformat(timespec="seconds"),
            "records": connection.vendor,
            "migrations": records.migrations(),
        }
        try:
            with tarfile.open(half, "w:gz", compresslevel=1) as tar:
                _put(tar, MANIFEST, json.dumps(manifest).encode())
                _put(tar, SECRET, settings.DATA.secret())
                _add(tar, ERASURES, settings.DATA.erasures)
                for file in sorted(copied.iterdir()):
                    _add(tar, f"{RECORDS}/{file.name}", file)
                for place in log:
                    _put(tar, f"{SPOOL}/{place.segment}", _whole_lines(place.segment, place.offset))
                for folder in (JOURNAL, UPLOADS, INBOX):
                    for file in sorted((settings.DATA.root / folder).glob("*")):
                        if file.is_file() and not file.name.startswith("."):
                            _add(tar, f"{folder}/{file.name}", file)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "made_at": manifest["made_at"],
        "records": connection.vendor,
    }


def restore(path: Path) -> dict[str, Any]:
    """Put what the file holds in the place of what is there, which is set aside; sending is held.

    Whoever was erased since the backup is erased anew, before anybody is answered.

    Raises Invalid for a file that is no backup, or one of a newer Muster or of another database.
    """
    with (
        sole_owner(),
        tempfile.TemporaryDirectory(dir=settings.DATA.root, prefix=".restore-") as unpacked,
    ):
        folder = Path(unpacked)
        manifest = _unpack(path, folder)
        applied = records.as_called_now({(app, name) for app, name in manifest["migrations"]})
        _must_be_known(applied)
        aside = _set_aside()
        restored.begin(manifest["made_at"], folder / ERASURES)
        _put_in_place(folder, applied)
        migrate()
        connections.close_all()
        with writing_stores("restore"):
            done = restored.finish()
    # The keys of before are still in the memory of this process.
    again = [sys.executable, "-m", "muster", "--json", "--data", str(settings.DATA.root), "rebuild"]
    rebuilt = subprocess.run(  # noqa: S603
        again, capture_output=True, text=True, check=False
    )
    if rebuilt.returncode:
        raise Refused(
            _("The record store is back, but not the warehouse: %(why)s. Run: muster rebuild"),
            why=rebuilt.stderr.strip()[-300:],
        )
    restored.over()
    return {
        "made_at": manifest["made_at"],
        "events": json.loads(rebuilt.stdout)["events"],
        "held": True,
        **done,
        "set_aside": str(aside) if aside else None,
    }


def _unpack(path: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                if member.isfile() and _is_ours(member.name):
                    tar.extract(member, folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (tarfile.TarError, EOFError, ValueError, FileNotFoundError) as error:
        if not path.exists():
            raise
        raise Invalid(
            _("%(file)s is no backup of Muster, or is not whole: %(why)s."), file=path, why=error
        ) from error
    if manifest.get("format") != FORMAT:
        raise Invalid(_("%(file)s was made by a newer Muster. Use that one."), file=path)
    if manifest["records"] != connection.vendor:
        raise Invalid(
            _(
                "%(file)s holds a record store of %(kind)s; MUSTER_DATABASE_URL leads to one of"
                " %(here)s. Set it to a database of the same kind."
            ),
            file=path,
            kind=manifest["records"],
            here=connection.vendor,
        )
    return manifest


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if len(parts) == 1:
        return parts[0] in (MANIFEST, SECRET, ERASURES)
    return len(parts) == 2 and parts[0] in (RECORDS, SPOOL, JOURNAL, UPLOADS, INBOX)


def _must_be_known(applied: set[tuple[str, str]]) -> None:
    known = set(MigrationLoader(None).disk_migrations)
    if unknown := sorted(applied - known):
        raise Invalid(
            _("The backup was made by a newer Muster (%(what)s). Use that one, or newer."),
            what=".".join(unknown[0]),
        )


def _set_aside() -> Path | None:
    """Move away what the restore would write over; None if there is nothing."""
    data = settings.DATA
    there = [data.root / name for name in _WHOLE if (data.root / name).exists()]
    there += sorted(data.root.glob(f"{data.database.name}*"))
    there += sorted(data.root.glob(f"{data.warehouse.name}*"))
    is_used = records.are_there() or any(data.spool.glob("*.ndjson"))
    if not is_used:
        connections.close_all()
        for path in sorted(data.root.glob(f"{data.database.name}*")):
            path.unlink()  # made by looking whether there is one
        return None
    aside = data.root / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    if connection.vendor != "sqlite" and records.are_there():
        records.copy_out(aside / RECORDS)
    connections.close_all()
    for path in there:
        path.rename(aside / path.name)
    return aside


def _put_in_place(folder: Path, applied: set[tuple[str, str]]) -> None:
    data = settings.DATA
    if connection.vendor == "sqlite":
        (folder / RECORDS / records.DATABASE).replace(data.database)
    else:
        records.copy_in(folder / RECORDS, applied)
    (data.root / SECRET).unlink(missing_ok=True)
    (folder / SECRET).replace(data.root / SECRET)
    data.make()
    for name in (SPOOL, JOURNAL, UPLOADS, INBOX):
        for file in _files(folder / name):
            target = data.root / name / file.name
            # A journal that is here knows at least as much as the one in the file.
            if name != JOURNAL or not target.exists():
                shutil.move(file, target)


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir()) if folder.is_dir() else [])


def _whole_lines(segment: str, length: int) -> bytes:
    with (settings.DATA.spool / segment).open("rb") as file:
        content = file.read(length)
    return content[: content.rfind(b"\n") + 1]


def _put(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(timezone.now().timestamp())
    tar.addfile(entry, io.BytesIO(content))


def _add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    """A file as long as it is now; one that is gone meanwhile is left out."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        entry = tar.gettarinfo(arcname=name, fileobj=file)
        entry.mode = 0o600
        tar.addfile(entry, file)
