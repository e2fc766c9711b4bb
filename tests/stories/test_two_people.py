"""Two people, one plan, two browsers: nothing is lost, and both see the end without a reload."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.stories.conftest import Server, enter, invite

CAMPAIGN, TASK = "1 月会员日", "按会员等级定权益"


def test_two_people_work_on_one_plan(demo_server: Server, new_page: Callable[..., Page]) -> None:
    owner, colleague = new_page(demo_server), new_page(demo_server)
    enter(owner)
    invite(owner, colleague, name="何雯", email="he@qinghe.example", role="活动经理")
    owner.goto("/campaigns")
    campaign = owner.locator("main th a", has_text=CAMPAIGN).first.get_attribute("href")
    assert campaign
    _one_task(owner, colleague, campaign)
    _one_sentence(owner, colleague, campaign)
    _two_sums(owner, colleague, campaign)


def _one_task(owner: Page, colleague: Page, campaign: str) -> None:
    """Both have the task open; the second to save is asked, and decides."""
    for page in (owner, colleague):
        page.goto(f"{campaign}/plan")
        page.locator(".tcard").get_by_role("link", name=TASK).click()
        expect(page.get_by_label("要做什么")).to_have_value(TASK)
    owner.get_by_label("要做什么").fill("按等级定权益与门槛")
    owner.get_by_label("要做什么").press("Tab")
    # The colleague's board shows it behind the drawer, which stays as it is.
    expect(colleague.locator(".tcard", has_text="按等级定权益与门槛")).to_have_count(1)
    expect(colleague.get_by_label("要做什么")).to_have_value(TASK)
    colleague.get_by_label("要做什么").fill("按等级定权益与赠品")
    colleague.get_by_label("要做什么").press("Tab")
    clash = colleague.locator("#task .notice-warn")
    expect(clash).to_contain_text("王敏 刚刚改了")
    expect(clash).to_contain_text("按等级定权益与门槛")
    expect(clash).to_contain_text("按等级定权益与赠品")
    clash.get_by_role("button", name="用我的").click()
    expect(clash).to_have_count(0)
    expect(owner.locator(".tcard", has_text="按等级定权益与赠品")).to_have_count(1)
    # Different things do not clash: the owner's older version gives way to a new state only.
    owner.get_by_label("状态", exact=True).last.select_option(label="进行中")
    for page in (owner, colleague):
        doing = page.locator("[data-status=doing]")
        expect(doing.locator(".tcard", has_text="按等级定权益与赠品")).to_have_count(1)


def _one_sentence(owner: Page, colleague: Page, campaign: str) -> None:
    """Two core messages: the one of the other stands until somebody decides."""
    for page in (owner, colleague):
        page.goto(f"{campaign}/brief")
    owner.get_by_label("核心信息").fill("会员日，把好茶留给老朋友")
    expect(owner.locator("#brief-form .saved")).to_contain_text("已保存")
    colleague.get_by_label("核心信息").fill("会员日，积分当钱花")
    notice = colleague.locator("#messages")
    expect(notice).to_contain_text("填写期间，同事改了同样的内容")
    expect(notice).to_contain_text("会员日，把好茶留给老朋友")
    expect(notice).to_contain_text("会员日，积分当钱花")
    owner.reload()
    expect(owner.get_by_label("核心信息")).to_have_value("会员日，把好茶留给老朋友")
    notice.get_by_role("link", name="采用对方的").click()
    expect(colleague.get_by_label("核心信息")).to_have_value("会员日，把好茶留给老朋友")


def _two_sums(owner: Page, colleague: Page, campaign: str) -> None:
    """The other's sum arrives while a cell is typed into: it waits until the cell is left."""
    for page in (owner, colleague):
        page.goto(f"{campaign}/budget")
        page.locator('#sheet :is(td, th)[tabindex="0"]').wait_for()  # the sheet has its hands
    sums = [page.locator("#sheet [data-cell=planned]") for page in (owner, colleague)]
    sums[1].nth(1).dblclick()
    typed = colleague.locator(".cell-input")
    typed.fill("1234")
    sums[0].nth(0).dblclick()
    owner.locator(".cell-input").fill("4321")
    with colleague.expect_response(lambda answer: answer.url.endswith("/budget")):
        owner.locator(".cell-input").press("Enter")
    expect(sums[0].nth(0)).to_contain_text("4,321")
    expect(typed).to_have_value("1234")
    typed.fill("12345")
    typed.press("Enter")
    for cells in sums:
        expect(cells.nth(0)).to_contain_text("4,321")
        expect(cells.nth(1)).to_contain_text("12,345")
