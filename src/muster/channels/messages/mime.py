"""The bytes of a message (CH1): the fixed parts are made once, the personal ones spliced in.

Text and HTML stand as quoted-printable (RFC 2045), subject and names as encoded words (RFC 2047),
unsubscribing takes one click (RFC 8058). What could break out of a header is refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from muster.kit.errors import Invalid
from muster.kit.words import _

LONGEST_LINE = 998
_WORD_BYTES = 45
"""UTF-8 bytes in one encoded word: 60 letters of base64, with its frame under 76."""
_ADDRESS = re.compile(r"^[!#-'*+\-./0-9=?A-Z^-~]+@[A-Za-z0-9.-]+$")
_PLAIN_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*$")
_BOUNDARY = "=_muster_alternative"


@dataclass(frozen=True)
class Personal:
    """What differs from message to message."""

    to: str
    subject: str
    html: str
    text: str
    key: str
    """Names the message: in its Message-ID and X-Muster-Key, the same in every attempt."""
    unsubscribe_url: str


class Skeleton:
    """The fixed parts of the messages of one variant."""

    def __init__(
        self,
        *,
        sender_name: str,
        sender_address: str,
        feedback_id: str = "",
        reply_to: str = "",
    ) -> None:
        address = usable(sender_address)
        self.domain = address.rpartition("@")[2]
        head = [f"From: {mailbox(sender_name, address)}"]
        if reply_to:
            head.append(f"Reply-To: {usable(reply_to)}")
        if feedback_id:
            head.append(f"Feedback-ID: {_safe(feedback_id)}")
        head += [
            "Precedence: bulk",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
        ]
        self._head = ("\r\n".join(head) + "\r\n\r\n").encode("ascii")
        part = (
            "--{0}\r\nContent-Type: text/{1}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        self._before_text = part.format(_BOUNDARY, "plain").encode("ascii")
        self._before_html = b"\r\n" + part.format(_BOUNDARY, "html").encode("ascii")
        self._end = f"\r\n--{_BOUNDARY}--\r\n".encode("ascii")

    def message(self, personal: Personal, now: datetime) -> bytes:
        """The whole message, lines ended by CR LF; raises Invalid for what no header may hold."""
        head = (
            f"To: {usable(personal.to)}\r\n"
            f"Subject: {words(personal.subject, 9)}\r\n"
            f"Date: {_date(now.replace(microsecond=0))}\r\n"
            f"Message-ID: <{_safe(personal.key)}@{self.domain}>\r\n"
            f"X-Muster-Key: {_safe(personal.key)}\r\n"
            f"List-Unsubscribe: <{_safe(personal.unsubscribe_url)}>\r\n"
        ).encode("ascii")
        return b"".join(
            (
                head,
                self._head,
                self._before_text,
                quoted(personal.text),
                self._before_html,
                quoted(personal.html),
                self._end,
            )
        )

    def return_path(self, token: str) -> str:
        """Where bounces of this very message go (VERP)."""
        return f"b+{token}@{self.domain}"


def quoted(text: str) -> bytes:
    """Text as quoted-printable with lines ended by CR LF, none longer than 76."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(plain.encode(), istext=True).replace(b"\n", b"\r\n")


@lru_cache(4096)
def words(text: str, used: int = 0) -> str:
    """A header's text: as it is, or as encoded words folded at 76; `used` is what stands before.

    Raises Invalid for line ends and control characters.
    """
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise Invalid.at(
            "/subject",
            "bad_header",
            _("A header must not contain line breaks or control characters. Remove them."),
        )
    if text.isascii() and "=?" not in text and len(text) + used <= 76 and text == text.strip():
        return text
    pieces: list[bytes] = []
    piece = b""
    room = _WORD_BYTES - max(0, used - 4)
    for letter in text:
        raw = letter.encode()
        if len(piece) + len(raw) > room:
            pieces.append(piece)
            piece, room = b"", _WORD_BYTES
        piece += raw
    pieces.append(piece)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(p).decode()}?=" for p in pieces)


def mailbox(name: str, address: str) -> str:
    """A name with its address, as a header says it."""
    if not name:
        return address
    if _PLAIN_NAME.match(name):
        return f'"{name}" <{address}>'
    return f"{words(name, 6)} <{address}>"


def usable(address: str) -> str:
    """The address if it can stand in an envelope and a header; raises Invalid."""
    if len(address) > 254 or not _ADDRESS.match(address) or ".." in address:
        raise Invalid.at(
            "/to",
            "bad_address",
            _("This is no address that mail can be sent to. Correct it on the profile page."),
        )
    return address


def _safe(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > LONGEST_LINE - 40 or "<" in text:
        raise Invalid.at(
            "/header",
            "bad_header",
            _("A header must not contain line breaks or control characters. Remove them."),
        )
    return text


@lru_cache(8)
def _date(moment: datetime) -> str:
    return format_datetime(moment)
