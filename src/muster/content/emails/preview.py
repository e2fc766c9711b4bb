"""A preview as somebody (CO3): by the code that sends, with masked people or typical cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from muster.content.emails import rich
from muster.content.emails.compose import PERSON_FIELDS, Compiled, Rendered, render
from muster.kit import ids
from muster.kit.errors import NotFound
from muster.people.profile.models import Person


@dataclass(frozen=True)
class Case:
    """A typical reader to try the mail on."""

    key: str
    label: str | Promise
    values: Mapping[str, object]


CASES = (
    Case(
        "typical",
        _("Typical reader"),
        {
            "first_name": "Anna",
            "last_name": "Li",
            "name": "Anna Li",
            "email": "anna.li@example.com",
            "language": "en",
            "external_id": "1001",
        },
    ),
    Case(
        "chinese",
        _("Chinese name"),
        {
            "first_name": "小雨",
            "last_name": "欧阳",
            "name": "欧阳小雨",
            "email": "xiaoyu@example.com",
            "language": "zh-hans",
            "external_id": "1002",
        },
    ),
    Case("nobody", _("Without a name"), {"email": "someone@example.com"}),
    Case(
        "long",
        _("Very long name"),
        {
            "first_name": "Maximiliane-Alexandra",
            "last_name": "von Hohenfels-Wittelsbach",
            "name": "Maximiliane-Alexandra von Hohenfels-Wittelsbach",
            "email": "maximiliane-alexandra.von.hohenfels@example.com",
            "language": "de",
            "external_id": "1003",
        },
    ),
)
"""The readers that most often show a mistake."""


def values_for(who: str, *, sees: bool, clear: bool) -> Mapping[str, object]:
    """What is put into the holes for a case or a person's public id.

    `sees` is whether the reader may look at people at all; unless `clear`, a person's name and
    addresses come masked.
    """
    for case in CASES:
        if case.key == who:
            return case.values
    number = ids.number("person", who)
    person = Person.objects.present().filter(pk=number).first() if number else None
    if person is None or not sees:
        raise NotFound
    values: dict[str, object] = {
        name: getattr(person, name, "") for name in PERSON_FIELDS if name != "name"
    }
    values["name"] = person.name
    if not clear:
        values = {
            name: _masked(str(value or "")) if name != "language" else value
            for name, value in values.items()
        }
    return values


def rendered(message: Compiled, values: Mapping[str, object]) -> Rendered:
    """The message as this reader would get it; links lead to where they really lead."""
    return render(
        message,
        values,
        lambda number: message.links[number].url,
        {"unsubscribe_url": "#unsubscribe", "view_url": "#view"},
    )


def lit(html: str, *, dark: bool) -> str:
    """The page as a client shows it that turns every colour around in the dark; else as it is."""
    turned = "html,img{filter:invert(1) hue-rotate(180deg)}html{background:#fff}"
    return html.replace("</head>", f"<style>{turned}</style></head>", 1) if dark else html


def short(html: str) -> str:
    """The beginning of what a block says, for a list."""
    words = rich.spoken(rich.plain(html))
    return words if len(words) <= 40 else words[:39] + "…"


def _masked(value: str) -> str:
    return value[:1] + "**" if value else ""
