"""Double opt-in (PE3): a word counts once its person has confirmed it from their own mailbox.

Until then the state is pending. The link shows a page; only its button says yes, because mail
programs and scanners follow every link by themselves.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from muster.connect.smtp import Verdict
from muster.kit.errors import NotFound, Refused, Unavailable
from muster.kit.words import _
from muster.people.consent.actions import Word, record
from muster.people.consent.keeping import keep_text
from muster.people.consent.ledger import Said, write
from muster.people.consent.models import OF_CONFIRMING, ConsentEntry, State, Suppression
from muster.people.consent.rules import PURPOSES
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.changes.actions import record_change
from muster.team.notices.mailing import absolute, hand_over
from muster.team.users.models import User, Workspace

TOKEN = "double opt-in"  # noqa: S105 - what the token is for
VALID_FOR = timedelta(days=30)
ASK_AGAIN_AFTER = timedelta(days=1)
CHANNEL, SOURCE = "email", "double_opt_in"


class NotAsked(NotFound):
    """The link is not one of ours, or it is too old."""

    code = "unknown_link"
    text = _("This link is not complete, or it has expired. Please sign up again.")


@dataclass(frozen=True)
class Asked:
    """A question that went to a mailbox."""

    entry: ConsentEntry
    is_confirmed: bool


def ask(person: Person, purpose: str, *, now: datetime, source: str, by: User | None) -> None:
    """Write to the person and ask; from now on the state is pending, and nothing else is sent."""
    if not person.email:
        raise Refused(_("This person has no e-mail address that could be asked."))
    if Suppression.objects.filter(channel=CHANNEL, address_hash=person.email_hash).exists():
        raise Refused(_("Nothing may be sent to this address: it is on the suppression list."))
    state = person.consents.filter(channel=CHANNEL, purpose=purpose).select_related("entry").first()
    if state is not None and state.counts_as == State.GRANTED:
        raise Refused(_("This person has agreed already. There is nothing to ask."))
    was_asked = state is not None and state.entry.state == State.PENDING
    if state is not None and was_asked and now - state.at < ASK_AGAIN_AFTER:
        raise Refused(_("This person was asked within the last day. Wait for the answer."))
    said = Said(
        message_id=f"asked:{uuid.uuid4().hex}",
        person_id=person.pk,
        channel=CHANNEL,
        purpose=purpose,
        state=State.PENDING,
        at=now,
        source=source,
        by_id=by.pk if by else None,
    )
    write([said])
    entry = ConsentEntry.objects.get(message_id=said.message_id)
    mail, version = _letter(person, entry)
    ConsentEntry.objects.filter(pk=entry.pk).update(text_version=version)
    record_change("asked", person, by=by, purpose=purpose)
    if hand_over(mail).verdict not in (Verdict.ACCEPTED, Verdict.UNKNOWN):
        raise Unavailable(
            _("The mail server did not take the question. Look at the sending settings; ask again.")
        )


def asked(token: str, *, now: datetime) -> Asked:
    """The question behind a link; raises NotAsked. Looking changes nothing."""
    number, _dot, address = (stores.stores().signer.read(TOKEN, token) or "").partition(".")
    entry = (
        ConsentEntry.objects.select_related("person").filter(pk=int(number)).first()
        if number.isdecimal()
        else None
    )
    if entry is None or entry.person.erased_at or now - entry.at > VALID_FOR:
        raise NotAsked
    # Only the mailbox that was asked can say yes, and only for itself.
    if address != _asked_at(entry.person):
        raise NotAsked
    later = ConsentEntry.objects.filter(
        person__in=_everyone(entry.person),
        channel=entry.channel,
        purpose=entry.purpose,
        topic=None,
        pk__gt=entry.pk,
    )
    newest = later.exclude(state=State.PENDING).order_by("-at", "-pk").first()
    return Asked(entry, newest is not None and newest.state == State.GRANTED)


def confirm(token: str, *, now: datetime, proof: dict[str, object]) -> Asked:
    """The person says yes, on the page; saying so twice changes nothing.

    An old link gives nothing back that was withdrawn since it was sent.
    """
    found = asked(token, now=now)
    entry = found.entry
    withdrawn = ConsentEntry.objects.filter(
        person__in=_everyone(entry.person),
        channel=entry.channel,
        purpose=entry.purpose,
        topic=None,
        state=State.WITHDRAWN,
        at__gt=entry.at,
    )
    if withdrawn.exists():
        raise NotAsked
    if not found.is_confirmed:
        proof = {"how": "double_opt_in", "asked_at": entry.at.isoformat(), **proof}
        word = Word(
            entry.person, entry.channel, entry.purpose, State.GRANTED, proof, entry.text_version
        )
        record([word], now=now, source=SOURCE)
    return Asked(entry, is_confirmed=True)


def _asked_at(person: Person) -> str:
    """Names the present address without telling it."""
    return person.email_hash[:16]


def _everyone(person: Person) -> list[int]:
    """The rows of the one who is meant: whoever was merged speaks for the same."""
    kept = person.merged_into_id or person.pk
    return [kept, *Person.objects.filter(merged_into=kept).values_list("pk", flat=True)]


def _letter(person: Person, entry: ConsentEntry) -> tuple[EmailMessage, str]:
    """The question, and the version of its text."""
    place = Workspace.here()
    token = stores.stores().signer.sign(TOKEN, f"{entry.pk}.{_asked_at(person)}")
    known = {code for code, _name in settings.LANGUAGES}
    language = person.language.lower() if person.language.lower() in known else place.language
    with translation.override(language):
        name = place.sender_name or place.name
        context = {
            "name": name,
            "purpose": gettext(PURPOSES[entry.purpose]),
            "postal_address": place.postal_address,
        }
        words = render_to_string("people/consent/asked.txt", context)
        version = keep_text(OF_CONFIRMING, language, words, by=None).code
        context["url"] = absolute(f"/confirm/{token}")
        mail = EmailMessage()
        mail["Subject"] = gettext("Please confirm: messages from %(name)s") % {"name": name}
        mail["From"] = settings.DEFAULT_FROM_EMAIL
        mail["To"] = person.email
        mail["Date"] = format_datetime(entry.at)
        mail["Message-ID"] = make_msgid(
            domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        )
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render_to_string("people/consent/asked.txt", context))
    return mail, version
