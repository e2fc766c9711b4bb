"""A sentence in any of the languages, as conditions."""

from __future__ import annotations

import re

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.hearing.chinese import ChineseEar
from muster.warehouse.hearing.english import EnglishEar
from muster.warehouse.hearing.words import MOST_LETTERS, Heard, Vocabulary

_HAN = re.compile(r"[\u4e00-\u9fff]")


def hear(text: str, known: Vocabulary) -> Heard:
    """The conditions that a sentence says, and what of it was not understood.

    `known` says what there is: nothing else can be spoken of, so nothing has to be guessed.
    Raises Invalid where the text is longer than a sentence.
    """
    if len(text) > MOST_LETTERS:
        raise Invalid.at(
            "/text",
            "too_long",
            _("A sentence has at most %(limit)s letters; this one has %(count)s."),
            limit=MOST_LETTERS,
            count=len(text),
        )
    ears = ChineseEar(known), EnglishEar(known)
    chinese, english = (ear.hear(text) for ear in ears)
    if chinese.unknown == english.unknown:
        return chinese if _HAN.search(ears[0].hide(text)) else english
    return min(chinese, english, key=lambda heard: heard.unknown)
