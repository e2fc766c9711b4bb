"""Long lists are drawn once for each look; every row keeps its own words, escaped."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.safestring import SafeString

from muster.ui.templatetags.alike import Alike


class Looks(NamedTuple):
    late: bool


def draw(block: str, rows: list[Alike], **names: object) -> str:
    source = "{% load i18n alike %}{% alike row in rows %}" + block + "{% endalike %}"
    return Template(source).render(Context({"rows": rows, **names}))


def test_each_row_has_its_own_words_and_the_markup_of_its_look():
    rows = [
        Alike(Looks(late), {"title": title})
        for title, late in (("One", False), ("Two", True), ("Three", False), ("Four", True))
    ]
    block = '<li{% if row.is.late %} class="bad"{% endif %}>{{ row.title }}{{ mark }}</li>'
    assert draw(block, rows, mark="!") == (
        '<li>One!</li><li class="bad">Two!</li><li>Three!</li><li class="bad">Four!</li>'
    )


def test_words_are_escaped_and_what_is_safe_stays():
    rows = [
        Alike(Looks(False), {"title": '<b> & "100%s"', "face": SafeString("<i>W</i>"), "n": 12345}),
        Alike(Looks(False), {"title": "50%", "face": SafeString(""), "n": None}),
    ]
    assert draw('<p title="{{ row.title }}">{{ row.face }}{{ row.n }} 5%</p>', rows) == (
        '<p title="&lt;b&gt; &amp; &quot;100%s&quot;"><i>W</i>12345 5%</p>'
        '<p title="50%">None 5%</p>'
    )


def test_a_word_that_no_row_has_is_told_at_once():
    with pytest.raises(TemplateSyntaxError, match="no word 'tilte'"):
        draw("{{ row.tilte }}", [Alike(Looks(False), {"title": "One"})])


def test_nothing_is_drawn_for_no_rows():
    assert draw("<p>{{ row.title }}</p>", []) == ""
