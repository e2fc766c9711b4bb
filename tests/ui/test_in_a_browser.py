"""The frame in a real browser: readable, reachable by keyboard, quiet, and without a foreign word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from muster.track.links.actions import make_link

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.ui.addresses"),
]
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("MUSTER_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium here (MUSTER_CHROMIUM)")
    # The driver keeps an event loop in this thread, which Django would take for an async view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser: Browser, live_server, owner, client_for):
    """Opens `/ui` as the owner; complains about anything that a browser complains about."""
    contexts, complaints = [], []
    cookies = client_for(owner).cookies

    def open_at(width: int = 1440, theme: str = "light", language: str = "en") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
        )
        context.add_cookies(
            [
                {"name": name, "value": cookie.value, "url": live_server.url}
                for name, cookie in cookies.items()
            ]
            + [{"name": "django_language", "value": language, "url": live_server.url}]
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                said.type == "error" and "409" not in said.text and complaints.append(said.text)
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((live_server.url, "data:")) or complaints.append(request.url)
            ),
        )
        page.goto(f"{live_server.url}/ui")
        page.wait_for_load_state("networkidle")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [
        (1440, "light", "zh-hans"),
        (1440, "dark", "en"),
        (390, "light", "en"),
        (390, "dark", "zh-hant"),
    ],
)
class TestEveryComponent:
    def test_passes_axe_and_fits_the_width(self, open_page, width, theme, language):
        page = open_page(width, theme, language)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if not AXE.exists():
            pytest.skip("axe is not installed (npm ci in web)")
        page.evaluate(AXE.read_text())
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        assert [
            (problem["id"], [node["html"][:160] for node in problem["nodes"][:3]])
            for problem in found["violations"]
        ] == []


class TestTheKeyboard:
    def test_skips_to_the_content(self, open_page):
        page = open_page()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

    def test_opens_the_palette_and_comes_back(self, open_page):
        page = open_page()
        # The palette's own address belongs to another part: here it finds nothing and says nothing.
        page.route("**/search?**", lambda route: route.fulfill(body="", content_type="text/html"))
        page.focus(".find")
        page.keyboard.press("Control+k")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
        page.keyboard.press("Escape")
        assert "find" in page.evaluate("document.activeElement.className")

    def test_walks_through_a_menu(self, open_page):
        page = open_page()
        page.focus("[popovertarget=menu-me]")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.closest('#menu-me')")
        first = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.textContent") != first
        page.keyboard.press("Escape")
        page.wait_for_selector("[popovertarget=menu-me][aria-expanded=false]")

    def test_opens_and_closes_a_dialog(self, open_page):
        page = open_page()
        page.click("[data-opens=sample-dialog] >> nth=0")
        assert page.is_visible("#sample-dialog")
        page.keyboard.press("Escape")
        assert not page.is_visible("#sample-dialog")


class TestThePage:
    def test_shows_a_refusal_above_itself(self, open_page):
        page = open_page()
        page.evaluate("htmx.ajax('POST', '/refuse', {target: '#main'})")
        page.wait_for_selector("#messages .notice")
        assert "This send needs 2 approvals." in page.inner_text("#messages")
        page.click("#messages [data-clears]")
        assert page.inner_text("#messages").strip() == ""

    def test_draws_a_chart_when_it_comes_near(self, open_page):
        page = open_page()
        page.locator("m-chart").first.scroll_into_view_if_needed()
        page.wait_for_selector("m-chart .chart-canvas svg path", state="attached")

    def test_keeps_the_chosen_theme(self, open_page):
        page = open_page()
        page.click("[popovertarget=menu-me]")
        page.click("[data-theme-choice=dark]")
        page.reload()
        assert page.get_attribute("html", "data-theme") == "dark"
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"

    def test_says_what_was_done_and_offers_the_way_back(self, open_page):
        page = open_page()
        detail = "{detail: {text: 'Budget line removed.', undo: '/undo/chg_1'}}"
        page.evaluate(f"document.dispatchEvent(new CustomEvent('toast', {detail}))")
        assert page.is_visible("#toasts >> text=Budget line removed.")
        assert page.is_visible("#toasts >> text=Undo")

    def test_weighs_little(self, open_page):
        """First visit at most 110 KB without the lazy chart engine (packed sizes)."""
        import gzip

        built = Path(__file__).parents[2] / "src" / "muster" / "ui" / "static" / "built"
        packed = {
            path.name: len(gzip.compress(path.read_bytes(), 9))
            for path in built.rglob("*")
            if path.suffix in {".js", ".css", ".svg"} and not path.name.startswith("engine")
        }
        assert sum(size for name, size in packed.items() if name.endswith(".css")) <= 24_000
        assert packed["t.js"] <= 2 * 1024
        assert packed["icons.svg"] <= 10_000
        assert sum(packed.values()) <= 80_000


@pytest.mark.urls("muster.config.urls")
@pytest.mark.parametrize("width", [1280, 390])
def test_long_addresses_of_links_leave_room_for_their_codes(
    workspace, stores, browser, live_server, client_for, owner, width
):
    make_link(
        "https://shop.example/autumn-tea-of-the-year-2026?ref=poster-in-the-shop-window",
        channel="store", by=owner, placement="Store 12, door",
    )  # fmt: skip
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in client_for(owner).cookies.items()
        ]
    )
    page = context.new_page()
    # News come in a stream, which the server of the tests cannot send.
    page.route("**/live*", lambda route: route.abort())
    page.goto(f"{live_server.url}/links")
    found = page.evaluate("document.documentElement.scrollWidth")
    box = page.locator("main td a", has_text="PDF").bounding_box()
    context.close()
    assert found <= width
    assert box["x"] + box["width"] <= width


def test_what_the_reader_opened_stays_open_when_news_come(open_page):
    page = open_page()
    served = page.evaluate("document.querySelector('#sample-dialog').outerHTML")
    page.locator("[data-opens=sample-dialog]").first.click()
    dialog = page.locator("#sample-dialog")
    dialog.wait_for(state="visible")
    news = served.replace("3,214 people", "3,215 people")
    page.evaluate("text => htmx.swap({ target: '#sample-dialog', swap: 'outerMorph', text })", news)
    dialog.get_by_text("3,215 people wait").wait_for()
    assert dialog.is_visible()
    dialog.get_by_role("button", name="Keep running").click()
    dialog.wait_for(state="hidden")
