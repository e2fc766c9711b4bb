"""What tests need around them: stores in a temporary folder, people who sign in, the API."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

PASSWORD = "correct horse battery staple"
DATA = Path(os.environ.get("MUSTER_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real public data; tests that need it are skipped where it is not."""
    if not DATA.is_dir():
        pytest.skip("no shared data here (MUSTER_TEST_DATA)")
    return DATA


@pytest.fixture(autouse=True)
def quiet_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the net whether links answer: each answers well."""
    from muster.connect import web

    well = web.Answer(web.Verdict.WELL, 200)
    monkeypatch.setattr(web, "ask", lambda _url, own="": well)


class Settled:
    """The stores of a test; `settle()` makes everything that was emitted countable."""

    def __init__(self, stores: Any) -> None:
        self.stores = stores

    def settle(self) -> None:
        while self.stores.loader.run_once():
            pass


@pytest.fixture
def stores(db: None, tmp_path: Path) -> Iterator[Settled]:
    """An empty event log and warehouse for this test."""
    from django.core.cache import cache

    from muster.events.spool import SpoolWriter
    from muster.kit.tokens import Signer
    from muster.people.identity.records import PeopleRecords
    from muster.team import stores as team_stores
    from muster.warehouse.loader import Loader
    from muster.warehouse.store import Warehouse

    # What was looked up in the stores of the test before is not in these.
    cache.clear()
    spool = tmp_path / "spool"
    spool.mkdir()
    warehouse = Warehouse(tmp_path / "warehouse.duckdb", b"k" * 32)
    loader = Loader(warehouse, spool, PeopleRecords())
    writer = SpoolWriter(spool, "test")
    current = team_stores.Stores(writer, Signer(b"s" * 32), warehouse, loader)
    team_stores.use(current)
    # Waiting for the loader means to load here and now: tests have no loader thread.
    loader.wait_for = lambda position, timeout=60: Settled(current).settle() or True  # type: ignore[method-assign]
    try:
        yield Settled(current)
    finally:
        writer.close()
        warehouse.close()
        team_stores.use(None)


@pytest.fixture
def workspace(db: None) -> Any:
    """A workspace as after set-up."""
    from muster.team.models import Workspace

    return Workspace.objects.create(
        name="Qinghe Tea", time_zone="Asia/Shanghai", currency="CNY", sender_name="Qinghe Tea"
    )


@pytest.fixture
def user_with(workspace: Any) -> Callable[..., Any]:
    """Makes a user with a role: `user_with("analyst")`."""
    from muster.team.models import User

    def make(role: str, name: str = "", email: str = "") -> Any:
        return User.objects.create_user(
            email or f"{role}@muster.test", PASSWORD, name=name or role.title(), role=role
        )

    return make


@pytest.fixture
def owner(user_with: Callable[..., Any]) -> Any:
    return user_with("owner", "Wang Min")


@pytest.fixture
def client_for() -> Callable[[Any], Client]:
    """A browser in which this person is signed in (pages in English)."""

    def sign_in(user: Any) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def api(owner: Any) -> Callable[..., Any]:
    """Calls the API with a token: `api("POST", "/segments", {...}, scopes=[…], user=…)`."""
    from muster.team.roles import SCOPES
    from muster.team.tokens.actions import make_token

    def call(
        method: str,
        path: str,
        body: Any = None,
        *,
        scopes: list[str] | None = None,
        user: Any = None,
        headers: dict[str, str] | None = None,
        files: dict[str, Any] | None = None,
    ) -> Any:
        _token, secret = make_token(
            "test", list(SCOPES) if scopes is None else scopes, user=user or owner, by=None
        )
        client = Client(
            headers={
                "Authorization": f"Bearer {secret}",
                "Accept-Language": "en",
                **(headers or {}),
            }
        )
        more: dict[str, Any] = {}
        if files is not None:
            more = {"data": {**(body or {}), **files}}
        elif body is not None:
            more = {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(client, method.lower())(f"/api/v1{path}", **more)

    return call


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Does every waiting job now."""
    from muster.team.jobs.runner import Runner

    return lambda: Runner().run_waiting()


@pytest.fixture
def inbox(tmp_path: Path, settings: Any) -> Iterator[Any]:
    """A mail server that keeps what it is given."""
    from muster.connect.inbox import Inbox, InboxServer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = free.getsockname()
    server = InboxServer(tmp_path, settings.EMAIL_PORT)
    server.start()
    yield Inbox(tmp_path)
    server.stop()


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The chat services on this machine."""
    from muster.team.robots import actions as robots
    from tests.connect.robots import Service, listening

    service = Service()
    with listening(service) as address:
        for kind in robots.HOSTS:
            monkeypatch.setitem(robots.HOSTS, kind, address)
        yield service
