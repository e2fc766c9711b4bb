"""How Muster says no.

Refused            409  a rule or the state of things forbids it; people may read why
├── Invalid        422  the input cannot be used; says what, where and how to mend it
├── NotFound       404  there is no such thing, or it is not yours to see
└── Forbidden      403  you lack the right; says who can give it
Unavailable             an outside system does not answer; we try again
(anything else)         a bug, and stays loud
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from muster.kit.words import _


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input."""

    at: str
    """Where: a JSON pointer, a form field, or `row 12, column email`."""
    code: str
    text: str
    """An English sentence marked for translation, with %(named)s places."""
    params: Mapping[str, object] = field(default_factory=dict)


class Refused(Exception):
    """A "no" that people may read: `text` is translated by the door that shows it."""

    code = "refused"
    status = 409
    text = _("This cannot be done now.")
    retry_after = 0
    """Seconds after which asking again may help; 0 where that changes nothing."""

    def __init__(
        self,
        text: str | None = None,
        *,
        code: str | None = None,
        errors: Sequence[Problem] = (),
        **params: object,
    ) -> None:
        self.text = text or self.text
        self.code = code or self.code
        self.errors = tuple(errors)
        self.params = params
        super().__init__(self.text % params if params else self.text)


class Invalid(Refused):
    """The input cannot be used as it is."""

    code = "invalid"
    status = 422
    text = _("Some of the input cannot be used.")

    @classmethod
    def at(cls, at: str, code: str, text: str, **params: object) -> Invalid:
        """The one thing that is wrong, and where."""
        return cls(text, code=code, errors=[Problem(at, code, text, params)], **params)

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> Invalid:
        """Everything that is wrong; the first of it speaks for all."""
        first = problems[0]
        return cls(first.text, code=first.code, errors=problems, **first.params)

    def below(self, place: str) -> Invalid:
        """The same, where what was looked at is only the part at `place` of what was given."""
        errors = [replace(problem, at=place + problem.at) for problem in self.errors]
        return Invalid(self.text, code=self.code, errors=errors, **self.params)


class NotFound(Refused):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404
    text = _("There is no such thing, or you may not see it.")


class Forbidden(Refused):
    """The person lacks the right."""

    code = "forbidden"
    status = 403
    text = _("You do not have the right to do this. An owner or admin can give it to you.")
    permission = ""
    """The key of the right, where one alone is missing."""
    scope = ""
    """The scope that the token of an API call lacks."""


class Unavailable(Exception):
    """An outside system does not answer; `text` is a marked sentence like that of a refusal."""

    def __init__(self, text: str = "", **params: object) -> None:
        self.text = text
        self.params = params
        super().__init__(text % params if params else text)


def written_down(error: Refused | Unavailable, most: int | None = None) -> str:
    """What went wrong as it is kept: whoever reads it later gets it in their own language.

    Where it would be longer than `most`, only its English words are kept.
    """
    if not error.params:
        return error.text[:most]
    kept = json.dumps({"text": error.text, "params": error.params}, ensure_ascii=False, default=str)
    return kept if most is None or len(kept) <= most else str(error)[:most]


def read_again(kept: str) -> tuple[str, dict[str, object]]:
    """Sentence and what fills its places, of what `written_down` made."""
    if kept.startswith('{"text": '):
        try:
            found = json.loads(kept)
            return str(found["text"]), dict(found["params"])
        except (ValueError, KeyError, TypeError):
            pass
    return kept, {}
