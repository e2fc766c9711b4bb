"""The plan of the running sample campaign: who does what until when, and what waits for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from muster.kit.days import WorkCalendar
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import add_task, edit_task
from muster.plan.tasks.linking import add_dependency
from muster.plan.tasks.models import Task
from muster.plan.tasks.replanning import set_baseline
from muster.team.calendars.working import work_calendar
from muster.team.users.models import User


@dataclass(frozen=True)
class Piece:
    """One task; its days are working days from the first day of the campaign."""

    key: str
    title: str
    phase: str
    who: str
    start: int
    days: int
    after: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    checked: int = 0
    state: str = ""
    """done or doing; else by its days: what lies before today is done."""
    blocked: str = ""
    about: str = ""


PLAN = (
    Piece("brief", "定稿简报与目标", "prepare", "owner", -16, 2, about="campaign"),
    Piece("segment", "圈选目标客群", "prepare", "operator", -14, 2, ("brief",)),
    Piece(
        "visual",
        "主视觉设计",
        "prepare",
        "content",
        -14,
        4,
        ("brief",),
        ("三个方向", "门店竖版", "邮件头图"),
        3,
    ),
    Piece("copy", "撰写邮件文案", "prepare", "content", -10, 3, ("brief",)),
    Piece("coupon", "配置优惠券并试核销", "prepare", "operator", -12, 3, ("segment",)),
    Piece("page", "搭建商城活动页", "prepare", "operator", -9, 4, ("visual",)),
    Piece("print", "门店海报付印", "prepare", "content", -7, 2, ("visual",)),
    Piece("legal", "审查文案与价格", "prepare", "legal", -7, 2, ("visual", "copy")),
    Piece("test", "全链路测试", "prepare", "operator", -4, 2, ("legal", "coupon", "page")),
    Piece("live", "活动上线", "launch", "owner", 0, 0, ("test", "print")),
    Piece("mail1", "发送首轮邮件", "launch", "operator", 0, 1, ("live",)),
    Piece(
        "watch",
        "首周数据跟踪",
        "peak",
        "analyst",
        1,
        5,
        ("mail1",),
        ("每日成交", "退订率", "渠道成本", "门店客流", "首周小结"),
        2,
        "doing",
    ),
    Piece(
        "visual2",
        "第二轮素材",
        "peak",
        "content",
        1,
        3,
        ("mail1",),
        ("主图", "文案", "短视频", "门店屏"),
        1,
        "doing",
    ),
    Piece("stock", "门店补货到位", "peak", "owner", 2, 2, blocked="供应商尚未确认到货时间"),
    Piece("legal2", "审查第二轮素材", "peak", "legal", 4, 1, ("visual2",)),
    Piece("social", "社媒加推", "peak", "content", 5, 3, ("legal2",)),
    Piece("mail2", "发送第二轮邮件", "peak", "operator", 6, 1, ("legal2", "stock")),
    Piece("encore", "确定返场方案", "encore", "owner", 5, 2),
    Piece("mail3", "发送返场邮件", "encore", "operator", 8, 1, ("encore", "mail2")),
    Piece("end", "活动结束", "encore", "owner", 9, 0, ("mail3", "social")),
    Piece("numbers", "汇总成效数据", "review", "analyst", 10, 2, ("end", "watch")),
    Piece("retro", "复盘会", "review", "owner", 12, 1, ("numbers",)),
)


def plan_work(campaign: Campaign, people: Mapping[str, User], today: date) -> None:
    """Write the plan down as the team would have: tasks, links, the promise, and one delay."""
    owner = people["owner"]
    calendar = work_calendar(today)
    made: dict[str, Task] = {}
    for piece in PLAN:
        made[piece.key] = add_task(
            campaign, _fields(piece, campaign, calendar, today), by=owner, to=[people[piece.who]]
        )
        for before in piece.after:
            add_dependency(made[before], made[piece.key], by=owner)
    stuck = next(piece for piece in PLAN if piece.blocked)
    edit_task(
        made[stuck.key],
        {"blocked_reason": stuck.blocked, "unblocker": people["operator"]},
        by=owner,
    )
    set_baseline(campaign, by=owner)
    # The new pictures take longer than promised: the chart shows by how much.
    edit_task(made["visual2"], {"days": 4}, by=people["content"])


def _fields(
    piece: Piece, campaign: Campaign, calendar: WorkCalendar, today: date
) -> dict[str, Any]:
    first = calendar.shift(campaign.starts, piece.start)
    last = calendar.shift(first, max(piece.days - 1, 0))
    fields: dict[str, Any] = {
        "title": piece.title,
        "phase": piece.phase,
        "days": piece.days,
        "milestone": not piece.days,
        "due": campaign.starts if piece.key == "live" else last,
        "checklist": [
            {"text": text, "done": place < piece.checked}
            for place, text in enumerate(piece.checklist)
        ],
    }
    if piece.about:
        fields |= {"about_kind": piece.about, "about_id": campaign.pk}
    if (last < today or piece.key == "live") and not piece.state and not piece.blocked:
        done = campaign.starts if piece.key == "live" else last
        began = min(first, done)
        fields |= {"status": Task.Status.DONE, "started_on": began, "done_on": done}
    elif piece.state == "doing":
        share = 100 * piece.checked // len(piece.checklist)
        began = min(first, today)
        fields |= {"status": Task.Status.DOING, "started_on": began, "progress": share}
    elif first > today:
        fields["not_before"] = first
    return fields
