"""Companies that ask for gifts by the case, and how the two who sell speak to them (PE7, PE8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from muster.config.demo.behaviour import SHOP
from muster.events import names, shape
from muster.kit import clock
from muster.people.accounts import actions as accounts
from muster.people.leads import actions as leads
from muster.people.leads.becoming import rescore
from muster.people.leads.models import Lead
from muster.people.leads.telling import tell
from muster.people.models import Account, Person
from muster.team.members.actions import make_user
from muster.team.users.models import User

CARD: dict[str, Any] = {
    "behaviour": [
        {
            "event": "Form Submitted",
            "where": [{"property": "form", "op": "eq", "value": "企业礼品询价"}],
            "points": 30,
            "half_life": 30,
            "cap": 45,
            "name": "提交企业礼品询价",
        },
        {
            "event": "Page Viewed",
            "where": [{"property": "url", "op": "contains", "value": "/enterprise"}],
            "points": 4,
            "half_life": 14,
            "cap": 24,
            "name": "浏览企业采购页",
        },
        {"event": "Page Viewed", "points": 1, "half_life": 14, "cap": 8},
        {"event": "Message Clicked", "points": 5, "half_life": 21, "cap": 20},
        {"event": "Order Completed", "points": 10, "half_life": 60, "cap": 20},
        {"event": "Unsubscribed", "points": -30, "half_life": 90, "cap": 30},
        {
            "event": "Lead Stage Changed",
            "where": [{"property": "stage", "op": "eq", "value": "recycled"}],
            "points": -25,
            "half_life": 60,
            "cap": 25,
            "name": "销售退回",
        },
    ],
    "fit": [
        {"trait": "公司", "op": "exists", "points": 30},
        {
            "trait": "职位",
            "op": "in",
            "value": ["行政总监", "采购经理", "总经理", "人事经理"],
            "points": 25,
            "name": "能决定采购的职位",
        },
        {"trait": "会员等级", "op": "in", "value": ["L3", "L4"], "points": 15},
        {"trait": "phone_region", "op": "exists", "points": 10},
    ],
    "grades": {"A": 60, "B": 40, "C": 20},
    "bands": {"hot": 45, "warm": 20},
}
MQL: dict[str, Any] = {
    "all": [
        {"score": "lead", "op": "gte", "value": 30},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}
SELLERS = (("孙悦", "sun.yue@muster.example"), ("何军", "he.jun@muster.example"))
COMPANIES = (
    ("云栖软件", "yunqi-soft.example", "软件", "large"),
    ("江南律师事务所", "jiangnan-law.example", "法律服务", "medium"),
    ("海岳银行杭州分行", "haiyue-bank.example", "金融", "huge"),
    ("蓝鲸物流", "lanjing.example", "物流", "large"),
    ("木子设计", "muzi-design.example", "设计", "small"),
    ("东篱酒店集团", "dongli-hotel.example", "酒店", "huge"),
    ("启明中学", "qiming.example", "教育", "medium"),
    ("北斗医药", "beidou-med.example", "医药", "large"),
)
"""Name, domain, industry and size; the last two are no accounts yet."""
_ACCOUNTS = 6
_TITLES = ("行政总监", "采购经理", "行政专员", "总经理", "人事经理")
_PARTS = ("decider", "buyer", "user", "influencer", "gatekeeper")
_FAMILY, _GIVEN = "陶石范姚邹熊金陆郝孔白崔", ("雯", "志远", "晓彤", "一鸣", "海燕", "建国")


@dataclass(frozen=True)
class Contact:
    """Somebody at a company, since when they look, and how seriously."""

    number: int
    company: int
    title: str
    days_ago: float
    asks: bool

    @property
    def user_id(self) -> str:
        return f"B2B{self.number:04d}"


class Market:
    """What people at companies do, and what becomes of it."""

    def __init__(self, now: datetime, rng: np.random.Generator, *, by: User) -> None:
        self.now, self.rng, self.by = now, rng, by
        self.contacts = list(self._contacts())

    def _contacts(self) -> Iterator[Contact]:
        number = 0
        for company in range(len(COMPANIES)):
            for place in range(int(self.rng.integers(3, 6))):
                # Some came two weeks ago, some this week, some this morning.
                days_ago = (13.0, 13.0, 3.0, 0.3, 0.2)[place] + float(self.rng.random()) / 8
                yield Contact(number, company, _TITLES[place], days_ago, place != 3)
                number += 1

    def events(self) -> list[bytes]:
        """Who they are, where they looked, and the form that most of them sent."""
        return [event for one in self.contacts for event in self._of(one)]

    def _of(self, one: Contact) -> Iterator[bytes]:
        name, domain, _industry, _size = COMPANIES[one.company]
        since = self.now - timedelta(days=one.days_ago)
        traits = {
            "email": f"contact{one.number:02d}@{domain}",
            "phone": f"139{one.number:08d}",
            "last_name": _FAMILY[one.number % len(_FAMILY)],
            "first_name": _GIVEN[one.number % len(_GIVEN)],
            "公司": name,
            "职位": one.title,
        }
        at = since - timedelta(minutes=40)
        yield shape.identify(traits, user_id=one.user_id, at=at, message_id=f"b2b-i{one.number}")
        looks = 2 + int(self.rng.integers(1, 5))
        for look in range(looks):
            at = since - timedelta(minutes=30 - 4 * look)
            page = {"url": f"{SHOP}/enterprise/{look}", "title": "企业采购"}
            yield shape.event(
                names.PAGE_VIEWED,
                user_id=one.user_id,
                properties=page,
                at=at,
                message_id=f"b2b-p{one.number}-{look}",
            )
        if one.asks:
            form = {"form": "企业礼品询价", "boxes": int(self.rng.integers(2, 40)) * 10}
            yield shape.event(
                "Form Submitted",
                user_id=one.user_id,
                properties=form,
                at=since,
                message_id=f"b2b-f{one.number}",
            )

    def sell(self) -> None:
        """Two weeks of selling, as far as they are by today."""
        sellers = [
            make_user(email, name=name, role="sales", password=None, by=self.by)
            for name, email in SELLERS
        ]
        self._found_companies(sellers)
        User.objects.filter(pk__in=[one.pk for one in sellers]).update(time_zone=self.by.time_zone)
        with clock.starting_at(self.now - timedelta(days=12)):
            leads.set_model(by=self.by, card=CARD, mql=MQL, on=True)
            leads.set_handover({"contact_hours": 8}, by=self.by)
            rescore(clock.now())
        first = list(Lead.objects.order_by("pk"))
        for place, lead in enumerate(first):
            self._work_on(lead, place)
        with clock.starting_at(self.now - timedelta(days=2)):
            rescore(clock.now())
        for lead in Lead.objects.filter(state="new", owner__isnull=False)[2:]:
            self._contact(lead, self.now - timedelta(days=1, hours=6), "电话没接，已加企业微信")
        with clock.starting_at(self.now - timedelta(minutes=20)):
            rescore(clock.now())
        Lead.objects.update(sample=True)
        tell(self.now + timedelta(hours=1))

    def _found_companies(self, sellers: list[User]) -> None:
        for place, (name, domain, industry, size) in enumerate(COMPANIES[:_ACCOUNTS]):
            fields: dict[str, Any] = {
                "name": name,
                "domain": domain,
                "industry": industry,
                "size": size,
            }
            fields["owner"] = sellers[place % 2]
            made = accounts.make(fields, by=self.by, now=self.now, sample=True)
            self._give_parts(made, place)

    def _give_parts(self, account: Account, company: int) -> None:
        here = [one for one in self.contacts if one.company == company]
        for one, part in zip(here, _PARTS, strict=False):
            person = Person.objects.filter(external_id=one.user_id).first()
            if person is not None and (one.number + company) % 3:
                accounts.put(account, person, part, by=self.by, now=self.now)

    def _contact(self, lead: Lead, at: datetime, text: str) -> None:
        if lead.owner:
            leads.note(
                lead,
                by=lead.owner,
                now=at,
                text=text,
                contacted=True,
                next_step="发样品和报价单",
                next_on=(self.now + timedelta(days=1 + lead.pk % 5)).date(),
            )

    def _work_on(self, lead: Lead, place: int) -> None:
        """The first ones have gone all the ways that there are."""
        owner, begun = lead.owner, self.now - timedelta(days=12)
        if owner is None:
            return
        at = begun + timedelta(hours=3 + 2 * place)
        if place % 8 == 6:
            leads.move(lead, "recycled", by=owner, now=at, reason="too_early", note="明年再采购")
            return
        self._contact(lead, at, ("想要中秋礼盒，先看样品", "要 200 盒，印公司标志")[place % 2])
        if place % 8 == 5:
            leads.move(
                lead, "lost", by=owner, now=at + timedelta(days=4), reason="price",
                note="预算只有一半",
            )  # fmt: skip
        if place % 8 in (0, 1, 3, 4):
            amount = str(8000 + 3600 * place)
            leads.move(lead, "qualified", by=owner, now=at + timedelta(days=2), amount=amount)
        if place % 8 in (0, 3):
            leads.move(lead, "won", by=owner, now=at + timedelta(days=7), note="已签合同")
