"""Rules that compare names and addresses are for those who see them (PE4): whoever may only see
masked data would learn them letter by letter from who matches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from muster.kit.errors import Forbidden
from muster.kit.words import _
from muster.people.masking import is_personal
from muster.team.lacking import givers, right_name
from muster.warehouse.rules import IDENTITY_TRAITS, Event, InOrder, Rule, Trait, walk

TELLS_NOTHING = ("exists", "missing")
"""Operations that anybody may use on anything: whether it is known is no secret."""


def compares_hidden(name: str) -> bool:
    """Whether the values of this trait or property are masked for those who may not see them."""
    return name in IDENTITY_TRAITS or is_personal(name)


def refuse_hidden(rule: Rule, *, clear: bool, there: Sequence[Rule] = ()) -> None:
    """Raise Forbidden where the rule compares what is masked for the asker.

    `clear` says that nothing is. Segments that are mentioned count as a whole: their rule is
    somebody else's. So are conditions which are in the rules that are `there` already.
    """
    known = {leaf for one in there for leaf in walk(one)}
    compared = sorted(
        {name for leaf in walk(rule) if leaf not in known for name in _compared(leaf)}
    )
    if clear or not compared:
        return
    forbidden = Forbidden(
        _(
            "Conditions that compare %(traits)s need the right “%(right)s”: they would tell what is"
            " masked. Whether it is known may be asked. %(givers)s can give the right."
        ),
        traits=", ".join(compared),
        right=right_name("people.pii"),
        givers=givers("people.pii"),
    )
    forbidden.permission, forbidden.scope = "people.pii", "people:pii"
    raise forbidden


def _compared(leaf: Rule) -> Iterator[str]:
    """The masked traits and properties whose values the condition compares."""
    if isinstance(leaf, InOrder):
        for step in leaf.steps:
            yield from _compared(step)
    elif isinstance(leaf, Event):
        asked = [one.property for one in leaf.where if one.op not in TELLS_NOTHING]
        yield from filter(is_personal, [*asked, *(one.property for one in leaf.totals)])
    elif isinstance(leaf, Trait) and leaf.op not in TELLS_NOTHING and compares_hidden(leaf.name):
        yield leaf.name
