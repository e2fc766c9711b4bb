"""Sessions of an engine that wait for the next asker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar


class _Closes(Protocol):
    is_clean: bool
    """Whether the next asker finds nothing of the last one in it."""

    def close(self) -> None:
        """Let go of the connection."""


S = TypeVar("S", bound=_Closes)


class Idle(Generic[S]):
    """Lends one session to one asker at a time, and opens another where none waits."""

    def __init__(self, opened: Callable[[], S]) -> None:
        self._open = opened
        self._waiting: list[S] = []

    @contextmanager
    def session(self) -> Iterator[S]:
        """A session for the block; one that failed, or is not clean, is not lent again."""
        one = self._waiting.pop() if self._waiting else self._open()
        try:
            yield one
        except BaseException:
            one.close()
            raise
        if one.is_clean:
            self._waiting.append(one)
        else:
            one.close()

    def close(self) -> None:
        """Let go of all that wait."""
        while self._waiting:
            self._waiting.pop().close()
