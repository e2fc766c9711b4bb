"""DingTalk (钉钉) group robots: `…/robot/send?access_token=TOKEN`, signed when there is a secret.

The signature is HMAC-SHA256 over `timestamp\\nsecret` with the secret as key, in base64, beside the
timestamp in milliseconds; it holds for an hour. errcode 0 is good; 130101 says too many in a
minute; 310000 that signature, keyword or address are wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

import httpx

from muster.connect.robots.wire import Place, Post, clipped, exchange, judge
from muster.kit import clock

HOST = "https://oapi.dingtalk.com"
PATH = "/robot/send"
_MOST = 18_000
_BUSY = frozenset({-1, 130101, 130102, 90018})


def signature(secret: str, at: datetime) -> dict[str, str]:
    """The two parameters that prove who sends."""
    timestamp = str(int(at.timestamp() * 1000))
    mac = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(mac).decode()}


def send(client: httpx.Client, place: Place, post: Post, *, host: str = HOST) -> None:
    """Write into the group."""
    link = f"\n\n[{post.link or post.url}]({post.url})" if post.url else ""
    text = post.text.replace("\n", "\n\n")
    content = clipped(f"**{post.title}**\n\n{text}", _MOST - len(link.encode())) + link
    params = {"access_token": place.token}
    if place.secret:
        params |= signature(place.secret, clock.now())
    body = {"msgtype": "markdown", "markdown": {"title": clipped(post.title, 120), "text": content}}
    answer = exchange(client, host + PATH, params, body)
    judge(answer.get("errcode"), answer.get("errmsg"), _BUSY)
