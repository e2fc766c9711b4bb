"""A standalone Spark cluster on this machine: a master, two workers, and Spark Connect before them.

The jars are those of the package `pyspark`; the workers and the driver are processes of their own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen, TimeoutExpired

WORKERS = 2
_HOST = "127.0.0.1"
_SETTINGS = {
    "spark.driver.host": _HOST,
    "spark.executor.cores": "1",
    "spark.executor.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.connect.grpc.binding.address": _HOST,
}
"""One core for each worker. With two cores in all, more pieces of a question would only wait; and to
plan the rest of it anew after each piece takes longer than the pieces, where there is so little."""


def missing() -> str:
    """What the cluster needs and this machine lacks; empty if it has everything."""
    found = importlib.util.find_spec("pyspark")
    if found is None or not Path(str(found.origin)).with_name("jars").is_dir():
        return "pyspark is not installed; run: pip install -r requirements-parity.lock"
    if not shutil.which("java"):
        return "Java 17 or later is not installed"
    return ""


@contextmanager
def cluster(folder: Path) -> Iterator[int]:
    """The port of Spark Connect, once both workers have an executor for it."""
    master, ui, connect = (_free_port() for _ in range(3))
    with ExitStack() as stack:

        def running(name: str, program: str, memory: str, *arguments: str) -> Popen:
            return stack.enter_context(_running(folder / name, program, memory, *arguments))

        first = running(
            "master", "spark-class", "256m", "org.apache.spark.deploy.master.Master",
            "--host", _HOST, "--port", str(master), "--webui-port", str(ui),
        )  # fmt: skip
        _wait_until(lambda: _status(ui), first)
        for number in range(WORKERS):
            last = running(
                f"worker{number}", "spark-class", "256m", "org.apache.spark.deploy.worker.Worker",
                f"spark://{_HOST}:{master}", "--host", _HOST, "--webui-port", "0",
                "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work{number}"),
            )  # fmt: skip
        _wait_until(lambda: _status(ui).get("aliveworkers") == WORKERS, last)
        settings = {**_SETTINGS, "spark.connect.grpc.binding.port": str(connect)}
        driver = running(
            "connect", "spark-submit", "1500m", "--master", f"spark://{_HOST}:{master}",
            "--class", "org.apache.spark.sql.connect.service.SparkConnectServer",
            *(part for pair in settings.items() for part in ("--conf", "=".join(pair))),
        )  # fmt: skip
        _wait_until(lambda: _answers(connect) and _status(ui).get("coresused") == WORKERS, driver)
        yield connect


@contextmanager
def _running(folder: Path, program: str, memory: str, *arguments: str) -> Iterator[Popen]:
    home = Path(str(importlib.util.find_spec("pyspark").origin)).parent
    folder.mkdir(parents=True)
    with (folder / "log").open("wb") as log:
        process = Popen(
            [str(home / "bin" / program), *arguments],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "SPARK_HOME": str(home),
                "SPARK_LOCAL_IP": _HOST,
                "SPARK_LOCAL_DIRS": str(folder / "scratch"),
                "SPARK_DAEMON_MEMORY": memory,
                "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
            },
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(is_so: Callable[[], object], process: Popen) -> None:
    for _ in range(600):
        if is_so():
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"does not start: {process.args}")


def _status(port: int) -> dict[str, object]:
    """What the master says of its workers; nothing while it starts."""
    try:
        with urllib.request.urlopen(f"http://{_HOST}:{port}/json/", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return {}


def _answers(port: int) -> bool:
    try:
        socket.create_connection((_HOST, port), timeout=1).close()
    except (OSError, ValueError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return free.getsockname()[1]
