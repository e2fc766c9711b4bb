"""Whose names stand in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping


def mentioned(text: str, names: Mapping[str, int]) -> list[int]:
    """Numbers of the people whose names follow an @, each once, in the order of the text.

    The longest name wins, so “@李娜娜” does not mention 李娜 as well. An @ inside a word, as in an
    address, mentions nobody.
    """
    longest = sorted((name for name in names if name), key=len, reverse=True)
    if not longest:
        return []
    pattern = re.compile(
        r"(?<![A-Za-z0-9_.+-])[@＠](" + "|".join(re.escape(name) for name in longest) + ")",
        re.IGNORECASE,
    )
    numbers = {name.casefold(): number for name, number in names.items()}
    return list(dict.fromkeys(numbers[found.casefold()] for found in pattern.findall(text)))
