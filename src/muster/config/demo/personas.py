"""For whom the running sample campaign is: two people as the team would describe them (PE6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from muster.people.personas import actions
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.plan.strategy.actions import set_personas
from muster.team.users.models import User

PERSONAS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (
        "乌龙与红茶爱好者",
        {
            "name": "懂茶的林姐",
            "who": "三十五岁上下，住在江浙沪，家里常备三四种茶，天冷爱喝红茶和普洱。",
            "aims": "喝到当季的好茶，送礼拿得出手。",
            "pains": "礼盒里常有自己不喝的茶，冲泡说明写得太简单。",
            "objections": "怕礼盒比单买贵，怕送到时包装压坏。",
            "words": "头春、焙火、回甘、自饮还是送人",
            "channels": ["邮件", "门店"],
            "hours": "晚饭后和周末上午",
        },
    ),
    (
        "60 天未下单的会员",
        {
            "name": "忙起来就忘的小周",
            "who": "二十多岁，在公司附近的门店买过几次，最近两个月没有再来。",
            "aims": "下午提神，暖手，能在五分钟内拿到。",
            "pains": "排队太久，优惠藏得太深。",
            "objections": "不想为一杯茶专门绕路。",
            "words": "顺路、第二杯半价、少糖",
            "channels": ["邮件", "社媒"],
            "hours": "工作日下午三点前后",
        },
    ),
)
"""The segment whose numbers stand behind each, and what the team wrote."""


def describe_people(campaign: Campaign, *, by: User) -> None:
    """The personas, counted, and the campaign that is for them."""
    made = [
        actions.refresh(
            actions.describe(
                {**fields, "segment": Segment.objects.get(name=segment)}, by=by, sample=True
            )
        )
        for segment, fields in PERSONAS
    ]
    set_personas(campaign, made, by=by)
