"""Whether Muster lives, whether it is ready, and its figures for Prometheus."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import connection
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from muster.team.jobs.models import Job
from muster.team.permissions import public
from muster.team.stores import stores
from muster.warehouse.store import Rebuilding


@public
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
def readyz(request: HttpRequest) -> HttpResponse:
    """Every store can be used; otherwise 503 and which one cannot."""
    checks = {"database": _database(), "disk": _disk(), "warehouse": _warehouse()}
    ready = all(state == "ok" for state in checks.values())
    return JsonResponse(
        {"ready": ready, **checks, **_log()},
        status=200 if ready else 503,
    )


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Counters and gauges in the Prometheus text format; no personal data."""
    lines = []
    loader = stores().loader
    if loader is not None:
        lines += _figure("muster_loaded_bytes_total", "counter", {"": loader.loaded_bytes})
    receiver = stores().receiver
    if receiver is not None:
        lines += _figure("muster_log_connected", "gauge", {"": int(_log()["log"] == "ok")})
        lines += _figure("muster_log_waiting_messages", "gauge", {"": receiver.waiting})
        arrived = dict(sorted(receiver.counters.items()))
        lines += _figure("muster_log_bytes_total", "counter", {"": arrived.pop("bytes", 0)})
        lines += _figure(
            "muster_log_messages_total",
            "counter",
            {f'{{outcome="{k}"}}': n for k, n in arrived.items()},
        )
        lines += _figure(
            "muster_log_heard_seconds",
            "gauge",
            {f'{{machine="{m}"}}': int(at) for m, at in sorted(receiver.heard.items())},
        )
    jobs = {state: Job.objects.filter(state=state).count() for state in ("queued", "running")}
    lines += _figure("muster_jobs", "gauge", {f'{{state="{s}"}}': n for s, n in jobs.items()})
    collected = getattr(request, "collector_counters", {})
    lines += _figure(
        "muster_collector_total", "counter", {f'{{outcome="{k}"}}': n for k, n in collected.items()}
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _figure(name: str, kind: str, values: dict[str, int]) -> list[str]:
    return [
        f"# TYPE {name} {kind}",
        *(f"{name}{labels} {value}" for labels, value in values.items()),
    ]


def _log() -> dict[str, str]:
    """The log between machines, where there is one; without it this process works all the same."""
    receiver = stores().receiver
    if receiver is None:
        return {}
    return {"log": receiver.trouble or ("ok" if receiver.connected else "not connected yet")}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM team_workspace LIMIT 1")
    except DatabaseError as error:
        return str(error)
    return "ok"


def _disk() -> str:
    free = shutil.disk_usage(settings.DATA.root).free
    return "ok" if free > 200_000_000 else f"only {free // 1_000_000} MB free"


def _warehouse() -> str:
    warehouse = stores().warehouse
    if warehouse is None or (loader := stores().loader) is None:
        return "not open"
    rebuilding = str(Rebuilding()) if warehouse.needs_rebuild else ""
    return loader.failure or rebuilding or "ok"
