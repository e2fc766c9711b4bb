"""Asking addresses of the web: what they say, and which are never asked."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from muster.connect import web
from muster.connect.web import Answer, Verdict, ask, is_public

PUBLIC = "93.184.215.14"


class Net:
    """A net of names and pages; notes what it was asked."""

    def __init__(self, names, pages):
        self.names, self.pages, self.asked = names, pages, []

    def resolve(self, host, port):
        if host not in self.names:
            raise OSError("no such name")
        found = self.names[host]
        # A name may lead elsewhere when it is asked again.
        return found.pop(0) if isinstance(found[0], list) else found

    def answer(self, request):
        self.asked.append((request.url.host, request.headers["Host"]))
        said = self.pages.get(request.headers["Host"] + request.url.path, 404)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            return httpx.Response(302, headers={"Location": said})
        return httpx.Response(said, content=b"x" * 10)

    def ask(self, url, own=""):
        transport = httpx.MockTransport(self.answer)
        return ask(url, own=own, resolve=self.resolve, transport=transport)


@pytest.fixture
def net():
    return Net(
        {
            "shop.example": [PUBLIC],
            "inside.example": ["10.0.0.7"],
            "both.example": [PUBLIC, "192.168.1.1"],
            "muster.example": ["127.0.0.1"],
        },
        {
            "shop.example/sale": 200,
            "shop.example/old": "/sale",
            "shop.example/round": "/about",
            "shop.example/about": "/round",
            "shop.example/in": "http://inside.example/admin",
            "shop.example/mail": "mailto:a@b.example",
            "shop.example/guarded": 403,
            "shop.example/broken": 500,
            "shop.example/slow": httpx.ReadTimeout("slow"),
            "muster.example/page": 200,
        },
    )


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://shop.example/sale?utm_source=x#top", Answer(Verdict.WELL, 200)),
        (
            "https://shop.example/old",
            Answer(Verdict.WELL, 200, "https://shop.example/sale"),
        ),
        ("https://shop.example/gone", Answer(Verdict.MISSING, 404)),
        ("https://shop.example/broken", Answer(Verdict.BROKEN, 500)),
        ("https://shop.example/guarded", Answer(Verdict.GUARDED, 403)),
        ("https://shop.example/slow", Answer(Verdict.SILENT)),
        (
            "https://shop.example/round",
            Answer(Verdict.BROKEN, 302, "https://shop.example/round"),
        ),
        ("https://nobody.example/", Answer(Verdict.UNKNOWN_HOST)),
        ("ftp://shop.example/x", Answer(Verdict.BROKEN)),
        ("https://shop.example/mail", Answer(Verdict.BROKEN)),
        ("https://inside.example/", Answer(Verdict.PRIVATE)),
        ("https://both.example/", Answer(Verdict.PRIVATE)),
        ("https://shop.example/in", Answer(Verdict.PRIVATE, 0, "http://inside.example/admin")),
    ],
    ids=[
        "well", "leads-on", "missing", "broken", "guarded", "slow", "round", "unknown", "ftp",
        "mail", "private", "one-private", "leads-inside",
    ],
)  # fmt: skip
def test_an_address_says(net, url, wanted):
    assert net.ask(url) == wanted
    assert not any(host in {"10.0.0.7", "192.168.1.1"} for host, _name in net.asked)


def test_the_question_goes_to_the_address_that_was_looked_at(net):
    net.names["shop.example"] = [[PUBLIC], ["10.0.0.7"]]
    assert net.ask("https://shop.example/sale").verdict is Verdict.WELL
    assert net.asked == [(PUBLIC, "shop.example")]
    assert net.ask("https://shop.example/sale").verdict is Verdict.PRIVATE


def test_our_own_address_may_lie_anywhere_but_nothing_beside_it(net):
    own = "https://muster.example"
    assert net.ask("https://muster.example/page", own).verdict is Verdict.WELL
    assert net.ask("https://muster.example:9200/page", own).verdict is Verdict.PRIVATE
    assert net.ask("http://muster.example/page", own).verdict is Verdict.PRIVATE
    assert net.ask("https://inside.example/", own).verdict is Verdict.PRIVATE


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::", "2001:db8::1", "fec0::1", "168.63.129.16", "::ffff:168.63.129.16",
        "100.100.100.200", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"])
def test_public_addresses_are(address):
    assert is_public(address)


def test_a_server_that_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(web, "SECONDS", 0.4)
    done = threading.Event()

    def drip(listener):
        sock, _at = listener.accept()
        with sock:
            sock.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not done.wait(0.1):
                try:
                    sock.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=drip, args=[listener], daemon=True).start()
        own = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Timer(5, done.set).start()
        begun = time.monotonic()
        assert ask(f"{own}/", own=own) == Answer(Verdict.SILENT)
        assert time.monotonic() - begun < 3
        done.set()


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(web, "SECONDS", 0.2)
    answers = threading.Event()

    def resolve(host, port):
        answers.wait(5)
        return [PUBLIC]

    begun = time.monotonic()
    assert ask("https://shop.example/", resolve=resolve) == Answer(Verdict.SILENT)
    assert time.monotonic() - begun < 3
    answers.set()


def test_a_real_server_is_asked_without_its_body():
    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/here" else 404)
            self.end_headers()

        def log_message(self, *said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        own = f"http://localhost:{server.server_port}"
        assert ask(f"{own}/here", own=own) == Answer(Verdict.WELL, 200)
        assert ask(f"{own}/there", own=own) == Answer(Verdict.MISSING, 404)
        assert ask(f"{own}/here") == Answer(Verdict.PRIVATE)
    finally:
        server.shutdown()
        server.server_close()
