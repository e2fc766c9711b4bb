"""Facts in e-mails (S08): which mails say one, and where the same was typed by hand."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from muster.content.emails import actions
from muster.content.emails.models import Email, facts_in, texts_of
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Typed, replaced
from muster.plan.facts.usage import Use, register
from muster.team.users.models import User


class EmailUses:
    """The e-mails of a campaign, as the fact sheet sees them."""

    def of(self, campaign: Campaign) -> Iterable[Use]:
        """Every e-mail: those without a token may hold what was typed by hand."""
        rows = Email.objects.filter(campaign=campaign, deleted_at=None).select_related("by")
        for email in rows.order_by("pk"):
            texts = texts_of(email)
            yield Use(
                title=email.name,
                url=reverse("content:edit", args=[email.pk]),
                keys=frozenset(facts_in(texts.values())),
                people=(email.by,) if email.by else (),
                place=email.public_id,
                language=email.language,
                texts=texts,
            )

    def replace(self, place: str, typed: Typed, fact: Fact, *, by: User) -> None:
        """Write the e-mail with the token in place of what was typed."""
        email = next(
            (
                one
                for one in Email.objects.filter(campaign=fact.campaign_id, deleted_at=None)
                if one.public_id == place
            ),
            None,
        )
        text = texts_of(email).get(typed.at) if email is not None else None
        if email is None or text is None or text[typed.start : typed.end] != typed.text:
            raise Refused(_("This text was changed meanwhile. Load the page again."))
        text = replaced(text, typed, fact.token)
        kind, *path = typed.at.strip("/").split("/")
        if kind == "blocks":
            blocks = [dict(block) for block in email.blocks]
            blocks[int(path[0])][path[1]] = text
            actions.write(email, by=by, blocks=blocks)
        else:
            fields: dict[str, object] = {kind: text}
            actions.write(email, by=by, version=None, ready=False, **fields)


register(EmailUses())
