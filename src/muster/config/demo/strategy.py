"""What the running sample campaign says to people on their way, channel by channel (PL12)."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from muster.content.emails.models import Email
from muster.plan.campaigns.models import Campaign
from muster.plan.strategy.actions import set_cell
from muster.team.users.models import User

CELLS = (
    ("awareness", "社媒", "围炉有茶：三十秒短片，达人同款", "content", "ready", ""),
    ("awareness", "email", "礼盒上新：围炉有茶，先睹为快", "content", "ready", "暖饮季·礼盒"),
    ("interest", "社媒", "直播间问答：冬天喝什么茶", "content", "making", ""),
    ("interest", "email", "天凉了，泡一壶：按体质选茶", "content", "ready", "暖饮季·问候"),
    ("consideration", "email", "礼盒里有什么，和单买比省多少", "content", "making", ""),
    ("purchase", "email", "暖饮礼盒 ¥199，门店也能用", "operator", "ready", "暖饮季·礼盒"),
    ("service", "email", "冲泡指南与换货说明，随单寄出", "operator", "planned", ""),
    ("loyalty", "email", "周末到店围炉试饮，第二杯半价", "operator", "ready", "暖饮季·门店"),
)
"""Stage, channel, words, who makes it, how far it is, and the e-mail that says it."""
_LEFT_OUT = (("purchase", "社媒"),)
"""Nothing is sold there on purpose: the shop could not count it."""


def fill_the_map(campaign: Campaign, people: Mapping[str, User], *, by: User) -> None:
    """Cells as the team would have written them."""
    mails = {mail.name: mail for mail in Email.objects.filter(campaign=campaign)}
    for stage, channel, text, who, status, mail in CELLS:
        link = reverse("content:edit", args=[mails[mail].pk]) if mail in mails else ""
        fields = {"text": text, "owner": people[who], "status": status, "link": link}
        set_cell(campaign, stage, channel, fields, by=by)
    for stage, channel in _LEFT_OUT:
        set_cell(campaign, stage, channel, {"status": "left_out"}, by=by)
