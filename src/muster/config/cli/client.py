"""How a command reaches Muster: the running server, or a short-lived one inside this process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from muster.kit.errors import Refused
from muster.kit.words import _


class Client:
    """The API, as the machine's owner."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def call(self, method: str, path: str, **request: Any) -> Any:
        """Call the API; a refusal is raised with its own words."""
        answer = self._http.request(method, f"/api/v1{path}", **request)
        if answer.status_code >= 400:
            raise Refused(_sentence(answer))
        return answer.json() if answer.content else None

    def follow(self, job_id: str) -> dict[str, Any]:
        """Wait for a job, telling its progress on stderr."""
        said = 0.0
        while True:
            job: dict[str, Any] = self.call("GET", f"/jobs/{job_id}")
            over = job["state"] in {"done", "failed", "cancelled"}
            if over or time.monotonic() - said > 1:
                said = time.monotonic()
                total = f" of {job['total']:,}" if job["total"] else ""
                sys.stderr.write(f"{job['title']}: {job['done']:,}{total} {job['state']}\n")
            if over:
                break
            time.sleep(0.1)
        if job["state"] != "done":
            raise Refused((job["error"] or _("The job was cancelled.")).replace("%", "%%"))
        return job


def _sentence(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}: {answer.text[:200]}".replace("%", "%%")
    places = "".join(f"\n  {error['at']}: {error['detail']}" for error in problem.get("errors", []))
    return f"{problem.get('detail', problem)}{places}".replace("%", "%%")


@contextmanager
def muster() -> Iterator[Client]:
    """The API of the running server, or of one that lives as long as this command."""
    from django.conf import settings

    from muster.config import process

    headers = {"Authorization": f"Bearer {settings.DATA.admin_token()}", "Accept-Language": "en"}
    if process.is_owned():
        transport: httpx.BaseTransport = httpx.HTTPTransport(uds=_reachable(settings.DATA.socket))
        with httpx.Client(
            transport=transport, base_url="http://localhost", headers=headers, timeout=600
        ) as http:
            yield Client(http)
        return
    from django.core.wsgi import get_wsgi_application

    with process.owning_stores("cli"):
        transport = httpx.WSGITransport(app=get_wsgi_application())
        with httpx.Client(
            transport=transport, base_url="http://localhost", headers=headers, timeout=600
        ) as http:
            yield Client(http)


def _reachable(socket: Path) -> str:
    for _attempt in range(100):
        if socket.exists():
            return str(socket)
        time.sleep(0.1)
    raise Refused(_("Muster is starting or ending. Try again in a moment."))
