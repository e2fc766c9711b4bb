"""Runs a command beside a PostgreSQL of its own: `python tests/postgres.py pytest tests/plan`."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh cluster in a temporary folder; yields its address."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        sys.exit("PostgreSQL is not installed; run: make system")
    programs = found[-1]
    folder = tempfile.mkdtemp(prefix="muster-pg-")
    # PostgreSQL refuses to run as root: the server then belongs to the postgres user.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    run(
        f"{programs}/initdb",
        "-D",
        f"{folder}/data",
        "-U",
        "muster",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    )
    options = f"-c listen_addresses='' -k {folder} -c max_connections=100"
    run(
        f"{programs}/pg_ctl",
        "-D",
        f"{folder}/data",
        "-l",
        f"{folder}/log",
        "-o",
        options,
        "-w",
        "start",
    )
    try:
        run(f"{programs}/createdb", "-h", folder, "-U", "muster", "muster")
        yield f"postgresql://muster@{folder.replace('/', '%2F')}/muster"
    finally:
        run(f"{programs}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def main(command: Sequence[str]) -> int:
    with postgres() as address:
        return subprocess.call(command, env=dict(os.environ, MUSTER_TEST_DATABASE_URL=address))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
