"""What people do with e-mails (CO3): make, write, copy, remove."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from muster.content.emails import blocks as kinds
from muster.content.emails.blocks import Block
from muster.content.emails.compose import attempted, compiled, known_traits, mail_of
from muster.content.emails.models import Email
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User, Workspace

_WORDS = {"name": 120, "subject": 300, "preheader": 300, "text": 200_000}
"""Field → most characters."""
_ONE_EDIT = timedelta(minutes=10)


class ChangedMeanwhile(Refused):
    """Someone else wrote another version."""

    code = "changed_meanwhile"
    text = _("Someone changed this e-mail since you opened it. Load it again, then change it.")


@transaction.atomic
def make(
    campaign: Campaign,
    name: str,
    *,
    by: User | None,
    subject: str = "",
    preheader: str = "",
    blocks: object = (),
    text: str = "",
    language: str = "",
    sample: bool = False,
    ready: bool = False,
) -> Email:
    """A new e-mail of a campaign.

    `ready` asks for one that could be sent as it is: else Invalid, with every problem.
    """
    email = Email(campaign=campaign, by=by, sample=sample)
    _write(
        email,
        {
            "name": name,
            "subject": subject,
            "preheader": preheader,
            "blocks": blocks,
            "text": text,
            "language": language or Workspace.here().language,
        },
        ready=ready,
    )
    email.save()
    record_change("made", email, by=by)
    return email


def make_inline(
    campaign: Campaign, content: Mapping[str, object], *, by: User | None, name: str = ""
) -> Email:
    """An e-mail from `{"subject", "blocks" | "html", "text"?, "preheader"?, "language"?}`.

    HTML that was made elsewhere is sanitised and stands as one block; the footer is added. Raises
    Invalid, with places in `content`, unless it could be sent as it is.
    """
    if ("blocks" in content) == ("html" in content):
        raise Invalid.at(
            "", "blocks_or_html", _("Give either “blocks” or “html” with the subject.")
        )
    known = {"subject", "preheader", "blocks", "html", "text", "language", "name"}
    for key in content:
        if key not in known:
            raise Invalid.at(
                f"/{key}",
                "unknown_field",
                _("There is no “%(name)s” in the content of an e-mail. It has: %(known)s."),
                name=str(key)[:60],
                known=", ".join(sorted(known)),
            )
    subject = str(content.get("subject") or "")
    written = content.get("blocks")
    if "html" in content:
        written = [{"kind": "html", "html": content["html"]}]
    return make(
        campaign,
        str(content.get("name") or name or _plain(subject) or campaign.name)[:120],
        by=by,
        subject=subject,
        preheader=str(content.get("preheader") or ""),
        blocks=written,
        text=str(content.get("text") or ""),
        language=str(content.get("language") or ""),
        ready=True,
    )


@transaction.atomic
def write(
    email: Email,
    *,
    by: User | None,
    version: int | None = None,
    ready: bool = False,
    **fields: object,
) -> Email:
    """Change some of name, subject, preheader, language, blocks and text.

    `version` is the one that the writer saw; an older one is refused.
    """
    email = Email.objects.select_for_update().get(pk=email.pk)
    if version is not None and version != email.version:
        raise ChangedMeanwhile
    before = {name: getattr(email, name) for name in fields if hasattr(email, name)}
    _write(email, fields, ready=ready)
    after = {name: getattr(email, name) for name in before}
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return email
    email.version += 1
    email.save()
    verb = "rearranged" if _order(before) != _order(after) else "wrote"
    if verb == "rearranged" or not _still_writing(email, by):
        record_change(verb, email, by=by, undo={n: before[n] for n in changed}, fields=changed)
    return email


def copy(email: Email, name: str, *, by: User) -> Email:
    """The same e-mail once more."""
    return make(
        email.campaign,
        name,
        by=by,
        subject=email.subject,
        preheader=email.preheader,
        blocks=email.blocks,
        text=email.text,
        language=email.language,
    )


@transaction.atomic
def remove(email: Email, *, by: User) -> Change:
    """Take the e-mail away; it can be brought back."""
    email.deleted_at = timezone.now()
    email.save(update_fields=["deleted_at"])
    return record_change("removed", email, by=by, undo={"deleted_at": None})


def _write(email: Email, fields: Mapping[str, object], *, ready: bool) -> None:
    for name, limit in _WORDS.items():
        if name in fields:
            setattr(email, name, _words(name, fields[name], limit))
    if not email.name:
        raise Invalid.at("/name", "empty", _("The e-mail needs a name by which the team knows it."))
    if "language" in fields:
        languages = [code for code, _label in Email._meta.get_field("language").choices or ()]
        if fields["language"] not in languages:
            raise Invalid.at(
                "/language",
                "unknown_choice",
                _("“%(name)s” is one of: %(choices)s."),
                name="language",
                choices=", ".join(languages),
            )
        email.language = str(fields["language"])
    if "blocks" in fields:
        email.blocks = kinds.read(fields["blocks"])
    traits = known_traits(email)
    message = mail_of(email)
    outcome = compiled(message, traits) if ready else attempted(message, traits).compiled
    email.traits = sorted(outcome.names & traits)


def _words(name: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise Invalid.at(f"/{name}", "wrong_type", _("“%(name)s” must be a text."), name=name)
    text = value.strip() if name == "text" else " ".join(value.split())
    if len(text) > limit:
        raise Invalid.at(
            f"/{name}",
            "too_long",
            _("“%(name)s” has %(count)s characters; at most %(limit)s are possible."),
            name=name,
            count=len(text),
            limit=limit,
        )
    return text


def _order(fields: Mapping[str, object]) -> list[str]:
    blocks = fields.get("blocks")
    return [str(block["id"]) for block in blocks] if isinstance(blocks, list) else []


def _still_writing(email: Email, by: User | None) -> bool:
    """Whether the latest trace is this person's writing of a moment ago: one trace is enough."""
    latest = Change.objects.filter(kind=email._meta.label_lower, object_id=email.pk).last()
    return (
        latest is not None
        and latest.verb == "wrote"
        and latest.by_id == (by.pk if by else None)
        and latest.undone_at is None
        and timezone.now() - latest.at < _ONE_EDIT
    )


def block_of(email: Email, identity: str) -> Block:
    """The block with this id; raises Refused if it is gone."""
    for block in email.blocks:
        if block["id"] == identity:
            return dict(block)
    raise Refused(_("This block is no longer there. Load the page again."), code="block_gone")


def _plain(subject: str) -> str:
    """A subject as a name: what is filled in for each person is left out."""
    return " ".join(re.sub(r"\{[{%].*?[}%]\}", "", subject).split()).strip(" ,，、")
