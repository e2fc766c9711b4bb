"""WeCom (企业微信) group robots: `…/cgi-bin/webhook/send?key=KEY`; the key is the whole secret.

errcode 0 is good; 45009 says that the twenty messages of a minute are used up; 93000 that there is
no such robot.
"""

from __future__ import annotations

import httpx

from muster.connect.robots.wire import Place, Post, clipped, exchange, judge

HOST = "https://qyapi.weixin.qq.com"
PATH = "/cgi-bin/webhook/send"
_MOST = 4096
_BUSY = frozenset({-1, 45009, 45033})


def send(client: httpx.Client, place: Place, post: Post, *, host: str = HOST) -> None:
    """Write into the group."""
    link = f"\n[{post.link or post.url}]({post.url})" if post.url else ""
    content = clipped(f"**{post.title}**\n{post.text}", _MOST - len(link.encode())) + link
    body = {"msgtype": "markdown", "markdown": {"content": content}}
    answer = exchange(client, host + PATH, {"key": place.token}, body)
    judge(answer.get("errcode"), answer.get("errmsg"), _BUSY)
