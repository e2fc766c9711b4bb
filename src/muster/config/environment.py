"""Reads settings from the environment: `MUSTER_NAME`, or the file that `MUSTER_NAME_FILE` names."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit


def text(name: str, default: str) -> str:
    """The value of `MUSTER_<name>`."""
    file = os.environ.get(f"MUSTER_{name}_FILE")
    if file:
        return Path(file).read_text().strip()
    return os.environ.get(f"MUSTER_{name}", default)


def number(name: str, default: int) -> int:
    """A whole number; anything else stops the start with a sentence."""
    value = text(name, str(default))
    if not value.lstrip("-").isdigit():
        raise SystemExit(f"MUSTER_{name} must be a whole number, not {value!r}.")
    return int(value)


def flag(name: str, *, default: bool = False) -> bool:
    """`1 true yes on` mean yes."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def answered_names(public_url: str) -> list[str]:
    """The names under which Muster answers: this machine's own, that of its public address, and
    those of `MUSTER_ALLOWED_HOSTS`.

    `MUSTER_HOST` is where the server listens; on every address it answers under all names and
    numbers that the machine knows of itself.
    """
    names = [".localhost", "127.0.0.1", "[::1]", urlsplit(public_url).hostname or ""]
    listening = text("HOST", "")
    names += _own_names() if listening in ("0.0.0.0", "::") else [listening]  # noqa: S104
    names += text("ALLOWED_HOSTS", "").split(",")
    return list(dict.fromkeys(_in_brackets(name.strip()) for name in names if name.strip()))


def _own_names() -> list[str]:
    name = socket.gethostname()
    found = {name, socket.getfqdn(name), f"{name}.local"}
    with contextlib.suppress(OSError):
        found |= {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(name, None)}
    # Nothing is sent: the system only says from which of its addresses it would speak.
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as asking:
                asking.connect((far, 9))
                found.add(str(asking.getsockname()[0]))
        except OSError:
            continue
    return sorted(found)


def _in_brackets(name: str) -> str:
    try:
        return f"[{name}]" if ipaddress.ip_address(name).version == 6 else name
    except ValueError:
        return name.lower()
