"""The tracker in a real browser, on a page of somebody else, against a running door."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from muster.events.spool import positions
from tests.collector.test_killing import Server

CHROMIUM = shutil.which("chromium") or ""
SCRIPT = Path(__file__).parents[2] / "src" / "muster" / "ui" / "static" / "built" / "t.js"
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PAGE = """<!doctype html><meta charset="utf-8"><title>青禾秋茶</title>
<meta name="viewport" content="width=device-width"><style>body {{ margin: 0 }} section {{ height: 2000px }}</style>
<section><a id="buy" href="#coupon">立即领券</a> <p id="calm">秋茶上新</p>
<input id="name" value="李小明"><button id="more">更多</button></section>
<script>more.onclick = () => document.title += "!"</script>
<script async src="/t.js" data-key="wk_web" data-host="{host}" {said}></script>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no chromium here"),
    pytest.mark.skipif(not SCRIPT.exists(), reason="the tracker is not built (make ready)"),
]


@pytest.fixture
def door(tmp_path) -> Iterator[Server]:
    server = Server(tmp_path / "spool")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def site(door) -> Iterator[str]:
    """Somebody's site, which has the script under its own name; `?said` goes on the script."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = 'data-consent="given"' if "given" in self.path else ""
            body = PAGE.format(host=door.address, said=said).encode()
            if self.path == "/t.js":
                body = SCRIPT.read_bytes()
            self.send_response(200)
            self.send_header(
                "Content-Type", "text/javascript" if self.path == "/t.js" else "text/html"
            )
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: Any) -> None:
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(user_agent=PERSON, viewport={"width": 390, "height": 800})
        browser.close()


def events(door: Server, wanted: int, seconds: float = 8) -> list[dict[str, Any]]:
    """The events in the log, as soon as so many are there."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + seconds
    while len(found) < wanted and time.monotonic() < deadline:
        time.sleep(0.1)
        found = [
            json.loads(line)["e"]
            for place in positions(door.folder)
            for line in (door.folder / place.segment).read_bytes().splitlines()
        ]
    return found


def named(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [one["properties"] for one in found if one.get("event") == name]


class TestTheTracker:
    def test_tells_of_a_visit_from_the_first_look_to_the_leaving(self, door, site, page):
        page.goto(f"{site}/autumn?given&utm_source=xhs&utm_medium=social&utm_campaign=d11")
        page.wait_for_function("!!window.muster")
        page.mouse.click(20, 10)
        page.click("#calm")
        page.click("#more")
        page.wait_for_timeout(800)
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(1500)
        page.evaluate("history.pushState({}, '', '/cart')")
        page.wait_for_timeout(300)
        page.goto("about:blank")
        found = events(door, 7)
        assert [one["type"] for one in found].count("page") == 2
        first = next(one for one in found if one["type"] == "page")
        assert first["context"]["campaign"] == {"source": "xhs", "medium": "social", "name": "d11"}
        assert first["properties"]["title"] == "青禾秋茶"
        assert first["properties"]["screen"] == [390, 800]
        link, calm, more = named(found, "Element Clicked")
        assert (link["element"], link["text"]) == ("#buy", "立即领券")
        assert link["at"] == [20, 10]
        left, top, width, height = link["box"]
        assert link["x"] == pytest.approx(1000 * (20 - left) / width, abs=15)
        assert link["y"] == pytest.approx(1000 * (10 - top) / height, abs=15)
        assert calm["dead"] is True
        assert "text" not in calm
        assert more["dead"] is False
        seen, cart = named(found, "Page Left")
        assert seen["url"].endswith("utm_campaign=d11")
        assert cart["url"].endswith("/cart")
        # The page is 2000 px high; 800 px are on the screen, and it was scrolled by 600.
        assert seen["depth"] == 70
        assert 2 <= seen["seconds"] <= 8
        assert seen["bands"][0] >= 1
        assert seen["bands"][13] >= 1
        assert sum(seen["bands"][14:]) == 0
        assert {one["anonymousId"] for one in found} == {first["anonymousId"]}

    def test_stores_nothing_and_sets_no_cookie_before_consent(self, door, site, page):
        page.goto(f"{site}/autumn")
        page.wait_for_function("!!window.muster")
        page.fill("#name", "王敏")
        page.click("#more")
        assert len(events(door, 2)) == 2
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        assert page.context.cookies() == []
        page.evaluate("muster.consent(true)")
        assert page.evaluate("Object.keys(localStorage)") == ["muster"]
        assert page.context.cookies() == []
        assert not any(
            "王敏" in json.dumps(one, ensure_ascii=False) or "李小明" in str(one)
            for one in events(door, 2)
        )

    def test_delivers_all_of_it_once_when_the_door_was_away(self, door, site, page):
        page.goto(f"{site}/autumn?given")
        page.wait_for_function("!!window.muster")
        events(door, 1)
        door.kill()
        page.evaluate("for (let i = 0; i < 30; i++) muster.track('Step', {i})")
        page.wait_for_timeout(1500)
        door.start()
        found = events(door, 31, seconds=20)
        assert [one["i"] for one in named(found, "Step")] == list(range(30))
        assert len({one["messageId"] for one in found}) == 31

    def test_says_nothing_to_a_browser_that_asks_not_to_be_tracked(self, door, site, page):
        page.add_init_script(
            "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
        )
        page.goto(f"{site}/autumn?given")
        page.wait_for_function("!!window.muster")
        page.click("#more")
        page.goto("about:blank")
        assert events(door, 1, seconds=2) == []
