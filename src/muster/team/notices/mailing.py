"""Mail to colleagues, through the wire that every message takes (in trial: the built-in inbox)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from muster.connect.smtp import Connection, Letter, Outcome, Reply, Server, ServerTrouble, Verdict
from muster.team.notices.buttons import buttons_of
from muster.team.notices.events import EVENTS
from muster.team.notices.models import Notice
from muster.team.users.models import User, Workspace


def server() -> Server:
    """Where mail to colleagues is handed over."""
    if settings.INBOX:
        return Server(settings.EMAIL_HOST, settings.EMAIL_PORT, tls="never")
    return Server.from_url(settings.SMTP_URL)


def letter(user: User, notices: Sequence[Notice], *, digest: bool) -> EmailMessage:
    """One mail about one thing, or about several at once, in the person's language."""
    place = Workspace.here()
    with (
        translation.override(user.language or place.language),
        timezone.override(user.time_zone or place.time_zone or "UTC"),
    ):
        rows = [
            {
                "notice": one,
                "event": EVENTS[one.event],
                "url": absolute(one.url),
                "buttons": buttons_of(one, private=True),
            }
            for one in notices
        ]
        context = {
            "workspace": place,
            "user": user,
            "rows": rows,
            "digest": digest,
            "choices_url": absolute("/settings/profile#notices"),
            "language": translation.get_language(),
        }
        mail = EmailMessage()
        mail["Subject"] = _subject(notices, place, digest=digest)
        mail["From"] = settings.DEFAULT_FROM_EMAIL
        mail["To"] = user.email
        mail["Date"] = format_datetime(timezone.now())
        mail["Message-ID"] = make_msgid(
            domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        )
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render_to_string("team/mail/notices.txt", context))
        mail.add_alternative(render_to_string("team/mail/notices.html", context), subtype="html")
    return mail


def _subject(notices: Sequence[Notice], place: Workspace, *, digest: bool) -> str:
    if len(notices) == 1 and not digest:
        text = str(notices[0])
    elif digest:
        text = ngettext("Summary: %(n)s thing", "Summary: %(n)s things", len(notices)) % {
            "n": len(notices)
        }
    else:
        text = gettext("%(first)s and %(n)s more") % {
            "first": notices[0],
            "n": len(notices) - 1,
        }
    return " ".join(f"{text} · {place.name}".split())[:200]


def absolute(url: str) -> str:
    """An address of ours as it works from a mail."""
    return url if "://" in url else f"{settings.PUBLIC_URL}{url}"


def hand_over(mail: EmailMessage) -> Outcome:
    """Give it to the mail server, and say what became of it."""
    return asyncio.run(_hand_over(mail))


async def _hand_over(mail: EmailMessage) -> Outcome:
    connection = Connection(server())
    try:
        await connection.open()
    except ServerTrouble as error:
        return Outcome(Verdict.NOT_BEGUN, "connect", Reply(0, str(error)))
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    outcome = await connection.send(Letter(sender, str(mail["To"]), mail.as_bytes(policy=SMTP)))
    await connection.quit()
    return outcome
