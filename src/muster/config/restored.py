"""The end of a restore: nothing leaves by itself, and whoever was erased since is erased anew.

It is written down that it is due as soon as the files of the backup are in their place. So if the
restore is killed before its end, the next start does this before anybody is answered.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from muster.channels.sending.halting import hold_after_restore
from muster.channels.sending.reconciling import follow_journals
from muster.people.identity import erasures
from muster.people.profile.hashing import forget_key
from muster.people.requests.repeating import erase_again


def begin(made_at: str, erased: Path) -> None:
    """The files of a backup of that moment come next; `erased` is its log of erasures."""
    erasures.take_over(erased)
    settings.DATA.restoring.write_text(json.dumps({"made_at": made_at}))


def is_due() -> bool:
    """Whether a restore has begun and not ended."""
    return bool(settings.DATA.restoring.exists())


def finish() -> dict[str, Any]:
    """Hold all sending, take over what journals know, and erase anew."""
    said = json.loads(settings.DATA.restoring.read_text())
    made_at, now = datetime.fromisoformat(said["made_at"]), timezone.now()
    forget_key()
    paused = hold_after_restore(made_at=made_at, now=now)
    return {
        "paused": paused,
        "settled": follow_journals(settings.DATA.journal),
        "erased": erase_again(made_at, now=now),
    }


def over() -> None:
    """Everything is as it should be, the warehouse too."""
    settings.DATA.restoring.unlink(missing_ok=True)
