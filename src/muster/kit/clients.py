"""Whether the client of the request at hand is still there, for work that is for them alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Client:
    """Who waits for the answer to one request."""

    def __init__(self) -> None:
        self._has_left = False
        self._working: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def leave(self) -> None:
        """They hung up: end what is done for them. Returns at once, from any thread."""
        with self._lock:
            self._has_left = True
            working, self._working = self._working, []
        for end in working:
            threading.Thread(target=end, daemon=True).start()

    @contextmanager
    def working(self, end: Callable[[], None]) -> Iterator[None]:
        """Call `end` in a thread of its own if they leave before the block is done, or have left.

        It may come when the block is just over, and has to bear that.
        """
        with self._lock:
            has_left = self._has_left
            if not has_left:
                self._working.append(end)
        if has_left:
            threading.Thread(target=end, daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                if end in self._working:
                    self._working.remove(end)


_client: ContextVar[Client | None] = ContextVar("client", default=None)


@contextmanager
def serving(client: Client) -> Iterator[None]:
    """What is done in the block, and in threads that it asks, is done for this client."""
    token = _client.set(client)
    try:
        yield
    finally:
        _client.reset(token)


@contextmanager
def while_there(end: Callable[[], None]) -> Iterator[None]:
    """See `Client.working`; where nobody is served, such as in a job, the block just runs."""
    client = _client.get()
    if client is None:
        yield
        return
    with client.working(end):
        yield
