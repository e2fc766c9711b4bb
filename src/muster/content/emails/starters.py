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
        return _MAKERS.get(key, _letter)(f'{{{{ first_name | default: "{friend}" }}}}')


def _offer(name: str) -> tuple[str, str, list[Block]]:
    subject = gettext("Something good until Sunday")
    what = gettext("Say in one sentence what people get, and what they have to do for it.")
    terms = gettext("Until when, where, and what the conditions are.")
    return (
        subject,
        gettext("Only for people who hear from us."),
        [
            {"kind": "header"},
            {"kind": "hero", "title": subject, "text": _paragraphs(_hello(name), what)},
            {"kind": "button", "label": gettext("Take a look")},
            {"kind": "text", "text": _paragraphs(terms)},
            {"kind": "footer"},
        ],
    )


def _news(name: str) -> tuple[str, str, list[Block]]:
    subject = gettext("What is new this month")
    why = gettext("One sentence on why this month is special.")
    first, second = gettext("The first thing"), gettext("The second thing")
    about = gettext("What it is, in two lines.")
    return (
        subject,
        gettext("Two things worth your time."),
        [
            {"kind": "header"},
            {"kind": "heading", "text": subject, "level": "1"},
            {"kind": "text", "text": _paragraphs(_hello(name), why)},
            {
                "kind": "columns",
                "left_text": _paragraphs(f"<b>{first}</b>", about),
                "right_text": _paragraphs(f"<b>{second}</b>", about),
            },
            {"kind": "divider"},
            {"kind": "button", "label": gettext("See everything")},
            {"kind": "footer"},
        ],
    )


def _letter(name: str) -> tuple[str, str, list[Block]]:
    words = gettext("Write as you would to one person whom you know.")
    signed = gettext("Yours,") + "<br>{{ workspace }}"
    return (
        gettext("Thank you, %(name)s") % {"name": name},
        gettext("A few words from us."),
        [
            {"kind": "header", "view_link": False},
            {"kind": "text", "text": _paragraphs(_hello(name), words, signed)},
            {"kind": "footer"},
        ],
    )


_MAKERS = {"offer": _offer, "news": _news, "letter": _letter}


def _hello(name: str) -> str:
    return gettext("Hello %(name)s,") % {"name": name}


def _paragraphs(*sentences: str) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)
