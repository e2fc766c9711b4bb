"""Every screen of the sample workspace: whole, in Chinese, readable on a phone, and accessible."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page

from muster.config.words import LOCALE
from tests.stories.conftest import SHOTS, Server, serious

RUNNING, FINISHED = "岁末暖饮季", "老客唤醒"
BROKEN = ("{{", "{%", "%(", "[object", "undefined", "NaN")
"""What a page shows when something in it went wrong."""
NO_STYLE = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""The hash of nothing: an empty style, which the browser's driver sets for its pictures."""
TOKENS = {"mail", "facts"}
"""Screens that show tokens with their two braces."""
MAIN = (
    "my", "campaigns", "calendar", "overview", "brief", "board", "gantt", "raci", "risks", "budget", "results",
    "retro", "people", "person", "segment", "mail", "sends", "send", "review", "roi", "library",
)  # fmt: skip
"""The screens that are looked at in every theme and language; the others in one of each width."""


@pytest.mark.timeout(1800)  # a hundred screens and what opens in them, each read by axe
@pytest.mark.parametrize(
    ("width", "dark", "language", "with_axe", "whole"),
    [
        pytest.param(1440, False, "zh-Hans", True, False, id="desk-light"),
        pytest.param(390, True, "zh-Hans", True, True, id="phone-dark", marks=pytest.mark.slow),
        pytest.param(1440, True, "zh-Hans", True, True, id="desk-dark", marks=pytest.mark.slow),
        pytest.param(390, False, "zh-Hans", False, False, id="phone-light", marks=pytest.mark.slow),
        pytest.param(1440, False, "en", True, True, id="desk-english", marks=pytest.mark.slow),
        pytest.param(
            1440, False, "zh-Hant", False, False, id="desk-traditional", marks=pytest.mark.slow
        ),
    ],
)
def test_every_screen_is_whole(
    demo_server: Server,
    new_page: Callable[..., Page],
    request: pytest.FixtureRequest,
    width: int,
    dark: bool,
    language: str,
    with_axe: bool,
    whole: bool,
) -> None:
    page = new_page(demo_server, width=width, language=language, dark=dark)
    page.goto("/")
    page.locator("form[action$='/demo/enter'] button").click()
    page.wait_for_url("**/my")
    said: list[str] = []
    page.on(
        "console",
        lambda line: (
            said.append(line.text) if line.type == "error" and NO_STYLE not in line.text else None
        ),
    )
    folder = SHOTS / request.node.callspec.id.removeprefix("chromium-")
    folder.mkdir(parents=True, exist_ok=True)
    faults = {}
    opened: set[str] = set()
    screens = _screens(page)
    if whole:
        screens |= _further(page, screens["overview"])
    for name, address in screens.items():
        if not with_axe and name not in MAIN:
            continue
        said.clear()
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, address
        broken = BROKEN if name not in TOKENS else BROKEN[1:]

        def look(place: str, broken: tuple[str, ...] = broken) -> None:
            found = [*_faults(page, language, broken), *said]
            if with_axe:
                found += [str(one) for one in serious(page)]
            said.clear()
            if found:
                faults[place] = found

        look(name)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        for what in _drawers(page, opened) if whole else ():
            look(f"{name}, {what}")
            page.screenshot(path=folder / f"{name}--{len(opened)}.png")
    assert faults == {}


def _drawers(page: Page, opened: set[str]) -> Iterator[str]:
    """Opens each dialog and drawer that the screen offers, one of a kind, and shuts it again."""
    openers = page.locator(
        "[data-opens], [hx-get][hx-target='#drawer'], [hx-get][hx-target='#dialog']"
    )
    for number in range(openers.count()):
        opener = openers.nth(number)
        what = opener.get_attribute("data-opens") or opener.get_attribute("hx-get") or ""
        kind = re.sub(r"[a-z]{3}_\w+|\d+|\?.*|[a-z_]+\.[a-z_]+", "#", what)
        if kind in opened or not opener.is_visible():
            continue
        opened.add(kind)
        opener.click()
        page.locator("dialog[open]").wait_for()
        yield kind
        page.evaluate("document.querySelectorAll('dialog[open]').forEach(one => one.close())")


def _further(page: Page, running: str) -> dict[str, str]:
    """The screens that most people open now and then."""
    return {
        "activity": f"{running}/activity",
        "notices": "/notices",
        "new-send": "/sends/new",
        "accounts": "/accounts",
        "account": next(iter(_links(page, "/accounts", "main tbody a").values())),
        "leads": "/leads",
        "lead": next(iter(_links(page, "/leads", "main a[href^='/leads/led']").values())),
        "handover": "/leads/handover",
        "scoring": "/leads/scoring",
        "quality": "/people/quality",
        "duplicates": "/people/duplicates",
        "law": "/consent/law",
        "requests": "/consent/requests",
        "topics": "/consent/topics",
        "links": "/links",
        "web": "/insights/web",
        "insights": "/insights",
        "checks": "/settings/checks",
        "roles": "/settings/roles",
        "robots": "/settings/robots",
        "budget-rules": "/settings/budget",
        "holidays": "/settings/holidays",
        "leave": "/settings/leave",
        "policy": "/settings/approvals/send",
        "member": next(
            iter(_links(page, "/settings/members", "main a[href*='/members/usr']").values())
        ),
        "components": "/ui",
    }


def _screens(page: Page) -> dict[str, str]:
    """Screen → address; ids are read from the lists, as a person finds them."""
    campaigns = _links(page, "/campaigns", "main th a")
    running, finished = campaigns[RUNNING], campaigns[FINISHED]
    send = next(iter(_links(page, "/sends", "main tbody a[href^='/sends/snd']").values()))
    return {
        "my": "/my",
        "campaigns": "/campaigns",
        "new": "/campaigns/new",
        "calendar": "/calendar",
        "calendar-week": "/calendar?view=week",
        "calendar-quarter": "/calendar?view=quarter",
        "calendar-year": "/calendar?view=year",
        "calendar-agenda": "/calendar?view=agenda",
        "planner": "/calendar/planner",
        "overview": running,
        "brief": f"{running}/brief",
        "readiness": f"{running}/readiness",
        "standup": "/my/standup",
        "objectives": "/objectives",
        "strategy": f"{running}/brief/strategy",
        "facts": f"{running}/brief/facts",
        "board": f"{running}/plan",
        "tasks": f"{running}/plan/list",
        "gantt": f"{running}/plan/gantt",
        "raci": f"{running}/plan/raci",
        "resources": f"{running}/plan/resources",
        "risks": f"{running}/plan/risks",
        "materials": "/materials",
        "vendors": "/vendors",
        "tools": "/tools",
        "personas": "/personas",
        "budget": f"{running}/budget",
        "months": f"{running}/budget/months",
        "curve": f"{running}/budget/curve",
        "ledger": f"{running}/budget/ledger",
        "small-budget": f"{running}/budget/small?amount=20000",
        "campaign-content": f"{running}/content",
        "campaign-sends": f"{running}/sends",
        "results": f"{running}/results",
        "retro": f"{finished}/retro",
        "people": "/people",
        "person": next(iter(_links(page, "/people", "main tbody a").values())),
        "import": "/people/import",
        "consent": "/consent",
        "segments": "/segments",
        "segment": next(iter(_links(page, "/segments", "main tbody a").values())),
        "content": "/content",
        "mail": next(iter(_links(page, "/content", "main tbody a").values())),
        "sends": "/sends",
        "send": send,
        "review": f"{send}/review",
        "roi": "/insights/roi",
        "funnel": "/insights/funnel?template=mail",
        "library": "/library",
        "settings": "/settings",
        "members": "/settings/members",
        "general": "/settings/general",
        "profile": "/settings/profile",
        "tokens": "/settings/tokens",
        "jobs": "/settings/jobs",
        "approvals": "/settings/approvals",
        "inbox": "/sink",
    }


def _links(page: Page, address: str, which: str) -> dict[str, str]:
    page.goto(address)
    found = page.eval_on_selector_all(
        which, "all => all.map(one => [one.innerText.trim(), one.getAttribute('href')])"
    )
    return dict(found)


def _faults(page: Page, language: str, broken: tuple[str, ...]) -> list[str]:
    """What anybody would see to be wrong."""
    text = page.locator("body").inner_text()
    found = [f"shows {sign}" for sign in broken if sign in text]
    if language != "en":
        found += ["shows None"] if "None" in text else []
        lines = {line.strip() for line in text.splitlines()}
        found += [f"English: {line}" for line in sorted(lines & ENGLISH)]
    if page.locator("h1").count() != 1:
        found.append("has more than one main heading")
    if "青禾茶饮" not in page.title():
        found.append(f"is called {page.title()}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("is wider than the window")
    return found


def _english() -> frozenset[str]:
    """Texts of ours that a Chinese page must not show."""
    texts = set()
    for path in LOCALE.glob("*/zh_Hans/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.id != message.string:
                    texts.add(message.id)
    return frozenset(text for text in texts if len(text) > 2)


ENGLISH = _english()
