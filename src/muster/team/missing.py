"""What a page says in the place of numbers that cannot be had now; all else of it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from muster.kit.errors import Refused, Unavailable
from muster.ui.middleware import worded
from muster.warehouse.store import Rebuilding


@dataclass(frozen=True)
class Missing:
    """Why the numbers of a page are missing, for `team/missing.html`."""

    text: str
    comes_back: bool
    """Whether waiting is enough, so that the page asks again by itself."""


def missing(error: Refused | Unavailable) -> Missing:
    """What one of `stores.NO_NUMBERS` says, in the reader's language."""
    return Missing(worded(error.text, error.params), isinstance(error, Rebuilding))
