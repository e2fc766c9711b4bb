"""The bytes of a message: what the standard library reads is what was written (CH1)."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster.channels.messages import tokens
from muster.channels.messages.mime import Personal, Skeleton, words
from muster.kit.errors import Invalid
from muster.kit.tokens import Signer

NOW = datetime(2026, 11, 6, 4, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=400)


def made(**more: str) -> bytes:
    said = {
        "to": "li@example.com", "subject": "Hi", "html": "<p>Hi</p>\n", "text": "Hi\n",
        "key": "0123456789abcdef", "unsubscribe_url": "http://localhost:8000/u/abc",
    }  # fmt: skip
    skeleton = Skeleton(
        sender_name="青禾茶饮",
        sender_address="hi@mail.qinghe.example",
        feedback_id="snd:cmp:muster",
    )
    return skeleton.message(Personal(**{**said, **more}), NOW)


def parsed(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(raw, policy=email.policy.default))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class TestAMessage:
    def test_reads_as_it_was_written(self):
        subject = (
            "只到 11-12 深夜：首单礼盒 ¥199，每人限两份，这一行很长很长很长很长很长很长很长，要折行"
        )
        html = "<p>你好，<b>李小雨</b></p>\n.\n" + "很长的一行" * 300 + "\n"
        message = parsed(made(subject=subject, html=html, text="你好\n.\n..\nfrom \n"))
        assert message["Subject"] == subject
        assert message["From"] == "青禾茶饮 <hi@mail.qinghe.example>"
        assert message["To"] == "li@example.com"
        assert body(message, "html") == html
        assert body(message, "plain") == "你好\n.\n..\nfrom \n"
        assert message.defects == []

    def test_can_be_left_by_one_click(self):
        message = parsed(made())
        assert message["List-Unsubscribe"] == "<http://localhost:8000/u/abc>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_is_named_by_its_key_in_every_attempt(self):
        one, two = parsed(made()), parsed(made())
        assert one["Message-ID"] == two["Message-ID"] == "<0123456789abcdef@mail.qinghe.example>"
        assert one["X-Muster-Key"] == "0123456789abcdef"
        assert one["Date"].datetime == NOW

    def test_has_no_line_that_mail_servers_break(self):
        raw = made(subject="ab " * 300, html="x" * 5000, text="好" * 3000)
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"subject": "Hi\r\nBcc: all@example.com"},
            {"to": "li@example.com\r\nBcc: all@example.com"},
            {"to": "li@example.com> SIZE=1"},
            {"to": "li example.com"},
            {"to": "李@example.com"},
            {"key": "a\r\nb"},
            {"unsubscribe_url": "http://x/>\r\nX: y"},
        ],
    )
    def test_lets_nothing_into_its_headers(self, wrong):
        with pytest.raises(Invalid):
            made(**wrong)

    @given(text=TEXT, html=TEXT)
    def test_keeps_every_character(self, text, html):
        message = parsed(made(text=text, html=html))
        # A mail always ends with a line end.
        assert body(message, "plain").rstrip("\n") == text.rstrip("\n")
        assert body(message, "html").rstrip("\n") == html.rstrip("\n")

    @given(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=200
        ).map(lambda said: " ".join(said.split()))
    )
    def test_keeps_every_subject(self, subject):
        if not subject or "=?" in subject:
            return
        assert parsed(made(subject=subject))["Subject"] == subject


class TestEncodedWords:
    def test_plain_text_stays_plain(self):
        assert words("Half price until Friday") == "Half price until Friday"

    def test_what_looks_encoded_is_encoded(self):
        assert words("=?utf-8?b?aGk=?=").startswith("=?utf-8?b?PT91")


class TestTokens:
    SIGNER = Signer(b"s" * 32)

    def test_name_a_message_for_one_purpose_only(self):
        token = tokens.sign(self.SIGNER, tokens.OPEN, 123_456)
        assert tokens.recipient_of(self.SIGNER, tokens.OPEN, token) == 123_456
        assert tokens.recipient_of(self.SIGNER, tokens.UNSUBSCRIBE, token) is None
        assert tokens.recipient_of(Signer(b"t" * 32), tokens.OPEN, token) is None

    def test_name_a_link_of_it(self):
        token = tokens.sign(self.SIGNER, tokens.CLICK, 7, 2)
        assert tokens.link_of(self.SIGNER, token) == (7, 2)
        assert tokens.link_of(self.SIGNER, token[:-1] + "A") is None
        assert tokens.link_of(self.SIGNER, tokens.sign(self.SIGNER, tokens.OPEN, 7)) is None
