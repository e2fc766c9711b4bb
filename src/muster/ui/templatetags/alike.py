"""Long lists in little time: what looks alike is drawn once and filled in for each row (PF7).

    {% alike row in rows %}
      <li{% if row.is.late %} class="bad"{% endif %}>{{ row.title }}</li>
    {% endalike %}

Each of `rows` is an `Alike`: how it looks, and its own words. The block is rendered once for each
look, with a gap in place of each word; then the gaps are filled. So the block can ask only for
`row.is.…`, for words, and for what is the same all over the page, not for a loop around it; and it
takes words as they are: filters and plurals belong to the view.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from html import escape
from typing import Any, NamedTuple

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString

register = template.Library()

_OPEN, _CLOSE = "\ue000", "\ue001"
_GAP = re.compile(f"{_OPEN}(.*?){_CLOSE}")


class Alike(NamedTuple):
    """One row of a long list."""

    looks: Hashable
    """Everything on which its markup depends; `row.is` in the template."""
    words: Mapping[str, Any]
    """What is its own: name → text or number; the same names for the same look."""


class _Mould:
    """What the block sees in place of a row."""

    def __init__(self, row: Alike) -> None:
        self._row = row

    def __getitem__(self, name: str) -> object:
        if name == "is":
            return self._row.looks
        if name not in self._row.words:
            raise template.TemplateSyntaxError(f"A row has no word {name!r}.")
        return f"{_OPEN}{name}{_CLOSE}"


class AlikeNode(template.Node):
    """The block, and what it is repeated for."""

    def __init__(self, name: str, rows: FilterExpression, nodelist: NodeList) -> None:
        self.name = name
        self.rows = rows
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        rows: Iterable[Alike] = self.rows.resolve(context) or ()
        # Kept while the page is drawn: the block may stand in a loop over groups of rows.
        page: Any = context.render_context
        moulds: dict[Hashable, tuple[str, list[str]]] = page.setdefault(self, {})
        drawn = []
        for row in rows:
            mould = moulds.get(row.looks)
            if mould is None:
                mould = moulds[row.looks] = self._mould(context, row)
            text, gaps = mould
            words = row.words
            drawn.append(text % tuple([_escaped(words[gap]) for gap in gaps]))
        return SafeString("".join(drawn))

    def _mould(self, context: Context, row: Alike) -> tuple[str, list[str]]:
        with context.push(**{self.name: _Mould(row)}):
            drawn = self.nodelist.render(context)
        return _GAP.sub("%s", drawn.replace("%", "%%")), _GAP.findall(drawn)


_PLAIN = (SafeString, int)


def _escaped(word: Any) -> object:
    return word if isinstance(word, _PLAIN) else escape(str(word))


@register.tag
def alike(parser: Parser, token: Token) -> AlikeNode:
    """`{% alike row in rows %}…{% endalike %}`."""
    words: list[Any] = token.split_contents()
    if len(words) != 4 or words[2] != "in":
        raise template.TemplateSyntaxError("Write {% alike row in rows %}.")
    nodelist = parser.parse(("endalike",))
    parser.delete_first_token()
    return AlikeNode(words[1], parser.compile_filter(words[3]), nodelist)
