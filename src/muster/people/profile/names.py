"""Names of people: 李小雨 is family name first, Anna Li is not (PE1)."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# fmt: off
_COMPOUND = frozenset([
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "司徒", "东方", "東方", "皇甫", "尉迟",
    "尉遲", "公孙", "公孫", "令狐", "慕容", "宇文", "长孙", "長孫", "端木", "夏侯", "轩辕", "軒轅",
    "闻人", "聞人", "南宫", "南宮", "独孤", "獨孤", "申屠", "淳于", "太史", "西门", "西門",
])
# fmt: on


def is_han(text: str) -> bool:
    """Whether the text begins with a Chinese character."""
    first = text[:1]
    return "\u4e00" <= first <= "\u9fff" or (
        first > "\u3400" and unicodedata.name(first, "").startswith("CJK UNIFIED IDEOGRAPH")
    )


def full_name(first: str, last: str) -> str:
    """The whole name in the order of its script."""
    if is_han(first or last):
        return f"{last}{first}"
    return f"{first} {last}".strip()


@lru_cache(1 << 14)
def split_name(whole: str) -> tuple[str, str]:
    """First and last name of a whole name; what cannot be told apart is the first name."""
    whole = " ".join(whole.split())
    if is_han(whole) and " " not in whole:
        if len(whole) < 2 or len(whole) > 4:
            return whole, ""
        cut = 2 if len(whole) > 2 and whole[:2] in _COMPOUND else 1
        return whole[cut:], whole[:cut]
    if "," in whole:
        last, _comma, first = whole.partition(",")
        return first.strip(), last.strip()
    if is_han(whole):
        last, _space, first = whole.partition(" ")
        return first, last
    first, _space, last = whole.rpartition(" ")
    return (first, last) if first else (whole, "")
