"""Feishu (飞书) group robots: `…/open-apis/bot/v2/hook/TOKEN`, signed when there is a secret.

The signature is HMAC-SHA256 over nothing, with `timestamp\\nsecret` as key, in base64, in the body
beside the timestamp in seconds; it holds for an hour. code 0 is good; 11232 says too many; 19021
that the signature does not fit, 19022 the address, 19024 the keyword.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import httpx

from muster.connect.robots.wire import Place, Post, clipped, exchange, judge
from muster.kit import clock

HOST = "https://open.feishu.cn"
PATH = "/open-apis/bot/v2/hook/"
_MOST = 18_000
_BUSY = frozenset({11232})


def signature(secret: str, at: datetime) -> dict[str, str]:
    """The two fields that prove who sends."""
    timestamp = str(int(at.timestamp()))
    mac = hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": timestamp, "sign": base64.b64encode(mac).decode()}


def send(client: httpx.Client, place: Place, post: Post, *, host: str = HOST) -> None:
    """Write into the group."""
    content: list[list[dict[str, str]]] = [
        [{"tag": "text", "text": line}] for line in clipped(post.text, _MOST).split("\n")
    ]
    if post.url:
        content.append([{"tag": "a", "text": post.link or post.url, "href": post.url}])
    body: dict[str, Any] = {
        "msg_type": "post",
        "content": {"post": {"zh_cn": {"title": post.title, "content": content}}},
    }
    if place.secret:
        body |= signature(place.secret, clock.now())
    answer = exchange(client, f"{host}{PATH}{place.token}", {}, body)
    judge(answer.get("code", answer.get("StatusCode")), answer.get("msg"), _BUSY)
