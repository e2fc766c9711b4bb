"""A sentence in any of the languages, as conditions."""

from __future__ import annotations

import re

from muster.warehouse.hearing.chinese import ChineseEar
from muster.warehouse.hearing.english import EnglishEar
from muster.warehouse.hearing.words import Heard, Vocabulary

_HAN = re.compile(r"[\u4e00-\u9fff]")


def hear(text: str, known: Vocabulary) -> Heard:
    """The conditions that a sentence says, and what of it was not understood.

    `known` says what there is: nothing else can be spoken of, so nothing has to be guessed.
    """
    ears = ChineseEar(known), EnglishEar(known)
    chinese, english = (ear.hear(text) for ear in ears)
    if chinese.unknown == english.unknown:
        return chinese if _HAN.search(ears[0].hide(text)) else english
    return min(chinese, english, key=lambda heard: heard.unknown)
