"""Stories are told in a real browser, against the real command."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "screens"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)
PASSWORD = "a long sentence about tea"
expect.set_options(timeout=40_000)
FAILED = pytest.StashKey[bool]()
CHROMIUM = shutil.which("chromium") or ""


@dataclass
class Server:
    """A running Muster and its data folder."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]

    def run(self, *arguments: str) -> str:
        """A `muster` command on this server's data."""
        done = subprocess.run(
            [sys.executable, "-m", "muster", "--data", str(self.data), *arguments],
            capture_output=True, text=True, timeout=120, check=True, env=outside(),
        )  # fmt: skip
        return done.stdout


def outside() -> dict[str, str]:
    """The environment without what the tests have set for themselves."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("MUSTER_") and name != "DJANGO_SETTINGS_MODULE"
    }


def start(
    data: Path,
    *arguments: str,
    patience: float = 600,
    port: int | None = None,
    settings: dict[str, str] | None = None,
) -> Server:
    """`muster up` on this port or a free one, with these settings; returns when it is ready."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = outside() | {"MUSTER_PUBLIC_URL": url, **(settings or {})}
    with (data.parent / f"{data.name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "muster", "--data", str(data), "up", "--port", str(port), *arguments],
            stdout=log, stderr=log, env=environment,
        )  # fmt: skip
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz", timeout=5).status_code == 200:
                return Server(url, data, process)
        except httpx.TransportError:
            time.sleep(0.2)
    process.kill()
    raise RuntimeError((data.parent / f"{data.name}.log").read_text()[-3000:])


def stop(server: Server) -> None:
    """End it as a person does, and see that it ends in time."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(15) in {0, -signal.SIGTERM}


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fresh installation, before set-up."""
    server = start(tmp_path_factory.mktemp("empty") / "data")
    yield server
    stop(server)


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sample workspace."""
    server = start(tmp_path_factory.mktemp("demo") / "data", "--demo")
    yield server
    stop(server)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("Chromium is missing; run: make system")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how the test ended, so that a failed one leaves a picture of its pages."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens a page: `new_page(server, width=390, language="zh-Hans", dark=True)`."""
    contexts = []

    def open_page(
        server: Server, *, width: int = 1440, language: str = "zh-Hans", dark: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 900 if width > 700 else 844},
            locale=language,
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            # The reader of a mail is a person; a browser without a screen calls itself a machine.
            user_agent=PERSON,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        # Nothing may break in the console: a blocked script or style is a defect of the page.
        page.on("pageerror", lambda error: (_ for _ in ()).throw(AssertionError(str(error))))
        return page

    yield open_page
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            for page in context.pages:
                page.screenshot(path=SHOTS / "failed" / f"{request.node.name}-{number}.png")
        context.close()


def enter(page: Page) -> None:
    """Sign in to the sample workspace as its owner."""
    page.goto("/")
    page.locator("form[action$='/demo/enter'] button").click()
    page.wait_for_url("**/my")


def invite(owner: Page, colleague: Page, *, name: str, email: str, role: str) -> None:
    """The owner asks a colleague in, who joins in a browser of their own."""
    owner.goto("/settings/members")
    owner.get_by_label("邮箱").fill(email)
    owner.get_by_label("角色", exact=True).select_option(label=role)
    owner.get_by_role("button", name="邀请").click()
    colleague.goto(owner.get_by_text("/invite/").inner_text())
    colleague.get_by_label("姓名").fill(name)
    colleague.get_by_label("密码").fill(PASSWORD)
    colleague.get_by_role("button", name="加入").click()
    expect(colleague.get_by_role("heading", level=1)).to_have_text("我的工作")


def serious(page: Page) -> list[dict[str, Any]]:
    """What axe finds serious or worse on the page as it is."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        {"rule": one["id"], "where": [node["target"] for node in one["nodes"]][:5]}
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
