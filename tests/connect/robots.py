"""The three chat services, as their documents say they answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
SECRET = "SEC0123456789abcdef"


class Service:
    """Checks who sends and what, takes at most `most` messages, and remembers them."""

    def __init__(self, most: int = 20) -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked = 0
        self.most = most
        self.now = time.time
        self.silent = False

    def wecom(self, query: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("key") != [KEY]:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}
        if body.get("msgtype") not in {"text", "markdown"}:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        content = body[body["msgtype"]].get("content", "")
        if not content:
            return {"errcode": 44004, "errmsg": "text content is empty"}
        if len(content.encode()) > 4096:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if len(self.taken) >= self.most:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        self.taken.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def dingtalk(self, query: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("access_token") != [KEY]:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        timestamp = query.get("timestamp", ["0"])[0]
        mac = hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256)
        if query.get("sign") != [base64.b64encode(mac.digest()).decode()]:
            return {"errcode": 310000, "errmsg": "sign not match"}
        if abs(self.now() * 1000 - int(timestamp)) > 3_600_000:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if len(self.taken) >= self.most:
            return {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        self.taken.append(body)
        return {"errcode": 0, "errmsg": "ok"}

    def feishu(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        if token != KEY:
            return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"}
        key = f"{body.get('timestamp')}\n{SECRET}".encode()
        sign = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if body.get("sign") != sign or abs(self.now() - int(body["timestamp"])) > 3600:
            return {
                "code": 19021,
                "msg": "sign match fail or timestamp is not within one hour from current time",
            }
        if len(self.taken) >= self.most:
            return {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform]"}
        self.taken.append(body)
        return {
            "StatusCode": 0,
            "StatusMessage": "success",
            "code": 0,
            "data": {},
            "msg": "success",
        }


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """The address of all three on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            service.asked += 1
            if service.silent:
                return
            if parts.path == "/cgi-bin/webhook/send":
                answer = service.wecom(query, body)
            elif parts.path == "/robot/send":
                answer = service.dingtalk(query, body)
            else:
                answer = service.feishu(parts.path.rpartition("/")[2], body)
            raw = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(2)
