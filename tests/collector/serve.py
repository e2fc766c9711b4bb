"""A collector as a process of its own: `python -m tests.collector.serve FOLDER PORT`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from muster.collector.app import Collector
from muster.events.spool import SpoolWriter
from tests.collector.asking import KEYS

if __name__ == "__main__":
    uvicorn.run(
        Collector(SpoolWriter(Path(sys.argv[1]), "server"), KEYS.get),
        port=int(sys.argv[2]),
        log_level="error",
        access_log=False,
    )
