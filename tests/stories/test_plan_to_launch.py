"""From a template to the launch, in Chinese: what blocks it, where each is mended, and who signs.

One browser for the marketer, one each for the owner and the lawyer who sign. Of ¥200,000 the template gives 36 % to
ads, 14 % to creators, 10 % to messages, 9 % to design, 5 % to service staff, 3 % to tools, 13 % to
the reserve and 10 % to what may be moved; so every sum below can be worked out by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.stories.conftest import SHOTS, Server, enter, invite, serious

NAME = "年货大促"
TASKS = 24
SIGNS = ("{%", "%(", "[object", "undefined", "NaN", "None")
"""What a page shows when something in it went wrong; a token of a fact has its two braces."""


def test_a_template_becomes_a_running_campaign(
    demo_server: Server, new_page: Callable[..., Page]
) -> None:
    owner, marketer, lawyer = (new_page(demo_server) for _person in range(3))
    enter(owner)
    invite(owner, lawyer, name="沈岚", email="shen@qinghe.example", role="法务审核")
    invite(owner, marketer, name="许晴", email="xu@qinghe.example", role="活动经理")
    campaign = _begin(marketer)
    _write_down_a_fact(marketer, campaign)
    _ask(marketer, campaign)
    _approve(owner, lawyer)
    _is_refused(marketer, "活动要用邮件，但还没有写")
    _write_the_mail(marketer)
    _waive(marketer, campaign, "触点均已就绪", "其余触点在活动中补齐")
    _waive(marketer, campaign, "每个渠道都有带参数的链接", "门店与广告由代理打标签")
    _verify(marketer, owner, campaign)
    _overspend(marketer, campaign)
    _is_refused(marketer, "方案在批准后有改动")
    _mend_the_sum(marketer, campaign)
    marketer.get_by_role("button", name="更多操作").click()
    marketer.get_by_role("button", name="重新提交审批").click()
    _approve(owner, lawyer)
    _launch(marketer, owner, campaign)


def _begin(page: Page) -> str:
    """Six inputs, and a look at all that they bring."""
    page.goto("/campaigns")
    page.get_by_role("link", name="新建活动").click()
    shoot(page, "shelf")
    page.get_by_role("link", name="大促").click()
    page.get_by_label("名称").fill(NAME)
    page.get_by_label("总预算").fill("200000")
    expect(page.get_by_label("主目标")).to_have_value("revenue")
    page.get_by_label("基线").fill("400000")
    page.get_by_label("目标值").fill("520000")
    page.get_by_label("目标值").press("Tab")
    preview = page.locator("#preview")
    expect(preview.get_by_role("row", name="广告投放")).to_contain_text("¥72,000")
    expect(preview.get_by_role("row", name="预备金")).to_contain_text("¥26,000")
    expect(preview).to_contain_text("¥520,000")
    expect(preview).to_contain_text(f"{TASKS} 项任务")
    preview.get_by_label("首日断货").uncheck()
    assert serious(page) == []
    shoot(page, "preview")
    page.get_by_role("button", name="创建活动").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    campaign = page.url
    shoot(page, "overview")
    page.goto(f"{campaign}/plan")
    expect(page.locator(".tcard")).to_have_count(TASKS)
    page.goto(f"{campaign}/plan/risks")
    expect(page.locator("main")).to_contain_text("消息打扰过多")
    expect(page.locator("main")).not_to_contain_text("首日断货")
    return campaign


def _write_down_a_fact(page: Page, campaign: str) -> None:
    page.goto(f"{campaign}/brief/facts")
    page.get_by_role("button", name="添加事实").click()
    form = page.locator("#fact-form")
    form.get_by_label("事实名称").fill("礼盒到手价")
    form.get_by_label("事实标识").fill("price.box")
    form.get_by_label("通用的值").fill("199")
    form.get_by_label("依据说明").fill("价格委员会 11 月纪要")
    form.get_by_role("button", name="登记").click()
    expect(page.locator("#sheet").get_by_role("row", name="礼盒到手价")).to_contain_text("未核实")
    shoot(page, "facts")


def _ask(page: Page, campaign: str) -> None:
    """The checks count what is missing, but do not stand in the way of asking."""
    page.goto(f"{campaign}/readiness?open=1")
    checks = page.locator("#checks")
    expect(checks).to_contain_text("还没有写。请从一种开头写起")
    expect(checks).to_contain_text("事实「礼盒到手价」尚未核实")
    assert serious(page) == []
    shoot(page, "checks")
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator("#camp .chip").first).to_contain_text("待审")


def _approve(owner: Page, lawyer: Page) -> None:
    """The workspace's policy asks for two signatures, one for the money and one for the law."""
    for page, state in ((owner, "待审批"), (lawyer, "已批准")):
        page.goto("/my")
        page.locator("main .item").get_by_role("link", name=NAME).first.click()
        expect(page.locator("#pane")).to_contain_text(NAME)
        page.locator("#pane").get_by_role("link", name="打开页面").click()
        expect(page).to_have_url(re.compile("/reviews/"))
        expect(page.locator(".decide")).to_contain_text("决定只对这个版本有效")
        shoot(page, "room")
        page.locator(".decide").get_by_role("button", name="批准").click()
        expect(page.locator(".decide")).to_have_count(0)
        expect(page.locator("main .chip").first).to_contain_text(state)


def _is_refused(page: Page, why: str) -> None:
    """The launch is refused, and the refusal says why."""
    page.locator("#steps").get_by_role("button", name="上线").click()
    refusal = page.locator("#messages")
    expect(refusal).to_contain_text("项阻断上线")
    expect(refusal).to_contain_text(why)


def _write_the_mail(page: Page) -> None:
    """The refusal leads to the e-mails; the beginning is filled in until nothing stops it."""
    page.locator("#messages").get_by_role("link", name="还没有写").click()
    page.get_by_label("名称").fill("年货抢先看")
    page.get_by_role("button", name="开始写").click()
    expect(page.locator("#checks")).to_contain_text("阻断")
    page.get_by_label("主题").fill("年货清单抢先看：礼盒到手 ¥199")
    page.get_by_label("大标题").fill("今年的年货，先挑先得")
    expect(page.locator("#fields .saved")).to_contain_text("已保存")
    page.locator("#editor ol").get_by_role("link", name="按钮").click()
    page.get_by_label("点击后打开").fill("https://shop.example/nianhuo")
    expect(page.locator("#checks")).not_to_contain_text("阻断")
    shoot(page, "mail")


def _waive(page: Page, campaign: str, check: str, reason: str) -> None:
    """Whoever answers for the campaign goes on although a check fails, and says why."""
    page.goto(f"{campaign}/readiness?open=1")
    row = page.locator("#checks li", has_text=check)
    row.get_by_role("button", name="豁免").click()
    page.get_by_label("为何可以忽略").fill(reason)
    page.get_by_role("button", name="确认豁免").click()
    expect(row).to_have_count(0)


def _verify(page: Page, owner: Page, campaign: str) -> None:
    """Only the fact stands in the way now; somebody else says that it is right."""
    page.goto(campaign)
    _is_refused(page, "事实「礼盒到手价」尚未核实")
    expect(page.locator("#messages")).to_contain_text("1 项阻断上线")
    page.locator("#messages").get_by_role("link", name="礼盒到手价").click()
    expect(page).to_have_url(re.compile("/facts#fct_"))
    address = page.url
    owner.goto(address)
    owner.get_by_role("button", name="核实 礼盒到手价").click()
    # The page of the marketer, who only waits, says so by itself.
    expect(page.locator("#sheet tr[id^=fct_]")).to_contain_text("已核实")


def _overspend(page: Page, campaign: str) -> None:
    """A line more than there is money for, after the plan was approved."""
    page.goto(f"{campaign}/budget")
    form = page.locator("#add-line")
    form.get_by_label("用途").fill("抖音加推")
    form.get_by_label("计划").fill("5000")
    form.get_by_role("button", name="新增科目").click()
    expect(page.locator("#sheet")).to_contain_text("抖音加推")


def _mend_the_sum(page: Page, campaign: str) -> None:
    """The new line is paid out of the ads: ¥72,000 − ¥5,000."""
    page.locator("#messages").get_by_role("link", name="超出总额").click()
    expect(page).to_have_url(f"{campaign}/budget")
    row = page.locator("#sheet").get_by_role("row", name="广告投放")
    row.locator("[data-cell=planned]").dblclick()
    row.locator(".cell-input").fill("=72000-5000")
    row.locator(".cell-input").press("Enter")
    expect(row).to_contain_text("¥67,000")
    expect(page.locator("#sheet tfoot")).to_contain_text("¥200,000")
    shoot(page, "budget")


def _launch(page: Page, owner: Page, campaign: str) -> None:
    page.locator("#steps").get_by_role("button", name="上线").click()
    expect(page.locator("#camp .chip").first).to_contain_text("进行中")
    for one in (page, owner):
        one.goto(campaign)
        expect(one.locator("#camp .chip").first).to_contain_text("进行中")
    assert serious(page) == []
    shoot(page, "running")


def shoot(page: Page, name: str) -> None:
    """A picture of the page, which has to be whole."""
    text = page.locator("body").inner_text()
    assert [sign for sign in SIGNS if sign in text] == []
    folder = SHOTS / "launch"
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=folder / f"{name}.png", full_page=True)
