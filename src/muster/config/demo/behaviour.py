"""What the invented people do: every day a little, and more when a mail speaks to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    events = [
        shape.event(
            names.PAGE_VIEWED,
            user_id=user,
            properties={"url": f"{SHOP}/autumn", "title": "青禾茶饮"},
            context=context,
            at=at,
        )
    ]
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
