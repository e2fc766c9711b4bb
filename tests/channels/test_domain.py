"""The sending domain: what its records are worth, asked of a real name server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import dns.message
import dns.rcode
import dns.rrset
import pytest

from muster.channels.domain import asking, rules
from muster.channels.domain.rules import Verdict
from muster.connect.dns import NameServer
from muster.kit import clock
from muster.plan.readiness.checks import readiness
from muster.plan.readiness.jobs import look_around
from muster.team.jobs.models import Job
from muster.team.users.models import Workspace

KEY = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ"
GOOD = {
    "mail.qinghe.test": ["v=spf1 ip4:192.0.2.7 -all"],
    "tea._domainkey.mail.qinghe.test": [KEY],
    "_dmarc.qinghe.test": ["v=DMARC1; p=quarantine"],
}
CHECK = "channels.domain_is_trusted"


@contextmanager
def name_server(records: dict[str, list[str]]) -> Iterator[str]:
    """A name server that knows these text records; yields its address."""
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                wire, whence = door.recvfrom(4096)
            except OSError:
                return
            if not wire:
                return
            question = dns.message.from_wire(wire)
            answer = dns.message.make_response(question)
            name = question.question[0].name
            texts = records.get(name.to_text(omit_final_dot=True).lower())
            if texts is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                # Two strings of one record belong together.
                said = [
                    " ".join(f'"{text[n : n + 40]}"' for n in range(0, len(text), 40))
                    for text in texts
                ]
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *said))
            door.sendto(answer.to_wire(), whence)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    port = door.getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", port))
        thread.join(5)
        door.close()


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        (["v=spf1 include:_spf.example.com ~all"], Verdict.PASS),
        (["google-site-verification=x", "V=SPF1 mx -all"], Verdict.PASS),
        (["v=spf10 mx -all"], Verdict.MISSING),
        ([], Verdict.MISSING),
        (["v=spf1 -all", "v=spf1 mx -all"], Verdict.TWICE),
        (["v=spf1 mx +all"], Verdict.OPEN),
        (["v=spf1 all"], Verdict.OPEN),
        (None, Verdict.UNANSWERED),
    ],
)
def test_spf(texts, verdict):
    assert rules.spf(texts) is verdict


@pytest.mark.parametrize(
    ("texts", "is_told", "verdict"),
    [
        ({"tea": [KEY]}, True, Verdict.PASS),
        ({"tea": ["p=MIGf MA0G"]}, True, Verdict.PASS),
        ({"tea": ["v=DKIM1; p="]}, True, Verdict.REVOKED),
        ({"tea": ["v=DKIM2; p=abc"]}, True, Verdict.MISSING),
        ({"s1": [], "s2": []}, False, Verdict.NOT_FOUND),
        ({"s1": [], "s2": None}, False, Verdict.UNANSWERED),
        ({"s1": None, "s2": [KEY]}, False, Verdict.PASS),
    ],
)
def test_dkim(texts, is_told, verdict):
    assert rules.dkim(texts, is_told=is_told) is verdict


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [
        (["v=DMARC1; p=none; rua=mailto:a@example.com"], Verdict.PASS),
        (["v=DMARC1; p=maybe"], Verdict.BROKEN),
        (["v=DMARC1"], Verdict.BROKEN),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], Verdict.TWICE),
        (["something else"], Verdict.MISSING),
        (None, Verdict.UNANSWERED),
    ],
)
def test_dmarc(texts, verdict):
    assert rules.dmarc(texts) is verdict


class TestARealNameServer:
    def test_is_asked_for_every_record(self, settings):
        settings.DKIM_SELECTORS = "tea"
        with name_server(GOOD) as address:
            found = asking.asked_of("mail.qinghe.test", NameServer(address))
        assert found == {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

    def test_finds_a_key_under_a_usual_name(self, settings):
        settings.DKIM_SELECTORS = ""
        with name_server({"s1._domainkey.qinghe.test": [KEY]}) as address:
            found = asking.asked_of("qinghe.test", NameServer(address))
        assert found == {"spf": "missing", "dkim": "pass", "dmarc": "missing"}

    def test_that_is_silent_leaves_everything_open(self, settings):
        settings.DKIM_SELECTORS = "tea"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
            deaf.bind(("127.0.0.1", 0))
            server = NameServer(f"127.0.0.1:{deaf.getsockname()[1]}", seconds=0.2)
            found = asking.asked_of("qinghe.test", server)
        assert set(found.values()) == {"unanswered"}


@pytest.fixture
def real_mail(settings, world):
    """A campaign whose mails leave the house, and a clock that looks at once."""
    settings.INBOX = False
    settings.DKIM_SELECTORS = "tea"
    world.campaign.status = "preparing"
    world.campaign.save()
    Workspace.objects.update(sender_address="hi@mail.qinghe.test")
    return world.campaign


class TestReadiness:
    def test_blocks_until_the_records_are_mended(self, real_mail, settings, run_jobs):
        began = clock.now()
        assert "being looked at" in str(readiness(real_mail).answer(CHECK).findings[0])
        records = dict(GOOD)
        del records["mail.qinghe.test"]
        with name_server(records) as settings.DNS_SERVER:
            look_around(clock.now())
            run_jobs()
            (finding,) = readiness(real_mail).answer(CHECK).findings
            assert finding.blocks
            assert "mail.qinghe.test has no SPF record" in str(finding)
            assert finding.fix_at == "/settings/general"
            records["mail.qinghe.test"] = ["v=spf1 mx -all"]
            # What fails is asked again after ten minutes, what is right is left alone.
            for minutes, asked in ((5, 1), (11, 2), (40, 2)):
                with clock.starting_at(began + timedelta(minutes=minutes)):
                    look_around(clock.now())
                    run_jobs()
                assert Job.objects.filter(kind="readiness_look").count() == asked
        assert readiness(real_mail).answer(CHECK).passed

    def test_does_not_block_when_nobody_answers(self, real_mail, settings, run_jobs, monkeypatch):
        monkeypatch.setattr(asking, "NameServer", lambda at: NameServer(at, seconds=0.1))
        settings.DNS_SERVER = "127.0.0.1:1"
        look_around(clock.now())
        run_jobs()
        answer = readiness(real_mail).answer(CHECK)
        assert "SPF, DKIM, DMARC of mail.qinghe.test could not be checked" in str(
            answer.findings[0]
        )
        assert not answer.blocks

    def test_is_not_asked_where_mail_stays_in_the_built_in_inbox(self, real_mail, settings):
        settings.INBOX = True
        assert readiness(real_mail).answer(CHECK) is None
