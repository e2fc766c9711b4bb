"""Machines of a test: `python -m tests.events.far.machines carry|receive URL FOLDER [MACHINE]`."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from muster.events.far.address import LogAddress
from muster.events.far.carrier import Carrier
from muster.events.far.receiver import Receiver
from muster.events.far.wire import copy_name
from muster.events.spool import positions

KEY = b"k" * 32
ONE, TWO, OWNER = "1" * 16, "2" * 16, "f" * 16


def carrier(url, folder, machine, **more):
    """Carries `folder`/spool, quickly."""
    folder.mkdir(parents=True, exist_ok=True)
    more = {"ask_seconds": 0.2, "stall_seconds": 1.0, **more}
    return Carrier(
        LogAddress.from_url(url),
        folder / "spool",
        machine,
        more.pop("key", KEY),
        state=folder / "carried.json",
        lock=folder / "carrying.lock",
        **more,
    )


def receiver(url, folder, **more):
    """Keeps the copies in `folder`/spool."""
    (folder / "spool").mkdir(parents=True, exist_ok=True)
    more = {"ack_seconds": 2.0, **more}
    return Receiver(
        LogAddress.from_url(url), folder / "spool", more.pop("machine", OWNER), KEY, **more
    )


def written(folder):
    """What stands in the segments of a folder."""
    spool = folder / "spool"
    return {place.segment: (spool / place.segment).read_bytes() for place in positions(spool)}


def copied(machine, folder):
    """What the owner must have of a machine."""
    return {copy_name(machine, name): data for name, data in written(folder).items()}


def until(true, seconds=30.0):
    """Wait for it; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


if __name__ == "__main__":
    what, url, place, *rest = sys.argv[1:]
    working = carrier(url, Path(place), rest[0]) if what == "carry" else receiver(url, Path(place))
    working.start()
    threading.Event().wait()
