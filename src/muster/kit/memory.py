"""What Python's search for garbage looks at, and when."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Nothing is looked for meanwhile, where much is made and all of it stays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def settle() -> None:
    """What was loaded at the start stays: the search for garbage need not walk through it again.

    And it looks through everything a hundred times more rarely: with Python's own numbers one page
    in twenty waits a tenth of a second for a search that finds nothing. Rings of objects that a
    request leaves behind are still found by the search among the young ones.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 100, 50)
