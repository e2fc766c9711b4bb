"""Rich text in e-mails (CO3): keeps the few tags that mail programs show, drops everything else."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import nh3

_TOKEN = re.compile(r"\{\{\s*(\w+)[^}]*?(?:default:\s*[\"']([^\"']*)[\"'][^}]*)?\}\}")
LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
"""A Liquid output or tag."""

_HREF = re.compile(r'(<a\b[^>]*?\shref=")([^"]*)(")', re.IGNORECASE)
_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="[^"]*"')

_TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "a",
    "ul",
    "ol",
    "li",
    "span",
    "h2",
    "h3",
    "blockquote",
}
_WHOLE = _TAGS | {
    "table",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "div",
    "img",
    "hr",
    "h1",
    "h4",
    "center",
    "font",
    "sup",
    "sub",
    "small",
    "pre",
    "code",
}
_WHOLE_ATTRIBUTES = {
    "*": {"style", "align", "dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "border"},
    "table": {"width", "height", "cellpadding", "cellspacing", "border", "bgcolor", "role"},
    "td": {"width", "height", "colspan", "rowspan", "valign", "bgcolor"},
    "th": {"width", "height", "colspan", "rowspan", "valign", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "font": {"color", "face", "size"},
}
_STYLES = {
    "color",
    "background-color",
    "background",
    "font-size",
    "font-family",
    "font-weight",
    "font-style",
    "line-height",
    "text-align",
    "text-decoration",
    "padding",
    "padding-top",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "margin",
    "margin-top",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "border",
    "border-top",
    "border-bottom",
    "border-left",
    "border-right",
    "border-radius",
    "border-collapse",
    "width",
    "max-width",
    "min-width",
    "height",
    "vertical-align",
    "display",
    "letter-spacing",
    "word-break",
}
_SCHEMES = {"http", "https", "mailto", "tel"}


def clean(html: str, *, whole: bool = False) -> str:
    """The HTML with only what is allowed; Liquid stays as it was written, but only between tags
    and as the address of a link.

    `whole` allows the tables, pictures and inline styles of a body that was made elsewhere.
    """
    hidden = Hidden(html)
    cleaned = _clean_whole(hidden.html) if whole else _clean(hidden.html)
    return hidden.restored(_TAG.sub(lambda tag: _plain_attributes(tag[0], hidden), cleaned))


def _plain_attributes(tag: str, hidden: Hidden) -> str:
    # A default with a quotation mark in it would end the attribute and begin another one.
    return _ATTRIBUTE.sub(
        lambda found: found[0] if found[1] == "href" else hidden.without(found[0]), tag
    )


def with_liquid_kept(html: str, change: Callable[[str], str]) -> str:
    """Change the HTML while its Liquid is out of sight, then put it back."""
    hidden = Hidden(html)
    return hidden.restored(change(hidden.html))


class Hidden:
    """HTML whose Liquid is replaced by marks, so that reading it as HTML does no harm."""

    def __init__(self, html: str) -> None:
        self._mark = f"q{secrets.token_hex(6)}x"
        self._kept: list[str] = []
        self.html = LIQUID.sub(self._hide, html)

    def restored(self, html: str) -> str:
        return re.sub(f"{self._mark}(\\d+)q", lambda found: self._kept[int(found[1])], html)

    def without(self, html: str) -> str:
        """The HTML with the marks, and so the Liquid, left out."""
        return re.sub(f"{self._mark}\\d+q", "", html)

    def _hide(self, found: re.Match[str]) -> str:
        # An editor writes `>` and `"` of a text as entities; Liquid wants the letters themselves.
        self._kept.append(unescape(found[0]).replace("\u00a0", " "))
        return f"{self._mark}{len(self._kept) - 1}q"


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def _clean_whole(html: str) -> str:
    return nh3.clean(
        html,
        tags=_WHOLE,
        clean_content_tags={"script", "style", "title"},
        attributes=_WHOLE_ATTRIBUTES,
        filter_style_properties=_STYLES,
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def plain(html: str, link: Callable[[str], str] = lambda url: url) -> str:
    """The words of rich text as plain text: paragraphs apart, list items marked, links in brackets.

    `link` turns an address into what is written in its place.
    """
    return with_liquid_kept(html, lambda hidden: _plain(hidden, link))


def _plain(html: str, link: Callable[[str], str]) -> str:
    reader = _PlainText(link)
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _PlainText(HTMLParser):
    _BREAKS = {
        "p": "\n\n",
        "h1": "\n\n",
        "h2": "\n\n",
        "h3": "\n\n",
        "h4": "\n\n",
        "blockquote": "\n\n",
        "ul": "\n",
        "ol": "\n",
        "table": "\n\n",
        "tr": "\n",
        "div": "\n",
        "center": "\n",
    }

    def __init__(self, link: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._link = link
        self._href: list[tuple[str, int]] = []
        self._lists: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.parts.append("\n")
        elif tag == "hr":
            self.parts.append("\n\n----\n\n")
        elif tag == "img" and values.get("alt"):
            self.parts.append(f"[{values['alt']}]")
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else 0)
            self.parts.append("\n")
        elif tag == "li":
            number = self._lists[-1] if self._lists else 0
            self.parts.append(f"\n{number}. " if number else "\n• ")
            if number:
                self._lists[-1] += 1
        elif tag == "a":
            self._href.append((values.get("href", ""), len(self.parts)))
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in self._BREAKS:
            self.parts.append(self._BREAKS[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag == "a" and self._href:
            href, start = self._href.pop()
            written = "".join(self.parts[start:]).strip()
            if href and href != written:
                self.parts.append(f" ({self._link(href)})")
        elif tag in self._BREAKS:
            self.parts.append(self._BREAKS[tag])

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))


def relink(html: str, link: Callable[[str, str], str]) -> str:
    """Sanitised HTML with every address of a link replaced by `link(address, words)`.

    Works on the output of `clean`, whose attributes always stand in double quotes.
    """
    hidden = Hidden(html)
    text = hidden.html

    def one(found: re.Match[str]) -> str:
        end = text.find("</a>", found.end())
        words = text[text.find(">", found.end()) + 1 : end if end >= 0 else found.end()]
        label = " ".join(unescape(_TAG.sub(" ", words)).split())
        address = hidden.restored(unescape(found[2]))
        return found[1] + link(address, hidden.restored(label)) + found[3]

    return hidden.restored(_HREF.sub(one, text))


def pictures_without_words(html: str) -> int:
    """How many pictures in sanitised HTML have no alternative text."""
    return sum(1 for image in _IMG.findall(html) if not re.search(r'\salt="[^"]+"', image))


def spoken(text: str) -> str:
    """A text as a list shows it: the word that stands in for a name, instead of the braces."""
    return _TOKEN.sub(lambda token: token[2] or token[1], text)
