"""`muster up`: the server, with the built-in inbox beside it and the sender as its child."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import uvicorn
import uvloop
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import close_old_connections
from django.http import HttpRequest
from django.urls import get_resolver
from django.utils import translation
from servestatic import ServeStaticASGI

from muster.channels.links.doors import Links as MessageLinks
from muster.collector.app import Collector
from muster.collector.links import Links
from muster.config import process
from muster.config.asgi import App, Root, Scope
from muster.connect.inbox import InboxServer
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.stores import Stores
from muster.team.tokens.models import WriteKey
from muster.track.links.doors import short
from muster.ui import live

log = logging.getLogger("muster")


def serve(*, host: str, port: int, demo: bool, browser: bool) -> None:
    """Run Muster until it is told to stop."""
    get_resolver()._populate()  # a broken page is told at the start, not to the first visitor
    signal.signal(signal.SIGTERM, _end)
    listening = _listen(host, port)
    with ExitStack() as stack:
        inbox_port = stack.enter_context(_inbox()) if settings.INBOX else None
        current = stack.enter_context(process.owning_stores("server"))
        if demo:
            from muster.config.demo.build import build

            build()
        stack.enter_context(_sender(inbox_port))
        settings.DATA.socket.unlink(missing_ok=True)
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        local.bind(str(settings.DATA.socket))
        settings.DATA.socket.chmod(0o600)
        stack.callback(settings.DATA.socket.unlink, missing_ok=True)
        url = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::1') else host}:{port}"  # noqa: S104
        sys.stdout.write(
            f"Muster runs on {url}\nData is in {settings.DATA.root}\nStop it with Ctrl-C.\n"
        )
        sys.stdout.flush()
        if browser:
            threading.Timer(1, webbrowser.open, [url]).start()
        uvloop.run(_run(_application(current), [listening, local]))


def _end(number: int, frame: FrameType | None) -> None:
    """Leave through every `finally`; the web server passes the signal on once it has stopped."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise Refused(
            _("Port %(port)s is taken: %(why)s. Choose another with --port."),
            port=port,
            why=error.strerror,
        ) from error
    return listening


def _application(current: Stores) -> App:
    static = settings.PACKAGE / "ui" / "static"
    pages = ServeStaticASGI(get_asgi_application(), root=static, prefix="static/")
    ours = MessageLinks(current.signer)
    links = Links(ours.open_, ours.click, short)
    collector = Collector(current.spool, write_key_name, links, in_language)

    async def pages_with_figures(scope: Scope, receive: object, send: object) -> None:
        scope["collector_counters"] = collector.counters
        await pages(scope, receive, send)

    return Root(collector, pages_with_figures)


def write_key_name(key: str) -> str | None:
    """The name of a write key that is valid now."""
    close_old_connections()
    found = WriteKey.objects.filter(key=key, revoked_at=None).values_list("name", flat=True).first()
    close_old_connections()
    return found


def in_language(text: str, accepted: str) -> str:
    """A sentence in the first language of the caller that Muster speaks."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted
    with translation.override(translation.get_language_from_request(request)):
        return translation.gettext(text)


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        live.closing.set()
        super().handle_exit(sig, frame)


async def _run(app: App, sockets: list[socket.socket]) -> None:
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=False,
    )
    await _Server(config).serve(sockets=sockets)


@contextmanager
def _inbox() -> Iterator[int]:
    """The built-in inbox; yields its port and tells mail to colleagues to go there too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    inbox = InboxServer(settings.DATA.inbox, port)
    inbox.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    try:
        yield port
    finally:
        inbox.stop()


@contextmanager
def _sender(inbox_port: int | None) -> Iterator[None]:
    """The sender as a child process; started again when it dies."""
    stop = threading.Event()
    environment = dict(
        os.environ, MUSTER_DATA=str(settings.DATA.root), MUSTER_PARENT=str(os.getpid())
    )
    if inbox_port is not None:
        environment["MUSTER_INBOX_URL"] = f"smtp://127.0.0.1:{inbox_port}"
    children: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while not stop.is_set():
            child = subprocess.Popen(
                [sys.executable, "-m", "muster", "send"], env=environment, start_new_session=True
            )
            children.append(child)
            began = time.monotonic()
            child.wait()
            children.clear()
            if not stop.is_set():
                log.warning("The sender ended with %s and is started again", child.returncode)
                stop.wait(0.2 if time.monotonic() - began > 5 else 2)

    thread = threading.Thread(target=keep_running, name="sender", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        for child in children:
            child.send_signal(signal.SIGTERM)
        thread.join(7)
        for child in children:
            child.kill()
