"""The built-in inbox: a mail server that keeps every mail in a folder and sends none."""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Mail:
    """One mail in the inbox."""

    name: str
    """Its name in the folder; later mails sort after earlier ones."""
    sender: str
    to: str
    subject: str
    at: datetime | None
    is_message: bool
    """Whether it is a message of ours; else it is for a colleague, such as a new password."""


class Inbox:
    """The folder with the mails that arrived."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()

    def keep(self, content: bytes, sender: str, recipients: list[str]) -> str:
        """Store one mail; it is complete under its name or not there at all."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}.eml"
        head = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n".encode()
        half = self.folder / f".{name}"
        half.write_bytes(head + content)
        half.rename(self.folder / name)
        return name

    def remove(self, is_theirs: Callable[[str], bool]) -> int:
        """Remove the mails to these addresses; how many."""
        removed = 0
        for name in self.names():
            path = self.folder / name
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                file.readline()
                to = file.readline().decode("utf-8", "replace").partition(":")[2]
                if any(is_theirs(address.strip()) for address in to.split(",")):
                    path.unlink()
                    removed += 1
        return removed

    def names(self) -> list[str]:
        """The names of all mails, newest first."""
        with os.scandir(self.folder) as entries:
            return sorted(
                (e.name for e in entries if e.name.endswith(".eml") and e.name[0] != "."),
                reverse=True,
            )

    def mails(self, names: list[str]) -> Iterator[Mail]:
        """The heads of these mails."""
        for name in names:
            with (self.folder / name).open("rb") as file:
                head = file.read().partition(b"\r\n\r\n")[0]
            yield _mail(name, message_from_bytes(head, policy=policy.default))

    def message(self, name: str) -> EmailMessage | None:
        """One whole mail."""
        path = self.folder / name
        if path.parent != self.folder or not name.endswith(".eml") or not path.is_file():
            return None
        return message_from_bytes(path.read_bytes(), policy=policy.default)

    def raw(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def is_message(mail: EmailMessage) -> bool:
    """Whether a mail is a message of ours to people, or the test of one."""
    return "X-Muster-Key" in mail


def _mail(name: str, head: EmailMessage) -> Mail:
    date = head["Date"]
    return Mail(
        name=name,
        sender=str(head["From"] or ""),
        to=str(head["To"] or head["X-Envelope-To"] or ""),
        subject=str(head["Subject"] or ""),
        at=date.datetime if date is not None and hasattr(date, "datetime") else None,
        is_message=is_message(head),
    )


class _Keeper:
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, host: str, said: list[str]
    ) -> list[str]:
        # It reads line by line and answers in order, so commands may come several at a time.
        session.host_name = host
        return [said[0], "250-PIPELINING", *said[1:]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        self._inbox.keep(
            content, str(envelope.mail_from or ""), [str(to) for to in envelope.rcpt_tos]
        )
        return "250 kept"


class InboxServer(Controller):
    """Listens on this machine only."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(_Keeper(Inbox(folder)), hostname="127.0.0.1", port=port)

    def factory(self) -> Any:
        return SMTP(
            self.handler,
            hostname="inbox.muster.local",
            data_size_limit=20_000_000,
            enable_SMTPUTF8=True,
        )


def main(folder: str, port: str) -> None:
    """An inbox as a process of its own; it ends with the process that started it."""
    inbox = InboxServer(Path(folder), int(port))
    inbox.start()
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.buffer.read()
    inbox.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
