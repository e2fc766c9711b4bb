"""Kill -9 while a real sender sends: nothing twice, nothing lost (CH9).

Ten kills among 2,000 mails are part of the story of real mail.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

CRASH = Path(__file__).parents[1] / "crash.py"


def crash(*options: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, str(CRASH), *options], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.strip().splitlines()[-1]
    return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", last)}


def test_kills_lose_nothing_and_double_nothing():
    found = crash("--sends", "300", "--kills", "4", "--seed", "3")
    assert (found["duplicates"], found["lost"]) == (0, 0)
    assert found["kills"] == 4
    assert found["unknown"] <= 16


@pytest.mark.slow
@pytest.mark.postgres
def test_the_same_on_postgresql():
    found = crash("--sends", "500", "--kills", "5", "--db", "postgres")
    assert (found["duplicates"], found["lost"], found["kills"]) == (0, 0, 5)
