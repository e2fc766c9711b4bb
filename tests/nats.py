"""A NATS server of the tests' own, which can be killed, lose its store, and be started again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NatsServer:
    """One server with JetStream on a port of its own."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.program = shutil.which("nats-server", path="/usr/sbin:/usr/bin:/usr/local/bin") or ""
        if not self.program:
            sys.exit("The NATS server is not installed; run: make system")
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"nats://127.0.0.1:{self.port}"
        self._settings = folder / "nats.conf"
        # Older servers put acknowledged messages on disk every two minutes and cannot do otherwise.
        always = ", sync_interval: always" if self.version >= (2, 10) else ""
        self._settings.write_text(
            f'listen: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{folder / "store"}", max_file_store: 4G{always} }}\n{more}\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def version(self) -> tuple[int, int]:
        said = subprocess.run([self.program, "--version"], capture_output=True, text=True)
        major, minor, *_rest = said.stdout.rpartition("v")[2].split(".")
        return int(major), int(minor)

    def start(self) -> None:
        with (self.folder / "nats.log").open("ab") as out:
            self._process = subprocess.Popen(
                [self.program, "-c", str(self._settings)], stdout=out, stderr=out
            )
        for _try in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError((self.folder / "nats.log").read_text())

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        shutil.rmtree(self.folder / "store", ignore_errors=True)


@contextmanager
def nats_server(more: str = "") -> Iterator[NatsServer]:
    """A running server in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="muster-nats-") as folder:
        server = NatsServer(Path(folder), more)
        server.start()
        try:
            yield server
        finally:
            server.kill()
