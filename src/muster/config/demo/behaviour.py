"""What the invented people do: every day a little, and more when a mail speaks to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from muster.config.demo.people import SIZE, external_id
from muster.events import names, shape

SHOP = "https://shop.qinghe.example"
_PRODUCTS = [
    ("TEA-LJ", "明前龙井", 168.0), ("TEA-TGY", "安溪铁观音", 128.0), ("TEA-JJM", "金骏眉", 298.0),
    ("TEA-MLH", "茉莉花茶", 68.0), ("TEA-PE", "熟普洱饼", 218.0), ("CUP-01", "随行杯", 89.0),
]  # fmt: skip


@dataclass(frozen=True)
class Reached:
    """One person who got a message, and what the message's links say."""

    number: int
    person_id: int
    campaign: Mapping[str, str]
    sent_at: datetime
    url: str
    appeal: float
    """How well the mail speaks to people: 1 is usual."""


def daily_life(rng: np.random.Generator, since: datetime, until: datetime) -> list[bytes]:
    """Visits and orders that no mail asked for."""
    days = max((until - since).total_seconds() / 86400, 0.0)
    visits = rng.poisson(0.02 * days, SIZE)
    keen = rng.gamma(1.2, 1.0, SIZE)
    events = []
    for number in np.flatnonzero(visits):
        for _visit in range(int(visits[number])):
            at = since + timedelta(days=float(rng.random() * days))
            events += _visit_of(rng, int(number), at, {}, buys=rng.random() < 0.05 * keen[number])
    return events


def answers(rng: np.random.Generator, reached: list[Reached], until: datetime) -> list[bytes]:
    """Opens, clicks, visits and orders of those who got a mail, up to a moment."""
    events = []
    draws = rng.random((len(reached), 5))
    delays = rng.exponential(9.0, len(reached))
    for one, draw, hours in zip(reached, draws, delays, strict=True):
        opened_at = one.sent_at + timedelta(minutes=3, hours=float(hours))
        if draw[0] > 0.42 or opened_at > until:
            continue
        events.append(_told(names.MESSAGE_OPENED, one, opened_at, {}))
        if draw[1] > 0.21 * one.appeal:
            continue
        clicked_at = opened_at + timedelta(seconds=20 + 90 * float(draw[2]))
        events.append(_told(names.MESSAGE_CLICKED, one, clicked_at, {"url": one.url}))
        if clicked_at + timedelta(minutes=30) < until:
            buys = bool(draw[3] < 0.22 * one.appeal)
            events += _visit_of(rng, one.number, clicked_at, one.campaign, buys=buys)
    return events


def _told(name: str, one: Reached, at: datetime, properties: Mapping[str, str]) -> bytes:
    return shape.event(
        name,
        person_id=one.person_id,
        properties={"actor": "human", **properties},
        context={"campaign": dict(one.campaign)},
        at=at,
        message_id=f"demo:{name}:{one.campaign['message_id']}",
    )


def _visit_of(
    rng: np.random.Generator, number: int, at: datetime, campaign: Mapping[str, str], *, buys: bool
) -> list[bytes]:
    user, context = external_id(number), {"campaign": dict(campaign)} if campaign else {}
    events = _look(rng, user, at, context, was_sent=bool(campaign))
    if rng.random() < 0.4:
        shelf = {"url": f"{SHOP}/shelf", "title": "全部茶品", "referrer": f"{SHOP}/autumn"}
        later = at + timedelta(seconds=140)
        events.append(shape.event(names.PAGE_VIEWED, user_id=user, properties=shelf, at=later))
    if not buys:
        return events
    sku, title, price = _PRODUCTS[int(rng.integers(len(_PRODUCTS)))]
    pieces = 1 + int(rng.random() < 0.3)
    discount = 20.0 if campaign and price * pieces >= 150 else 0.0
    total = round(price * pieces - discount, 2)
    events.append(
        shape.event(
            names.ORDER_COMPLETED,
            user_id=user,
            properties={
                "order_id": f"SO{int(rng.integers(10**9)):09d}",
                "total": total,
                "revenue": total,
                "discount": discount,
                "currency": "CNY",
                "products": [
                    {"product_id": sku, "name": title, "price": price, "quantity": pieces}
                ],
            },
            context=context,
            at=at + timedelta(minutes=4 + 20 * float(rng.random())),
        )
    )
    return events


_CAME_FROM = (
    ("", ""), ("", "https://www.baidu.com/s"), ("", "https://www.google.com.hk/"),
    ("", "https://www.xiaohongshu.com/explore"), ("", "https://mp.weixin.qq.com/s/tea"),
    ("?utm_source=xhs&utm_medium=cpc&utm_campaign=autumn-feed", ""),
    ("?utm_source=poster&utm_medium=qr&utm_campaign=store-12", ""), ("", "https://teapost.example/"),
)  # fmt: skip
"""How people come who got no mail: tags of the address, and the page before."""
_BUTTONS = (
    ("#coupon", "立即领券", (20, 240, 350, 48), 0.22, False),
    ("main>section>a", "看看秋茶", (20, 700, 350, 44), 0.12, False),
    ("#buy", "加入购物车", (20, 2150, 350, 48), 0.1, False),
    ("main>img", "", (0, 320, 390, 340), 0.08, True),
)
"""What lies on the page for phones: element, words, box, how often pressed, whether in vain."""
_PAGE_HEIGHT = 2600


def _look(
    rng: np.random.Generator, user: str, at: datetime, context: Mapping[str, Any], *, was_sent: bool
) -> list[bytes]:
    """One look at the page of autumn: how far, how long, and what was pressed."""
    draws = [float(draw) for draw in rng.random(4 + len(_BUTTONS))]
    tags, referrer = _CAME_FROM[int(draws[0] * len(_CAME_FROM))]
    if was_sent:
        tags, referrer = "?utm_source=muster&utm_medium=email", ""
    screen = [390, 844] if draws[1] < 0.7 else [1440, 900]
    own = {
        "view": f"{user}-{int(at.timestamp())}",
        "url": f"{SHOP}/autumn{tags}",
        "screen": screen,
    }
    bottom = screen[1] + draws[2] ** 2 * (_PAGE_HEIGHT - screen[1])
    depth = min(100, round(100 * bottom / _PAGE_HEIGHT))
    seconds = round(4 + 120 * draws[3] * depth / 100, 1)
    seen = max(1, round(depth / 5))
    looked = {"title": "青禾茶饮", "referrer": referrer}
    left = {
        "seconds": seconds,
        "depth": depth,
        "bands": [seconds / seen * (n < seen) for n in range(20)],
    }
    told: list[tuple[str, float, Mapping[str, Any]]] = [
        (names.PAGE_VIEWED, 0.0, looked),
        (names.PAGE_LEFT, seconds, left),
    ]
    for (element, text, (x, y, width, height), often, dead), draw in zip(
        _BUTTONS, draws[4:], strict=True
    ):
        if draw < often and y < bottom:
            top = max(0, y - 400)
            place = [x + round(draw / often * width), y - top + height // 2]
            pressed = {
                "element": element, "text": text or None, "box": [x, y, width, height], "at": place,
                "top": top, "height": _PAGE_HEIGHT, "dead": dead,
                "x": round(1000 * draw / often), "y": 500,
            }  # fmt: skip
            told.append((names.ELEMENT_CLICKED, seconds / 2, pressed))
    return [
        shape.event(
            name,
            user_id=user,
            properties={**own, **more},
            context=context,
            at=at + timedelta(seconds=after),
        )
        for name, after, more in told
    ]
