"""The planning half without a mouse: where the focus is can always be seen, and it is never lost."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.stories.conftest import Server

CAMPAIGN, TASK = "岁末暖饮季", "确定返场方案"
RING = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "lost";
  const drawn = one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  // A field's frame may be drawn around it, a bar's frame is its own edge.
  const frame = at.closest("label.input, .input-well, .choice");
  const bar = at.querySelector(":scope > .g-body, :scope > .g-milestone, :scope > .g-whole");
  if (drawn(at) || (frame && drawn(frame))) return "";
  if (bar && parseFloat(getComputedStyle(bar).strokeWidth) >= 3) return "";
  return `not seen: ${at.outerHTML.slice(0, 160)}`;
}"""
HIDDEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth;
}"""


class Keys:
    """Hands on the keyboard: after every key the focus has to be somewhere, and to be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.is_seen(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def is_seen(self, after: str) -> None:
        assert self.page.evaluate(RING) == "", after

    def tab_to(self, goal: Locator, *, key: str = "Tab", most: int = 90) -> None:
        """Tab by Tab, as a person gets there; each stop is looked at."""
        expect(goal).to_be_visible()
        for _step in range(most):
            self.press(key)
            if goal.evaluate("one => one === document.activeElement"):
                assert not self.page.evaluate(HIDDEN), "out of sight"
                return
        raise AssertionError(f"{goal} is not reached by {key}")

    def stays(self, goal: Locator) -> None:
        """The focus is on this, also after all that comes in from the server has been drawn."""
        expect(goal).to_be_focused()
        self.page.wait_for_timeout(400)
        expect(goal).to_be_focused()
        self.is_seen("swap")


def test_the_plan_is_made_without_a_mouse(
    demo_server: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page(demo_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    keys = Keys(page)
    _come_in(page, keys)
    _find(page, keys)
    _open_a_card(page, keys)
    _move_a_bar(page, keys)
    _give_a_duty(page, keys)
    _write_sums(page, keys)
    _move_a_day(page, keys)
    _approve(page, keys)


def _come_in(page: Page, keys: Keys) -> None:
    page.goto("/")
    keys.tab_to(page.locator("form[action$='/demo/enter'] button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/my")
    keys.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keys.press("Tab")
    assert page.evaluate("Boolean(document.activeElement.closest('main'))")
    page.reload()
    keys.tab_to(page.locator(".rail").get_by_role("link", name="活动"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/campaigns")


def _find(page: Page, keys: Keys) -> None:
    """The palette finds the campaign by the first letters of its sounds."""
    keys.press("Tab")
    before = page.locator(":focus")
    kept = before.element_handle()
    keys.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    keys.press("Escape")
    assert kept.evaluate("one => one === document.activeElement")
    keys.press("Control+k")
    keys.type("smnyj")
    option = page.locator('[role="option"][aria-selected="true"]')
    expect(option).to_contain_text(CAMPAIGN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(CAMPAIGN)


def _open_a_card(page: Page, keys: Keys) -> None:
    """Tab 3 is the plan; a card opens, closes, and is moved to another column and back."""
    page.keyboard.press("3")
    page.wait_for_url(re.compile("/plan$"))
    link = page.locator(".tcard").get_by_role("link", name=TASK)
    keys.tab_to(link)
    page.keyboard.press("Enter")
    expect(page.get_by_label("要做什么")).to_have_value(TASK)
    assert page.evaluate("Boolean(document.activeElement.closest('#drawer'))")
    keys.is_seen("opened")
    keys.press("Tab", "Tab", "Escape")
    keys.stays(link)
    for key, column in (("ArrowRight", "doing"), ("ArrowLeft", "todo")):
        keys.press("m", key, "Enter")
        expect(page.locator(f"[data-status={column}] .tcard", has_text=TASK)).to_have_count(1)
        keys.stays(link)


def _move_a_bar(page: Page, keys: Keys) -> None:
    """A day later by keys: moved, and taken back; Esc leaves all as it was."""
    keys.tab_to(page.locator("main").get_by_role("link", name="甘特图"), key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gantt")
    bar = page.locator(f'g.g-bar[aria-label^="{TASK}"]')
    starts = bar.get_attribute("data-start")
    keys.tab_to(bar)
    keys.press("m", "ArrowRight", "Escape")
    assert bar.get_attribute("transform") is None
    keys.press("m", "ArrowRight")
    expect(page.locator("m-gantt [data-status]")).not_to_be_empty()
    page.keyboard.press("Enter")
    _agree(page, keys)
    expect(bar).not_to_have_attribute("data-start", starts or "")
    keys.stays(bar)
    page.keyboard.press("Control+z")
    expect(bar).to_have_attribute("data-start", starts or "")
    keys.stays(bar)


def _agree(page: Page, keys: Keys) -> None:
    """If other tasks move too, the answer is a question: it is answered by keys as well."""
    question = page.locator("#dialog[open]").get_by_role("button", name="执行")
    moved = page.locator("#toasts .toast", has_text="已移动")
    expect(question.or_(moved).first).to_be_visible()
    if question.is_visible():
        keys.tab_to(question)
        page.keyboard.press("Enter")
        expect(moved).to_be_visible()


def _give_a_duty(page: Page, keys: Keys) -> None:
    keys.tab_to(page.locator("main").get_by_role("link", name="RACI 责任"), key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/raci")
    keys.tab_to(page.locator('[data-cell][tabindex="0"]'))
    cell = page.locator(f'[aria-label^="{TASK}, "]').last
    for _step in range(30):
        if page.evaluate("document.activeElement.ariaLabel").startswith(f"{TASK}, "):
            break
        keys.press("ArrowDown")
    keys.press("End")
    expect(cell).to_be_focused()
    keys.press("c")
    apply = page.locator("#raci-effects").get_by_role("button", name="校验并发布")
    keys.tab_to(apply)
    page.keyboard.press("Enter")
    expect(cell).to_have_text("C")
    keys.stays(cell)


def _write_sums(page: Page, keys: Keys) -> None:
    """A sum is typed, a block comes from a spreadsheet, and both are taken back."""
    page.keyboard.press("4")
    page.wait_for_url("**/budget")
    cells = page.locator("#sheet [data-cell=estimate]")
    expect(cells.first).to_be_visible()
    before = [cells.nth(at).inner_text() for at in range(3)]
    keys.tab_to(page.locator('#sheet td[tabindex="0"], #sheet th[tabindex="0"]').first)
    for _step in range(12):
        if page.evaluate("document.activeElement.dataset.cell") == "estimate":
            break
        keys.press("ArrowRight")
    keys.press("Enter")
    page.keyboard.press("Control+a")
    keys.type("=12*800")
    page.keyboard.press("Enter")
    expect(cells.nth(0)).to_contain_text("9,600")
    keys.stays(cells.nth(1))
    page.evaluate("navigator.clipboard.writeText('2,345\\n1,234')")
    page.keyboard.press("Control+v")
    expect(cells.nth(1)).to_contain_text("2,345")
    expect(cells.nth(2)).to_contain_text("1,234")
    keys.stays(cells.nth(1))
    page.keyboard.press("Control+z")
    expect(cells.nth(1)).to_have_text(before[1])
    page.keyboard.press("Control+z")
    expect(cells.nth(0)).to_have_text(before[0])
    keys.stays(cells.nth(1))


def _move_a_day(page: Page, keys: Keys) -> None:
    page.keyboard.press("g")
    page.keyboard.press("k")
    page.wait_for_url("**/calendar")
    tile = page.locator("m-calendar .cal-tile[data-tile]", has_text=TASK)
    keys.press("ArrowRight")
    day = tile.locator("xpath=ancestor::td[1]").get_attribute("data-date") or ""
    keys.tab_to(tile)
    keys.press("m", "ArrowRight", "Escape")
    expect(tile).to_be_focused()
    keys.press("m", "ArrowRight")
    page.keyboard.press("Enter")
    place = tile.locator("xpath=ancestor::td[1]")
    expect(place).not_to_have_attribute("data-date", day)
    keys.stays(tile)


def _approve(page: Page, keys: Keys) -> None:
    """From the list of work into the room, and the decision."""
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/my")
    waiting = page.locator("main .item").get_by_role("link", name=f"{CAMPAIGN} 提醒").first
    keys.press("j", *["k"] * 20)
    for _step in range(20):
        if waiting.evaluate("one => one === document.activeElement"):
            break
        keys.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane")).to_contain_text(f"{CAMPAIGN} 提醒")
    keys.tab_to(page.locator("#pane").get_by_role("link", name="打开页面").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/reviews/**")
    keys.press("Tab")
    page.keyboard.press("a")
    expect(page.locator(".decide")).to_have_count(0)
    expect(page.locator("main .chip").first).to_contain_text("已批准")
