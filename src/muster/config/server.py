"""`muster up`: the server, with the built-in inbox beside it and the sender as its child.

`muster web`, `collect` and `work` are its parts, for installations that run them apart.
"""

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
from typing import Literal

import uvicorn
import uvloop
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from django.urls import get_resolver
from django.utils import translation
from servestatic import ServeStaticASGI

from muster.channels.links.doors import Links as MessageLinks
from muster.collector.app import Collector
from muster.collector.links import Links
from muster.config import far, process
from muster.config.asgi import App, Receive, Root, Scope, Send, served
from muster.connect.inbox import InboxServer
from muster.kit.errors import Refused
from muster.kit.memory import settle
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
        current = stack.enter_context(process.owning_stores("server", receives=True))
        if demo:
            from muster.config.demo.build import build

            build()
        stack.enter_context(_sender(inbox_port))
        local = stack.enter_context(_for_commands())
        url = _address(host, port)
        sys.stdout.write(
            f"Muster runs on {url}\nData is in {settings.DATA.root}\nStop it with Ctrl-C.\n"
        )
        sys.stdout.flush()
        if browser:
            threading.Timer(1, webbrowser.open, [url]).start()
        settle()
        uvloop.run(_run(_application(current), [listening, local]))


def serve_pages(*, host: str, port: int) -> None:
    """Run the pages and the API, and as the owner of the warehouse what works behind them."""
    get_resolver()._populate()
    _refuse_a_second_owner("web")
    signal.signal(signal.SIGTERM, _end)
    listening = _listen(host, port)
    with process.owning_stores("web", receives=True), _for_commands() as local:
        sys.stdout.write(f"The pages are on {_address(host, port)}\n")
        sys.stdout.flush()
        uvloop.run(_run(_pages(), [listening, local], lifespan="off"))


def serve_door(*, host: str, port: int) -> None:
    """Run the door for events alone; as many as wanted may share one data folder."""
    far.refuse_alone(process.is_owned)
    _refuse_an_old_database()
    signal.signal(signal.SIGTERM, _end)
    listening = _listen(host, port)
    with process.writing_stores("collect", carries=True) as current:
        sys.stdout.write(f"The door for events is on {_address(host, port)}\n")
        sys.stdout.flush()
        uvloop.run(_run(_collector(current), [listening]))


def work() -> None:
    """Run what nobody sees: loader, jobs and clock; commands are answered, pages are not."""
    get_resolver()._populate()
    _refuse_a_second_owner("work")
    signal.signal(signal.SIGTERM, _end)
    with process.owning_stores("work", receives=True), _for_commands() as local:
        sys.stdout.write(f"Loader, jobs and clock run on {settings.DATA.root}\n")
        sys.stdout.flush()
        uvloop.run(_run(_pages(), [local], lifespan="off"))


def _refuse_a_second_owner(role: str) -> None:
    if process.is_owned():
        raise Refused(
            _(
                "Another process holds the warehouse of %(folder)s, and only one may: web, work "
                "and up cannot run beside each other on one data folder. Stop that one, or run "
                "`muster up`, which does the work of all; collect and send may run beside it."
            ),
            folder=settings.DATA.root,
            role=role,
        )


def _refuse_an_old_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused(
            _(
                "The record store is not up to date. Start `muster up`, `muster web` or `muster "
                "work` first, or run `muster migrate`."
            )
        )
    connection.close()


def _address(host: str, port: int) -> str:
    return f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::1') else host}:{port}"  # noqa: S104


@contextmanager
def _for_commands() -> Iterator[socket.socket]:
    """The socket by which commands reach this process."""
    settings.DATA.socket.unlink(missing_ok=True)
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    local.bind(str(settings.DATA.socket))
    settings.DATA.socket.chmod(0o600)
    try:
        yield local
    finally:
        settings.DATA.socket.unlink(missing_ok=True)


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
    collector, pages = _collector(current), _pages()

    async def pages_with_figures(scope: Scope, receive: Receive, send: Send) -> None:
        scope["collector_counters"] = collector.counters
        await pages(scope, receive, send)

    return Root(collector, served(pages_with_figures))


def _pages() -> App:
    static = settings.PACKAGE / "ui" / "static"
    pages: App = ServeStaticASGI(get_asgi_application(), root=static, prefix="static/")
    return pages


def _collector(current: Stores) -> Collector:
    ours = MessageLinks(current.signer)
    links = Links(ours.open_, ours.click, short)
    return Collector(current.spool, write_key_name, links, in_language)


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


async def _run(
    app: App, sockets: list[socket.socket], lifespan: Literal["on", "off"] = "on"
) -> None:
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        lifespan=lifespan,
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
