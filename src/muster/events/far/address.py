"""Where the log between machines is: `MUSTER_LOG_URL`."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

PORT = 4222


@dataclass(frozen=True)
class LogAddress:
    """The servers of one NATS, and who we are there."""

    servers: tuple[str, ...]
    """`nats://host:port`, without any secret: fit to be shown."""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> LogAddress:
        """Read `nats://user:password@host:4222` (`tls://`, `token@`), several with commas between.

        Raises ValueError with the reason, which never says a secret.
        """
        parts = [_part(one.strip()) for one in url.split(",")]
        if len({part.scheme for part in parts}) > 1:
            raise ValueError("either all servers begin with nats:// or all with tls://")
        names = {(part.username, part.password) for part in parts if part.username is not None}
        if len(names) > 1:
            raise ValueError("all servers are parts of one NATS and take the same user or token")
        user, password = names.pop() if names else (None, None)
        return cls(
            servers=tuple(f"{part.scheme}://{_place(part)}" for part in parts),
            user=unquote(user or "") if password is not None else "",
            password=unquote(password or ""),
            token=unquote(user or "") if password is None else "",
        )

    @property
    def is_secured(self) -> bool:
        """Whether what is said cannot be read on the way."""
        return self.servers[0].startswith("tls://")

    def __str__(self) -> str:
        return ", ".join(self.servers)


def _part(url: str) -> SplitResult:
    try:
        part = urlsplit(url)
    except ValueError:
        raise ValueError("it cannot be read as an address") from None
    if part.scheme not in ("nats", "tls"):
        raise ValueError("it must begin with nats:// or tls://")
    if not part.hostname:
        raise ValueError("the host is missing")
    try:
        part.port  # noqa: B018 - looks whether it is a number
    except ValueError:
        raise ValueError("the port must be a number up to 65535") from None
    if part.path.strip("/") or part.query or part.fragment:
        raise ValueError("after the port comes nothing more")
    return part


def _place(part: SplitResult) -> str:
    host = part.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{part.port or PORT}"
