"""Short public ids: `cmp_7F3KQ2WA` in addresses and the API stands for a database number.

One reversible scrambling serves every kind of thing, so no table needs a column for it. It hides
how many there are; it is not a secret, and what may be seen is decided by permissions alone.
"""

from __future__ import annotations

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I L O U to misread
_PAIRS = [one + two for one in _LETTERS for two in _LETTERS]
"""Ten bits → two letters: pages write thousands of ids."""
_BITS = 40
_SIZE = 1 << _BITS
_FACTOR = 0x9E3779B97D  # odd, so it has an inverse modulo 2^40
_INVERSE = pow(_FACTOR, -1, _SIZE)
_MASK = 0x5DEECE66D1

KINDS = {
    "campaign": "cmp",
    "goal": "gol",
    "line": "lin",
    "cost": "cst",
    "approval": "apr",
    "person": "per",
    "likeness": "lik",
    "lead": "led",
    "account": "acc",
    "import": "imp",
    "segment": "seg",
    "topic": "top",
    "request": "req",
    "email": "eml",
    "send": "snd",
    "variant": "var",
    "link": "lnk",
    "retro": "ret",
    "card": "crd",
    "user": "usr",
    "token": "tok",
    "key": "key",
    "job": "job",
    "change": "chg",
    "invitation": "inv",
    "team": "tea",
    "day": "day",
    "leave": "lea",
    "notice": "ntc",
    "comment": "cmt",
    "task": "tsk",
    "dependency": "dep",
    "risk": "rsk",
    "vendor": "vnd",
    "delivery": "dlv",
    "material": "mat",
    "place": "plc",
    "reservation": "rsv",
    "transfer": "trf",
    "fact": "fct",
    "objective": "obj",
    "persona": "psn",
    "cell": "cel",
    "competitor": "com",
    "move": "mov",
    "document": "doc",
    "policy": "pol",
    "waiver": "wai",
    "feed": "fed",
    "calendar": "cal",
    "view": "vew",
    "robot": "rbt",
    "role": "rol",
    "training": "trn",
    "peak": "pek",
    "tool": "tol",
}
"""Kind of thing → prefix of its public ids."""


def public(kind: str, number: int) -> str:
    """The public id of thing `number`; numbers are below 2^40."""
    scrambled = ((number ^ _MASK) * _FACTOR) % _SIZE
    return (
        f"{KINDS[kind]}_{_PAIRS[scrambled >> 30]}{_PAIRS[scrambled >> 20 & 1023]}"
        f"{_PAIRS[scrambled >> 10 & 1023]}{_PAIRS[scrambled & 1023]}"
    )


def number(kind: str, public_id: str) -> int | None:
    """The number behind a public id of this kind, or None if it is none."""
    prefix, _, letters = public_id.partition("_")
    if prefix != KINDS[kind] or len(letters) != _BITS // 5:
        return None
    scrambled = 0
    for letter in letters.upper():
        value = _LETTERS.find(letter)
        if value < 0:
            return None
        scrambled = scrambled << 5 | value
    return ((scrambled * _INVERSE) % _SIZE) ^ _MASK
