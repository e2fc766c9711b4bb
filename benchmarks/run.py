"""Runs every promise of speed: one line each, `name  ratio  goal  ok|short  correctness`.

Ends with 1 if a benchmark's proof of correctness fails; a missed goal is printed, not hidden.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROMISES = [
    "collect_events.py",
    "load_events.py",
    "evaluate_segments.py",
    "score_people.py",
    "score_rfm.py",
    "refresh_segments.py",
    "import_people.py",
    "budget_pages.py",
    "draw_calendar.py",
    "find_campaigns.py",
    "schedule_plan.py",
    "plan_pages.py",
]


def main() -> int:
    failed = 0
    for name in PROMISES:
        failed |= subprocess.call([sys.executable, str(HERE / name)])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
