"""Mail servers that misbehave as told, and one that behaves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answer = Callable[[str], str | None]
"""A command, or `<content>` after the final dot → the answer; None hangs up."""


class Scripted:
    """A mail server that answers each command as the script says."""

    def __init__(self, answer: Answer, offers: tuple[str, ...] = ("PIPELINING",)) -> None:
        self.said: list[str] = []
        self.contents: list[bytes] = []
        self._answer = answer
        self._offers = offers

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            command = line.decode().strip()
            self.said.append(command)
            if command.startswith("EHLO"):
                lines = ["hello", *self._offers]
                marks = ["-"] * (len(lines) - 1) + [" "]
                text = "".join(f"250{m}{w}\r\n" for m, w in zip(marks, lines, strict=True))
                writer.write(text.encode())
                continue
            answer = self._answer(command)
            if answer is None:
                return
            writer.write(f"{answer}\r\n".encode())
            if answer.startswith("354"):
                content = b""
                while (part := await reader.readline()) not in (b".\r\n", b""):
                    content += part[1:] if part.startswith(b".") else part
                self.contents.append(content)
                answer = self._answer("<content>")
                if answer is None:
                    return
                writer.write(f"{answer}\r\n".encode())


@asynccontextmanager
async def listening(server: Scripted) -> AsyncIterator[int]:
    """The server on a port of this machine."""
    async with serving(server.talk) as port:
        yield port


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[int]:
    """Any conversation on a port of this machine; ends all of them at the end."""
    talks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    running = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()
        await asyncio.sleep(0.01)
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def good(command: str) -> str:
    """The answers of a server that takes everything."""
    if command == "DATA":
        return "354 go on"
    return "250 ok"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
