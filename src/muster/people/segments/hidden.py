"""Rules that compare names and addresses are for those who see them (PE4): whoever may only see
masked data would learn them letter by letter from who matches.
"""

from __future__ import annotations

from muster.kit.errors import Forbidden
from muster.kit.words import _
from muster.team.lacking import givers, right_name
from muster.warehouse.rules import IDENTITY_TRAITS, Rule, Trait, walk

_TELLS_NOTHING = ("exists", "missing")


def refuse_hidden(rule: Rule, *, clear: bool) -> None:
    """Raise Forbidden where the rule compares what is masked for the asker.

    `clear` says that nothing is. Segments that are mentioned count as a whole: their rule is
    somebody else's.
    """
    compared = sorted(
        {
            leaf.name
            for leaf in walk(rule)
            if isinstance(leaf, Trait)
            and leaf.name in IDENTITY_TRAITS
            and leaf.op not in _TELLS_NOTHING
        }
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
