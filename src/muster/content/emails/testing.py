"""A test of an e-mail (CO3): to oneself or a colleague, marked as one, and counted nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from email.utils import formataddr
from smtplib import SMTPException

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext

from muster.content.emails import preview
from muster.content.emails.compose import attempted, known_traits, mail_of
from muster.content.emails.models import Email
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace


def colleague(address: str) -> User:
    """Who works here under this address; a test goes to nobody else."""
    found = User.objects.filter(email=address.strip().lower(), is_active=True).first()
    if found is None:
        raise Invalid.at(
            "/to",
            "not_a_colleague",
            _("A test goes only to people who work here; nobody here has the address %(address)s."),
            address=address,
        )
    return found


def send_test(email: Email, *, to: User, values: Mapping[str, object], by: User) -> None:
    """Send the mail as it is now, also unfinished; links lead where they really lead."""
    message = attempted(mail_of(email), known_traits(email)).compiled
    done = preview.rendered(message, values)
    workspace = Workspace.here()
    name = " ".join((workspace.sender_name or workspace.name).split())
    subject = " ".join(gettext("[Test] %(subject)s").split()) % {"subject": done.subject}
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=done.text,
        from_email=formataddr((name, workspace.sender_address)),
        to=[to.email],
        headers={"X-Muster-Key": f"test-{secrets.token_hex(8)}", "X-Muster-Test": "yes"},
    )
    mail.attach_alternative(done.html, "text/html")
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise Refused(
            _("The mail server does not take the test now (%(why)s). Try again in a moment."),
            why=error,
        ) from error
    record_change("tested", email, by=by, to=to.pk, version=email.version)
