"""The data folder: everything that Muster keeps on this machine, and where."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFolder:
    """The paths inside one data folder."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "muster.sqlite3"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def erasures(self) -> Path:
        """Who was erased, as keyed hashes; a restore never takes it away."""
        return self.root / "erasures.ndjson"

    @property
    def restoring(self) -> Path:
        """Is there from the moment a restore puts its files in the place until it has ended."""
        return self.root / "restoring.json"

    @property
    def socket(self) -> Path:
        return self.root / "muster.sock"

    @property
    def lock(self) -> Path:
        return self.root / "muster.lock"

    @property
    def carried(self) -> Path:
        """How far the log of this folder was carried to another machine."""
        return self.root / "carried.json"

    @property
    def carrying(self) -> Path:
        """Held by the process that carries."""
        return self.root / "carrying.lock"

    def make(self) -> None:
        """Create the folder, readable by this user only."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.spool, self.journal, self.inbox, self.uploads):
            folder.mkdir(exist_ok=True, mode=0o700)

    def kept(self) -> list[Path]:
        """What is there of all that only this user may read."""
        folders = [self.spool, self.journal, self.inbox, self.uploads]
        files = [self.database, self.warehouse, self.root / "secret.key", self.root / "admin.token"]
        files.append(self.erasures)
        return [path for path in [*folders, *files] if path.exists()]

    def secret(self) -> bytes:
        """The secret of this installation; made at the first call, then kept for good.

        Links in mails that were sent are signed with it, so it must survive for years.
        """
        return self._kept("secret.key").encode()

    def admin_token(self) -> str:
        """The token with which a command talks to the running server."""
        return self._kept("admin.token")

    def machine(self) -> str:
        """What this data folder is called among several; made at the first call."""
        return self._kept("machine.id", secrets.token_hex(8))

    def key(self, purpose: str) -> bytes:
        """A key of its own for each purpose, derived from the secret."""
        return hmac.digest(self.secret(), purpose.encode(), hashlib.sha256)

    def _kept(self, name: str, new: str = "") -> str:
        path = self.root / name
        try:
            return path.read_text().strip()
        except FileNotFoundError:
            self.make()
        fresh = self.root / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new or secrets.token_urlsafe(32))
        try:
            os.link(fresh, path)  # fails if another process was faster: then its secret counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        return path.read_text().strip()
