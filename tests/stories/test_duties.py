"""Duties and checks by keyboard alone, in the sample workspace."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.stories.conftest import Server, serious


def _entered(page: Page, name: str) -> str:
    """Signs in as the sample owner; the address of a campaign."""
    page.goto("/")
    page.locator("form[action$='/demo/enter'] button").click()
    page.wait_for_url("**/my")
    page.goto("/campaigns")
    address = page.locator("main th a", has_text=name).first.get_attribute("href")
    assert address
    return address


def test_a_gap_in_the_matrix_is_closed_without_a_mouse(
    demo_server: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page(demo_server)
    page.goto(_entered(page, "岁末暖饮季") + "/plan/raci")
    broken = page.get_by_role("row", name="社媒加推")
    expect(broken).to_contain_text("缺当责人 A")
    page.locator('[data-cell][tabindex="0"]').focus()
    for place, wanted, key in ((0, "社媒加推", "ArrowDown"), (1, "王敏", "ArrowRight")):
        for _step in range(30):
            # The name of a cell is its task, its person, and the letters.
            # The page may draw itself anew meanwhile; the focus comes back to where it was.
            name = page.wait_for_function("document.activeElement.ariaLabel").json_value()
            if name.rpartition(": ")[0].split(", ")[place] == wanted:
                break
            page.keyboard.press(key)
    page.keyboard.press("a")
    expect(page.locator("#raci-effects")).to_contain_text("王敏 成为「社媒加推」的当责人")
    assert serious(page) == []
    page.locator("#raci-effects").get_by_role("button", name="校验并发布").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#raci .asof").first).to_have_text("每项任务都有人负责")
    expect(broken).not_to_contain_text("缺当责人")
    page.reload()
    expect(broken.locator('[aria-label*=", 王敏: "]')).to_have_text("A")


def test_a_check_is_waived_in_sight_of_everybody(
    demo_server: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page(demo_server)
    campaign = _entered(page, "新春礼盒预售")
    page.goto(f"{campaign}/readiness?open=1")
    page.locator("#checks").get_by_role("button", name="豁免").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("为何可以忽略").fill("先做预售页，目标下周补")
    assert serious(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#camp")).to_contain_text("已豁免 2 项检查")
    page.goto(f"{campaign}/readiness")
    expect(page.locator("#checks")).to_contain_text("先做预售页，目标下周补")
