"""Three e-mails to start from (CO3): news, an offer, a short personal letter."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from muster.content.emails.blocks import Block


@dataclass(frozen=True)
class Starter:
    """A beginning that someone can choose."""

    key: str
    name: str | Promise
    about: str | Promise
    icon: str


STARTERS = (
    Starter(
        "offer", _("Offer"), _("A picture, a promise, one button: for a sale or a launch."), "gift"
    ),
    Starter(
        "news", _("News"), _("A greeting and two things side by side: for what is new."), "notebook"
    ),
    Starter(
        "letter",
        _("Letter"),
        _("Only words, signed by a person: for thanks and for winning back."),
        "mail",
    ),
)


def content(key: str, language: str) -> tuple[str, str, list[Block]]:
    """Subject, preview text and blocks of a starter, in the language of the mail.

    Addresses are left open, because nobody should send a made-up link.
    """
    with override(language):
        friend = gettext("friend")
        hello = gettext("Hello %(name)s,") % {"name": f'{{{{ first_name | default: "{friend}" }}}}'}
        if key == "offer":
            return (
                gettext("Something good until Sunday"),
                gettext("Only for people who hear from us."),
                [
                    {"kind": "header"},
                    {
                        "kind": "hero",
                        "title": gettext("Something good until Sunday"),
                        "text": f"<p>{hello}</p><p>{gettext('Say in one sentence what people get, and what they have to do for it.')}</p>",
                    },
                    {"kind": "button", "label": gettext("Take a look")},
                    {
                        "kind": "text",
                        "text": f"<p>{gettext('Until when, where, and what the conditions are.')}</p>",
                    },
                    {"kind": "footer"},
                ],
            )
        if key == "news":
            return (
                gettext("What is new this month"),
                gettext("Two things worth your time."),
                [
                    {"kind": "header"},
                    {"kind": "heading", "text": gettext("What is new this month"), "level": "1"},
                    {
                        "kind": "text",
                        "text": f"<p>{hello}</p><p>{gettext('One sentence on why this month is special.')}</p>",
                    },
                    {
                        "kind": "columns",
                        "left_text": f"<p><b>{gettext('The first thing')}</b></p><p>{gettext('What it is, in two lines.')}</p>",
                        "right_text": f"<p><b>{gettext('The second thing')}</b></p><p>{gettext('What it is, in two lines.')}</p>",
                    },
                    {"kind": "divider"},
                    {"kind": "button", "label": gettext("See everything")},
                    {"kind": "footer"},
                ],
            )
        return (
            gettext("Thank you, %(name)s")
            % {"name": f'{{{{ first_name | default: "{friend}" }}}}'},
            gettext("A few words from us."),
            [
                {"kind": "header", "view_link": False},
                {
                    "kind": "text",
                    "text": f"<p>{hello}</p><p>{gettext('Write as you would to one person whom you know.')}</p><p>{gettext('Yours,')}<br>{{{{ workspace }}}}</p>",
                },
                {"kind": "footer"},
            ],
        )
