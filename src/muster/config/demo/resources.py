"""Vendors, materials and risks of the sample workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from muster.config.demo.money import STUDIO
from muster.plan.campaigns.models import Campaign
from muster.plan.materials import actions as materials
from muster.plan.peaks import actions as peaks
from muster.plan.risks import actions as risks
from muster.plan.tasks.actions import edit_task
from muster.plan.tools import actions as tools
from muster.plan.training import actions as trainings
from muster.plan.vendors import actions as vendors
from muster.team.members.actions import describe
from muster.team.users.models import User

CARRIER = {
    "title": "快递爆仓，赠品晚到",
    "category": "supply",
    "likelihood": 3,
    "impact": 4,
    "sign": "承运商通知，或客服一天内收到十次催件",
    "response": "提前三天发货，把华东订单分给两家承运商。",
    "plan": [
        {"kind": "statement", "text": "您的赠品可能晚到两天，我们附赠一张运费券表示歉意。"},
        {"kind": "task", "text": "联系备用承运商，改派华东订单"},
        {"kind": "backup_vendor", "text": "迅达物流"},
    ],
}


def plan_resources(running: Campaign, owner: User, team: Mapping[str, User]) -> None:
    """What lies where, who delivers, and what may go wrong."""
    operator = team["operator"]
    store, shop = (
        materials.add_place(name, region, by=owner)
        for name, region in (("上海总仓", "华东"), ("徐汇门店", "华东"))
    )
    cups = materials.add_material(
        "暖冬保温杯", by=operator, code="6921168509256", unit="个", unit_cost=Decimal("18.50"),
        low_at=80,
    )  # fmt: skip
    tea = materials.add_material(
        "试饮茶包", by=operator, code="6921168500123", unit="包", unit_cost=Decimal("0.80")
    )
    materials.receive(cups, store, 400, by=operator, note="首批到货")
    materials.receive(tea, store, 3000, by=operator, note="首批到货")
    materials.arrive(materials.send(tea, store, shop, 600, by=operator), 596, by=operator)
    materials.send(cups, store, shop, 60, by=operator)
    held = materials.reserve(running, cups, store, 240, by=operator)
    materials.hand_out(held, 20, by=operator)
    materials.reserve(running, tea, shop, 500, by=operator)
    backup = vendors.add_vendor(
        {"name": "顺捷快运", "scope": "华东同城与次日达", "contact": "周经理 021-5555 0182"},
        by=owner,
    )
    carrier = vendors.add_vendor(
        {
            "name": "迅达物流",
            "scope": "全国配送",
            "contact": "吴先生 021-5555 0107",
            "critical": True,
            "backup": backup,
        },
        by=owner,
    )
    # What it is paid stands on the line that names it.
    studio = vendors.add_vendor({"name": STUDIO, "scope": "主视觉与短片"}, by=owner)
    visual = vendors.plan_delivery(
        running, studio, "主视觉与三张详情图", running.starts - timedelta(days=4), by=owner,
        amount=Decimal(1600), criteria=["分层源文件齐全", "人物肖像授权书", "深色版可读"],
    )  # fmt: skip
    vendors.order(visual, by=owner)
    vendors.deliver(visual, running.starts - timedelta(days=5), by=owner)
    for place in range(3):
        vendors.tick(visual, place, met=True, by=owner)
    vendors.accept(visual, 5, by=owner)
    vendors.pay(visual, by=owner)
    vendors.plan_delivery(
        running, carrier, "赠品配送，分两批", running.ends - timedelta(days=6), by=owner,
        amount=Decimal(900), criteria=["签收率不低于 98%", "破损不超过 3 件"],
    )  # fmt: skip
    risks.add_risk(running, {**CARRIER, "owner": operator}, by=owner)
    risks.add_risk(
        running,
        {
            "title": "赠品送完，活动还没结束",
            "category": "supply",
            "likelihood": 2,
            "impact": 5,
            "owner": operator,
            "trigger": {"metric": "free_stock", "op": "lt", "value": "40"},
            "response": "可用低于 40 件就改送茶包，并改页面文案。",
            "plan": [
                {"kind": "task", "text": "页面与邮件改为「送试饮茶包」"},
                {"kind": "pause_sends", "text": ""},
            ],
        },
        by=owner,
    )
    risks.add_risk(
        running,
        {
            "title": "退订明显变多",
            "category": "opinion",
            "likelihood": 2,
            "impact": 3,
            "trigger": {"metric": "unsubscribe_rate", "op": "gt", "value": "0.02"},
            "plan": [{"kind": "pause_sends", "text": ""}],
        },
        by=owner,
    )


def staff(running: Campaign, owner: User, team: Mapping[str, User]) -> None:
    """Who can do what, who learns something, and people from an agency for the busiest days."""
    for role, skills in (("content", ["设计", "文案"]), ("analyst", ["数据分析"])):
        describe(team[role], hours=Decimal(8), skills=skills, by=owner)
    for title, skill, hours in (
        ("首周数据跟踪", "数据分析", None),
        ("第二轮素材", "短视频剪辑", None),
        ("社媒加推", "客服", Decimal(48)),
    ):
        task = running.tasks.get(title=title)
        edit_task(task, {"skill": skill, "hours": hours}, by=owner)
    training, _change = trainings.plan_training(
        running, team["content"], "短视频剪辑", running.starts + timedelta(days=6),
        ["看完剪辑课程", "独立剪出一条 30 秒短片", "按品牌规范配字幕"], by=owner,
    )  # fmt: skip
    for place in (0, 1):
        trainings.pass_item(training, place, True, by=owner)
    for name, purpose, monthly, days in (
        ("稿定设计", "海报和头图", "199.00", 21),
        ("问卷星", "活动后的满意度问卷", "120.00", 240),
    ):
        fields = {
            "name": name,
            "purpose": purpose,
            "owner": team["content"],
            "monthly": Decimal(monthly),
            "contract_ends": running.ends + timedelta(days=days),
        }
        tools.add_tool(fields, by=owner)
    peaks.plan_peak(
        running,
        {
            "skill": "门店促销",
            "first": running.ends - timedelta(days=2),
            "last": running.ends,
            "heads": 3,
            "trained": 2,
            "items": ["会员价怎么说", "核销流程走一遍"],
            "source": "周末兼职，由徐汇门店招",
        },
        by=owner,
    )


def come_true(campaign: Campaign, *, first: bool, owner: User, operator: User) -> None:
    """The risks of a campaign of the past, one of which came true, in the first both."""
    late = risks.add_risk(campaign, CARRIER, by=owner)
    price = {"title": "竞品同日降价", "likelihood": 4, "impact": 3}
    competitor = risks.add_risk(campaign, price, by=owner)
    if first:
        risks.settle(risks.fire(late, by=operator), "handled", by=owner)
    risks.settle(risks.fire(competitor, by=operator), "handled", by=owner)
