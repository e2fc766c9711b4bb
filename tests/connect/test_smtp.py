"""Handing messages over: every answer belongs to one message, whatever the server does (CH1)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from muster.connect import smtp
from muster.connect.smtp import Connection, Letter, Outcome, Server, ServerTrouble, Verdict
from tests.connect.servers import Answer, Scripted, free_port, good, listening, serving


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def letters(*names: str) -> list[Letter]:
    return [
        Letter("b+1@muster.example", f"{name}@x.example", f"Subject: {name}\r\n\r\nHi\r\n".encode())
        for name in names
    ]


async def deliver(port: int, many: list[Letter]) -> list[Outcome]:
    """Over one connection after the other, as long as there are letters."""
    outcomes: list[Outcome] = []
    wire = Connection(Server("127.0.0.1", port))
    await wire.open()
    for place, letter in enumerate(many):
        if not wire.is_open:
            wire = Connection(Server("127.0.0.1", port))
            await wire.open()
        following = many[place + 1] if place + 1 < len(many) else None
        outcomes.append(await wire.send(letter, following))
    await wire.quit()
    return outcomes


def handed_over(answer: Answer, *names: str, offers: tuple[str, ...] = ("PIPELINING",)) -> Any:
    server = Scripted(answer, offers)

    async def work() -> list[Outcome]:
        async with listening(server) as port:
            return await deliver(port, letters(*names))

    return server, run(work())


class TestAGoodServer:
    def test_takes_the_bytes_as_they_are(self):
        server = Scripted(good)
        content = b"Subject: dots\r\n\r\n.\r\n..two\r\nend"

        async def work() -> Outcome:
            async with listening(server) as port:
                return (await deliver(port, [Letter("a@b.c", "d@e.f", content)]))[0]

        assert run(work()).verdict is Verdict.ACCEPTED
        assert server.contents == [content + b"\r\n"]

    def test_hears_several_commands_at_once_only_if_it_offers_that(self):
        server, outcomes = handed_over(good, "a", "b", "c", offers=("SIZE 1000",))
        assert [o.verdict for o in outcomes] == [Verdict.ACCEPTED] * 3
        assert server.said[1] == "MAIL FROM:<b+1@muster.example> SIZE=18"
        assert server.said[-1] == "QUIT"

    def test_sends_to_a_real_one(self, tmp_path: Path):
        class Keeper:
            kept: list[bytes] = []

            async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
                self.kept.append(envelope.original_content)
                return "250 kept"

        controller = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            outcomes = run(deliver(controller.port, letters("a", "b")))
        finally:
            controller.stop()
        assert [o.verdict for o in outcomes] == [Verdict.ACCEPTED] * 2
        assert Keeper.kept == [letter.content for letter in letters("a", "b")]


class TestRefusals:
    def test_belong_to_the_address_that_was_refused(self):
        def answer(command: str) -> str:
            if command == "RCPT TO:<b@x.example>":
                return "550 5.1.1 no such user"
            if command == "RCPT TO:<c@x.example>":
                return "451 4.7.1 later"
            return good(command)

        server, outcomes = handed_over(answer, "a", "b", "c", "d")
        assert [o.verdict for o in outcomes] == [
            Verdict.ACCEPTED, Verdict.PERMANENT, Verdict.TEMPORARY, Verdict.ACCEPTED,
        ]  # fmt: skip
        assert outcomes[1].reply is not None
        assert (outcomes[1].stage, outcomes[1].reply.enhanced) == ("rcpt", "5.1.1")
        # A server that says 354 all the same got nothing for those two.
        assert [c for c in server.contents if c] == [
            letters("a")[0].content,
            letters("d")[0].content,
        ]

    def test_of_the_content_belong_to_the_message(self):
        turns = iter(["250 ok", "554 5.7.1 spam", "452 4.2.2 full"])

        def answer(command: str) -> str:
            return next(turns) if command == "<content>" else good(command)

        _server, outcomes = handed_over(answer, "a", "b", "c")
        assert [(o.verdict, o.stage) for o in outcomes] == [
            (Verdict.ACCEPTED, "body"), (Verdict.PERMANENT, "body"), (Verdict.TEMPORARY, "body"),
        ]  # fmt: skip

    @pytest.mark.parametrize("offers", [("PIPELINING",), ()])
    def test_of_the_sender_are_told_apart(self, offers):
        def answer(command: str) -> str:
            return "550 5.7.1 not you" if command.startswith("MAIL") else "503 first MAIL"

        _server, outcomes = handed_over(answer, "a", offers=offers)
        assert (outcomes[0].verdict, outcomes[0].stage) == (Verdict.PERMANENT, "mail")

    def test_without_pipelining_end_the_transaction_before_the_next(self):
        def answer(command: str) -> str:
            return "550 5.1.1 no" if "b@x" in command else good(command)

        server, outcomes = handed_over(answer, "a", "b", "c", offers=())
        assert [o.verdict for o in outcomes] == [
            Verdict.ACCEPTED, Verdict.PERMANENT, Verdict.ACCEPTED,
        ]  # fmt: skip
        assert server.said[server.said.index("RCPT TO:<b@x.example>") + 1] == "RSET"


class TestABrokenConnection:
    def test_before_the_content_nothing_has_begun(self):
        _server, outcomes = handed_over(lambda c: None if c.startswith("RCPT") else good(c), "a")
        assert outcomes[0].verdict is Verdict.NOT_BEGUN

    def test_after_the_final_dot_the_outcome_is_unknown(self):
        _server, outcomes = handed_over(lambda c: None if c == "<content>" else good(c), "a")
        assert outcomes[0].verdict is Verdict.UNKNOWN

    def test_421_before_the_content_is_not_the_fault_of_the_message(self):
        _server, outcomes = handed_over(lambda _c: "421 4.3.2 closing", "a")
        assert outcomes[0].verdict is Verdict.NOT_BEGUN
        assert outcomes[0].reply is not None
        assert outcomes[0].reply.code == 421

    def test_421_after_the_content_is_an_answer(self):
        _server, outcomes = handed_over(
            lambda c: "421 4.3.2 closing" if c == "<content>" else good(c), "a"
        )
        assert outcomes[0].verdict is Verdict.TEMPORARY

    def test_a_silent_server_is_waited_for_only_so_long(self, monkeypatch):
        monkeypatch.setattr(smtp, "AFTER_DOT_SECONDS", 0.05)

        async def work() -> Outcome:
            async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.write(b"220 hello\r\n")
                while line := await reader.readline():
                    if line.startswith(b"Subject"):
                        break
                    writer.write(b"354 go\r\n" if line == b"DATA\r\n" else b"250 ok\r\n")
                await reader.read()

            async with serving(talk) as port:
                return (await deliver(port, letters("a")))[0]

        assert run(work()).verdict is Verdict.UNKNOWN

    def test_what_comes_too_late_is_taken_back_before_it_begins(self):
        server = Scripted(good)

        async def work() -> Outcome:
            async with listening(server) as port:
                letter = Letter("a@b.c", "d@e.f", b"x\r\n", begin=lambda: False)
                return (await deliver(port, [letter]))[0]

        assert run(work()).verdict is Verdict.NOT_BEGUN
        assert server.contents in ([], [b""])

    def test_a_server_that_speaks_no_smtp_is_not_used(self):
        async def work() -> None:
            async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

            async with serving(talk) as port:
                await deliver(port, letters("a"))

        with pytest.raises(ServerTrouble):
            run(work())


class TestEncryptionAndSigningIn:
    def test_starts_tls_when_offered_and_signs_in(self, tmp_path: Path):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate(tmp_path))
        seen: list[Any] = []

        class Keeper:
            async def handle_DATA(self, _server: Any, session: Any, _envelope: Any) -> str:
                seen.append((session.ssl is not None, session.auth_data.login))
                return "250 kept"

        class Strict(Controller):
            def factory(self) -> SMTP:
                from aiosmtpd.smtp import AuthResult

                return SMTP(
                    self.handler, require_starttls=True, tls_context=context, auth_required=True,
                    authenticator=lambda _s, _se, _e, _m, data: AuthResult(
                        success=data.password == b"secret", handled=False, auth_data=data
                    ),
                )  # fmt: skip

        controller = Strict(Keeper(), hostname="127.0.0.1", port=free_port())
        controller.start()
        try:

            async def work(password: str) -> Outcome:
                wire = Connection(
                    Server.from_url(
                        f"smtp://user:{password}@127.0.0.1:{controller.port}?tls=always&verify=no"
                    )
                )
                await wire.open()
                outcome = await wire.send(letters("a")[0])
                await wire.quit()
                return outcome

            assert run(work("secret")).verdict is Verdict.ACCEPTED
            with pytest.raises(ServerTrouble, match="535"):
                run(work("wrong"))
        finally:
            controller.stop()
        assert seen == [(True, b"user")]

    def test_never_sends_a_password_in_clear_over_the_network(self, monkeypatch):
        monkeypatch.setattr(smtp, "_LOCAL", ())
        server = Scripted(good, ("AUTH PLAIN",))

        async def work() -> None:
            async with listening(server) as port:
                await Connection(Server("127.0.0.1", port, "user", "secret")).open()

        with pytest.raises(ServerTrouble, match="unencrypted"):
            run(work())
        assert not [said for said in server.said if said.startswith("AUTH")]

    def test_reads_the_address_of_the_server(self):
        server = Server.from_url("smtps://us%40er:p%3Aw@mail.example")
        assert (server.host, server.port, server.tls) == ("mail.example", 465, "implicit")
        assert (server.user, server.password) == ("us@er", "p:w")
        assert "p:w" not in repr(server)
        with pytest.raises(ValueError, match="smtp://"):
            Server.from_url("http://mail.example")


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate that nobody but this test trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")
