"""From blocks to what arrives (CO3): compiled once, filled for every person in well under 1 ms.

The same code makes the preview and the message that is sent. Everything that people wrote goes
into the layout as a mark and is put in afterwards, so the layout engine never sees a letter of it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext, override
from mjml import mjml2html

from muster.content.emails import liquid, rich
from muster.content.emails.blocks import Block
from muster.content.emails.liquid import Text
from muster.content.emails.models import Email, facts_in, texts_of
from muster.kit import clock
from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.plan.facts.rules import ANY_TOKEN, TOKEN, Known, State
from muster.plan.facts.said import facts_of
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.track.utm import rules as utm
from muster.warehouse.tables import BUILT_IN, trait_columns

PERSON_FIELDS = (
    "first_name",
    "last_name",
    "name",
    "email",
    "phone",
    "external_id",
    "language",
)
"""What we may know of a person from the record store."""
URLS = ("unsubscribe_url", "view_url")
OPEN_URL = "open_url"
"""The address of the counting picture; left out of the message when it is not given."""
CLIP_BYTES = 102_400
"""Longer messages are cut by Gmail, and with the rest the way to unsubscribe."""
_LINK_ROOM = 120
"""Bytes that a tracked link takes at most."""
_LANGUAGES = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
_FONT = (
    "-apple-system, BlinkMacSystemFont, Segoe UI, Helvetica Neue, Arial, PingFang SC, PingFang TC,"
    " Microsoft YaHei, Microsoft JhengHei, Noto Sans CJK SC, sans-serif"
)
_INK, _MUTED, _BRAND, _EDGE = "#17202a", "#51606e", "#0b6a93", "#dde3e9"


_NOT_SAID = {
    State.UNKNOWN: _("There is no fact “%(key)s”. Write it down on the fact sheet first."),
    State.NOT_YET: _("The fact “%(key)s” does not hold yet. See its days on the fact sheet."),
    State.EXPIRED: _("The fact “%(key)s” does not hold any more. Renew it, or take it out."),
    State.NO_WORDS: _("The fact “%(key)s” has no value in the language of this mail."),
}


@dataclass(frozen=True)
class Mail:
    """Everything that decides what one e-mail says."""

    subject: str
    blocks: tuple[Block, ...]
    preheader: str = ""
    language: str = "en"
    workspace: str = ""
    postal_address: str = ""
    campaign: str = ""
    """The value of `utm_campaign`."""
    text: str = ""
    """Own plain text instead of the one made from the blocks."""
    facts: Mapping[str, Known] = field(default_factory=dict)
    """The facts of the campaign, where the mail speaks of one."""


@dataclass(frozen=True)
class Link:
    """One tracked address in the message; its number is its place in the list."""

    url: str
    """With its UTM tags."""
    label: str
    at: str
    """The JSON pointer of the field it stands in."""


@dataclass(frozen=True)
class Compiled:
    """An e-mail ready to be filled for one person after another."""

    subject: Text
    html: Text
    text: Text
    links: tuple[Link, ...]
    names: frozenset[str]
    """The person's fields and traits that it speaks of."""
    without_default: frozenset[str]
    """Those of them that say nothing for people who lack them."""
    html_bytes: int
    """The size of the HTML with links, before names are filled in."""
    words: int
    pictures: int
    workspace: str

    def to_json(self) -> dict[str, object]:
        """The message as JSON, so that what was approved can be kept; `from_json` reads it back."""
        return {
            "subject": self.subject.to_json(),
            "html": self.html.to_json(),
            "text": self.text.to_json(),
            "links": [[link.url, link.label, link.at] for link in self.links],
            "names": sorted(self.names),
            "without_default": sorted(self.without_default),
            "html_bytes": self.html_bytes,
            "words": self.words,
            "pictures": self.pictures,
            "workspace": self.workspace,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Compiled:
        return cls(
            subject=Text.from_json(data["subject"]),
            html=Text.from_json(data["html"]),
            text=Text.from_json(data["text"]),
            links=tuple(Link(*link) for link in data["links"]),
            names=frozenset(data["names"]),
            without_default=frozenset(data["without_default"]),
            html_bytes=data["html_bytes"],
            words=data["words"],
            pictures=data["pictures"],
            workspace=data["workspace"],
        )


@dataclass(frozen=True)
class Rendered:
    """What one person gets."""

    subject: str
    html: str
    text: str


def compile(email: Email, traits: Collection[str] | None = None) -> Compiled:
    """Compile an e-mail as it is now; `traits` are the names it may use beside `PERSON_FIELDS`.

    Without them, the traits that are known count, and those that were when it was written. Raises
    Invalid with every problem at once.
    """
    return compiled(mail_of(email), known_traits(email) if traits is None else traits)


def mail_of(email: Email, workspace: Workspace | None = None) -> Mail:
    """What decides what the e-mail says."""
    workspace = workspace or Workspace.here()
    return Mail(
        subject=email.subject,
        preheader=email.preheader,
        blocks=tuple(email.blocks),
        language=email.language,
        workspace=workspace.sender_name or workspace.name,
        postal_address=workspace.postal_address,
        # The public id, because names change and two campaigns may share one.
        campaign=email.campaign.public_id,
        text=email.text,
        facts=facts_of(email.campaign_id) if facts_in(texts_of(email).values()) else {},
    )


def known_traits(email: Email | None = None) -> frozenset[str]:
    """The traits that people have, and those that this e-mail was written with."""
    written = frozenset(str(name) for name in email.traits) if email else frozenset()
    try:
        with warehouse(seconds=5) as db:
            found = frozenset((*BUILT_IN, *trait_columns(db)))
    except NO_NUMBERS:  # the sender has no warehouse
        found = frozenset()
    return frozenset(name for name in found | written if liquid.is_name(name))


def compiled(mail: Mail, traits: Collection[str] = ()) -> Compiled:
    """Compile, or raise Invalid with every problem at once, each with a pointer and a remedy."""
    attempt = attempted(mail, traits)
    if attempt.problems:
        raise Invalid(
            _("The e-mail is not ready; each problem says where and how to mend it."),
            code="invalid_email",
            errors=attempt.problems,
        )
    return attempt.compiled


@dataclass(frozen=True)
class Attempt:
    """A message as far as it could be composed, and what is wrong with it."""

    compiled: Compiled
    problems: tuple[Problem, ...]


def attempted(mail: Mail, traits: Collection[str] = ()) -> Attempt:
    """Compile what can be compiled; what is wrong is listed and left out of the message."""
    names = frozenset((*PERSON_FIELDS, *traits))
    with override(mail.language):
        composer = _Composer(mail, names)
        done = composer.compose()
    return Attempt(done, tuple(composer.problems))


def render(
    message: Compiled,
    person: Mapping[str, object],
    links: Callable[[int], str],
    urls: Mapping[str, str],
) -> Rendered:
    """Fill the message for one person.

    `person` maps names to values (missing ones take their default), `links` gives the tracked
    address of link number n, `urls` has `unsubscribe_url`, `view_url` and, to count opens,
    `open_url`.
    """
    values = liquid.namespace(person, message.names)
    for number in range(len(message.links)):
        values[f"_link_{number}"] = links(number)
    values["workspace"] = message.workspace
    values["unsubscribe_url"] = urls["unsubscribe_url"]
    values["view_url"] = urls["view_url"]
    values[OPEN_URL] = urls.get(OPEN_URL)
    # A line break in a name must not become a header of its own.
    subject = " ".join(message.subject.render(values).split())
    return Rendered(
        subject, message.html.render(values), message.text.render(values).strip() + "\n"
    )


@dataclass
class _Composer:
    mail: Mail
    names: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    _texts: list[Text] = field(default_factory=list)
    _slots: list[Text] = field(default_factory=list)
    _uses: dict[str, bool] = field(default_factory=dict)
    _words: int = 0
    _pictures: int = 0
    _mark: str = field(default_factory=lambda: f"q{secrets.token_hex(6)}x")

    def compose(self) -> Compiled:
        subject = self._line(self.mail.subject, "/subject")
        if not self.mail.subject.strip():
            self.problem(
                "/subject",
                "empty_subject",
                _("The subject is empty. Say in a few words what the mail is about."),
            )
        preheader = self._line(self.mail.preheader, "/preheader")
        sections = [
            _LAYOUTS[str(block["kind"])](self, block, f"/blocks/{index}")
            for index, block in enumerate(self.mail.blocks)
        ]
        if self.mail.text.strip():
            self._own_text()
        html = self._html(mjml2html(self._page(subject, preheader, "".join(sections)), fonts={}))
        size = html.fixed_bytes + sum(_LINK_ROOM for _link in self.links)
        if size > CLIP_BYTES:
            self.problem(
                "/blocks",
                "too_large",
                _(
                    "The HTML has %(size)s KB; Gmail cuts mails above %(limit)s KB, and with "
                    "them the way to unsubscribe. Shorten or remove some blocks."
                ),
                size=-(-size // 1024),
                limit=CLIP_BYTES // 1024,
            )
        return Compiled(
            subject=liquid.text(subject, escaped=False),
            html=html,
            text=liquid.joined(self._texts),
            links=tuple(self.links),
            names=frozenset(self._uses),
            without_default=frozenset(n for n, covered in self._uses.items() if not covered),
            html_bytes=size,
            words=self._words,
            pictures=self._pictures,
            workspace=self.mail.workspace,
        )

    def _own_text(self) -> None:
        own = self._line(self.mail.text, "/text").strip()
        if not re.search(r"\{\{\s*unsubscribe_url\s*\}\}", own):
            stop = gettext("Unsubscribe or choose what you get")
            own += f"\n\n{stop}: {{{{ unsubscribe_url }}}}"
        self._texts = [liquid.text(own, escaped=False)]

    def problem(self, at: str, code: str, text: str, **params: object) -> None:
        self.problems.append(Problem(at, code, text, params))

    # What people wrote.

    def _line(self, source: str, at: str, *, in_html: bool = False) -> str:
        """A line of plain text if its Liquid can be used, else nothing."""
        source = self._with_facts(source, at, in_html=in_html)
        problems, uses = liquid.check(source, {*self.names, *URLS, "workspace"}, at)
        self.problems.extend(problems)
        for use in uses:
            if use.name in self.names:
                self._uses[use.name] = self._uses.get(use.name, True) and use.has_default
        return "" if problems else source

    def _with_facts(self, source: str, at: str, *, in_html: bool = False) -> str:
        """The line with facts in place of their tokens; one that cannot be said is a problem."""
        if "fact" not in source:
            return source
        now = clock.now()

        def said(found: re.Match[str]) -> str:
            key = found[1].strip(".")
            fact = self.mail.facts.get(key)
            state = fact.state(self.mail.language, now) if fact else State.UNKNOWN
            if fact is not None and state is State.SAID:
                value = fact.value(self.mail.language)
                return escape(value) if in_html else value
            if at:
                self.problem(at, f"fact_{state.value}", _NOT_SAID[state], key=key)
            return ""

        def odd(found: re.Match[str]) -> str:
            if at:
                text = _("“%(source)s”: a fact stands alone, as {{ fact.price.hero }}.")
                self.problem(at, "fact_not_alone", text, source=found[0][:80])
            return ""

        return ANY_TOKEN.sub(odd, TOKEN.sub(said, source))

    def slot(self, text: Text) -> str:
        """A mark that stands in the layout for a text."""
        self._slots.append(text)
        return f"{self._mark}{len(self._slots) - 1}q"

    def line(self, block: Block, name: str, at: str) -> str:
        """The mark of a field with one line of text; empty if there is none."""
        source = self._line(str(block.get(name) or ""), f"{at}/{name}")
        self._words += _length(source)
        return self.slot(liquid.words(source)) if source else ""

    def rich(self, block: Block, name: str, at: str) -> str:
        """The mark of a field with rich text, its links tracked; its plain words are said too."""
        html = self._line(str(block.get(name) or ""), f"{at}/{name}", in_html=True)
        if not html:
            return ""
        where = f"{at}/{name}"
        linked = rich.relink(html, lambda url, label: self.link(url, label, where, in_html=True))
        plain = rich.plain(linked)
        self._words += _length(plain)
        self.say(plain)
        self._pictures += linked.count("<img")
        return self.slot(liquid.text(linked, escaped=True))

    def link(self, url: str, label: str, at: str, *, in_html: bool = False) -> str:
        """What stands in the href: a numbered hole, or the address itself where none is counted."""
        url = url.strip()
        own = re.fullmatch(r"\{\{\s*(\w+)\s*\}\}", url)
        if own and own[1] in URLS:
            return f"{{{{ {own[1]} }}}}"
        if "{{" in url or "{%" in url:
            self.problem(
                at,
                "liquid_in_link",
                _(
                    "“%(url)s”: personal data do not belong into an address. Only {{ "
                    "unsubscribe_url }} and {{ view_url }} can be used as a link."
                ),
                url=url[:120],
            )
            return "#"
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in ("mailto", "tel") and parts.path:
            return escape(url) if in_html else url
        if parts.scheme not in utm.SCHEMES or not parts.hostname or any(c.isspace() for c in url):
            self.problem(
                at,
                "bad_link",
                _(
                    "“%(url)s” is no address that people can open. Write it in full, such as "
                    "https://example.com/sale."
                ),
                url=url[:120],
            )
            return "#"
        number, place = len(self.links), int(at.split("/")[2])
        content = f"{self.mail.blocks[place]['kind']}-{place + 1}"
        tagged = utm.tag(url, campaign=self.mail.campaign, content=content)
        self.links.append(Link(tagged, label[:200] or parts.hostname, at))
        return f"{{{{ _link_{number} }}}}"

    def href(self, block: Block, name: str, label: str, at: str) -> tuple[str, str]:
        """The mark for an href, and the same address for the plain text; empty if there is none."""
        url = str(block.get(name) or "")
        if not url:
            return "", ""
        target = self.link(url, label, f"{at}/{name}")
        return self.slot(liquid.words(target)), target

    def picture(
        self, block: Block, name: str, alt: str, at: str, *, needs_words: bool = True
    ) -> tuple[str, str]:
        """The marks of a picture and of its words; empty if there is none."""
        url = str(block.get(name) or "")
        if not url:
            return "", ""
        self._pictures += 1
        if not re.match(r"https?://[^\s/]", url) or "{{" in url or "{%" in url:
            self.problem(
                f"{at}/{name}",
                "bad_image",
                _(
                    "“%(url)s” is no address of a picture. Write it in full, such as "
                    "https://example.com/tea.jpg."
                ),
                url=url[:120],
            )
            return "", ""
        if needs_words and not str(block.get(alt) or "").strip():
            self.problem(
                f"{at}/{alt}",
                "no_alt",
                _(
                    "The picture has no words. Say what it shows, for readers whose mail program "
                    "blocks pictures or reads aloud."
                ),
            )
        return self.slot(liquid.words(url)), self.line(block, alt, at)

    def say(self, source: str) -> None:
        """Add a paragraph to the plain text."""
        if source.strip():
            gap = "\n\n" if self._texts else ""
            self._texts.append(liquid.text(gap + source, escaped=False))

    def said(self, block: Block, name: str) -> str:
        """The source of a line for the plain text; nothing if its Liquid is broken."""
        source = self._with_facts(str(block.get(name) or ""), "")
        problems, _uses = liquid.check(source, {*self.names, *URLS, "workspace"}, "")
        return "" if problems else source

    # The page around it.

    def _page(self, subject: str, preheader: str, sections: str) -> str:
        title = self.slot(liquid.words(subject))
        preview = (
            f"<mj-preview>{self.slot(liquid.words(preheader))}</mj-preview>" if preheader else ""
        )
        language = _LANGUAGES.get(self.mail.language, "en")
        return (
            f'<mjml lang="{language}" dir="ltr"><mj-head><mj-title>{title}</mj-title>{preview}'
            f'<mj-attributes><mj-all font-family="{_FONT}" />'
            f'<mj-text font-size="16px" line-height="1.6" color="{_INK}" padding="8px 24px" />'
            f'<mj-button background-color="{_BRAND}" color="#ffffff" font-size="16px" '
            'font-weight="600" border-radius="6px" inner-padding="12px 28px" padding="12px 24px" />'
            '<mj-image padding="8px 24px" /><mj-section padding="0" background-color="#ffffff" />'
            f'<mj-divider border-width="1px" border-color="{_EDGE}" padding="16px 24px" />'
            '</mj-attributes><mj-raw><meta name="color-scheme" content="light dark" />'
            '<meta name="supported-color-schemes" content="light dark" /></mj-raw></mj-head>'
            f'<mj-body background-color="#f6f8fa">{sections}</mj-body></mjml>'
        )

    def _html(self, page: str) -> Text:
        pieces = re.split(f"{self._mark}(\\d+)q", page)
        texts = [
            Text((piece,)) if index % 2 == 0 else self._slots[int(piece)]
            for index, piece in enumerate(pieces)
        ]
        whole = liquid.joined(texts)
        last = whole.parts[-1]
        if not isinstance(last, str) or "</body>" not in last:
            raise ValueError("The layout engine gave no page.")
        before, _end, after = last.rpartition("</body>")
        return liquid.joined(
            [
                Text((*whole.parts[:-1], before)),
                Text((liquid.hole(liquid.Mode.PICTURE, OPEN_URL),)),
                Text((f"</body>{after}",)),
            ]
        )


def _length(text: str) -> int:
    """How much there is to read: words, or Chinese characters."""
    return len(re.findall(r"[A-Za-z0-9]+|[\u3400-\u9fff]", text))


def _section(inside: str, padding: str = "0") -> str:
    return f'<mj-section padding="{padding}"><mj-column>{inside}</mj-column></mj-section>'


def _header(c: _Composer, block: Block, at: str) -> str:
    logo, _alt = c.picture(block, "image", "", at, needs_words=False)
    brand = c.slot(liquid.words(c.mail.workspace))
    if logo:
        name = (
            f'<mj-image src="{logo}" alt="{brand}" width="140px" align="left"'
            ' padding="20px 24px 8px" />'
        )
    else:
        name = (
            f'<mj-text font-size="18px" font-weight="600" color="{_BRAND}"'
            f' padding="20px 24px 8px">{brand}</mj-text>'
        )
    view = ""
    if block.get("view_link", True):
        href = c.slot(liquid.words("{{ view_url }}"))
        said = gettext("View in browser")
        words = c.slot(liquid.words(said))
        view = (
            f'<mj-text align="right" font-size="12px" color="{_MUTED}" padding="24px 24px 8px">'
            f'<a href="{href}" style="color:{_MUTED}">{words}</a></mj-text>'
        )
        c.say(f"{said}: {{{{ view_url }}}}")
    return (
        f'<mj-section padding="0"><mj-column width="65%">{name}</mj-column>'
        f'<mj-column width="35%">{view}</mj-column></mj-section>'
    )


def _hero(c: _Composer, block: Block, at: str) -> str:
    inside = _image_of(c, block, at, padding="0")
    if title := c.line(block, "title", at):
        inside += (
            '<mj-text font-size="28px" line-height="1.3" font-weight="600"'
            f' padding="20px 24px 4px">{title}</mj-text>'
        )
        c.say(c.said(block, "title"))
    if text := c.rich(block, "text", at):
        inside += f"<mj-text>{text}</mj-text>"
    return _section(inside + _button_of(c, block, at, "label", "url"))


def _heading(c: _Composer, block: Block, at: str) -> str:
    text = c.line(block, "text", at)
    if not text:
        return ""
    level = str(block.get("level") or "2")
    size = {"1": 28, "2": 22, "3": 18}[level]
    c.say(c.said(block, "text"))
    return _section(
        f'<mj-text font-size="{size}px" line-height="1.3" font-weight="600"'
        f' align="{_align(block)}" padding="16px 24px 4px">'
        f'<h{level} style="margin:0;font-size:inherit;font-weight:inherit">{text}</h{level}>'
        "</mj-text>"
    )


def _text(c: _Composer, block: Block, at: str) -> str:
    text = c.rich(block, "text", at)
    return _section(f'<mj-text align="{_align(block)}">{text}</mj-text>') if text else ""


def _image(c: _Composer, block: Block, at: str) -> str:
    inside = _image_of(c, block, at)
    return _section(inside) if inside else ""


def _button(c: _Composer, block: Block, at: str) -> str:
    if not str(block.get("label") or "").strip():
        c.problem(
            f"{at}/label",
            "empty_button",
            _("The button says nothing. Say what happens when people press it."),
        )
    if not str(block.get("url") or "").strip():
        c.problem(
            f"{at}/url",
            "bad_link",
            _("The button leads nowhere yet. Give the address that it opens."),
        )
    inside = _button_of(c, block, at, "label", "url", _align(block))
    return _section(inside) if inside else ""


def _columns(c: _Composer, block: Block, at: str) -> str:
    columns = ""
    for side in ("left", "right"):
        source, alt = c.picture(block, f"{side}_image", f"{side}_alt", at)
        inside = f'<mj-image src="{source}" alt="{alt}" padding="8px 12px" />' if source else ""
        if text := c.rich(block, f"{side}_text", at):
            inside += f'<mj-text padding="8px 12px">{text}</mj-text>'
        inside += _button_of(c, block, at, f"{side}_label", f"{side}_url")
        columns += f'<mj-column width="50%">{inside}</mj-column>'
    return f'<mj-section padding="0 12px">{columns}</mj-section>'


def _divider(c: _Composer, block: Block, at: str) -> str:
    c.say("----")
    return _section("<mj-divider />")


def _spacer(c: _Composer, block: Block, at: str) -> str:
    return _section(f'<mj-spacer height="{int(str(block.get("height") or 24))}px" />')


def _own_html(c: _Composer, block: Block, at: str) -> str:
    text = c.rich(block, "html", at)
    return _section(f'<mj-text padding="0">{text}</mj-text>') if text else ""


def _footer(c: _Composer, block: Block, at: str) -> str:
    small = c.rich(block, "text", at)
    why = gettext("You get this mail because you agreed to hear from %(workspace)s.") % {
        "workspace": c.mail.workspace
    }
    stop, address = gettext("Unsubscribe or choose what you get"), c.mail.postal_address
    c.say(
        "\n".join(
            line
            for line in (
                "-- ",
                why,
                f"{stop}: {{{{ unsubscribe_url }}}}",
                c.mail.workspace,
                address,
            )
            if line
        )
    )
    href = c.slot(liquid.words("{{ unsubscribe_url }}"))
    lines = [f'<p style="margin:0 0 8px">{small}</p>'] if small else []
    lines.append(c.slot(Text((escape(why),))) + "<br />")
    lines.append(
        f'<a href="{href}" style="color:{_MUTED}">{c.slot(Text((escape(stop),)))}</a><br />'
    )
    identity = escape(" · ".join(part for part in (c.mail.workspace, address) if part))
    lines.append(c.slot(Text((identity,))))
    return (
        '<mj-section padding="8px 0 24px" background-color="#f6f8fa"><mj-column>'
        f'<mj-text font-size="12px" line-height="1.6" color="{_MUTED}">{"".join(lines)}</mj-text>'
        "</mj-column></mj-section>"
    )


def _image_of(c: _Composer, block: Block, at: str, padding: str = "8px 24px") -> str:
    source, alt = c.picture(block, "image", "alt", at)
    if not source:
        if block["kind"] == "image":
            c.problem(
                f"{at}/image",
                "bad_image",
                _(
                    "“%(url)s” is no address of a picture. Write it in full, such as "
                    "https://example.com/tea.jpg."
                ),
                url=str(block.get("image") or ""),
            )
        return ""
    href, target = ("", "")
    if block["kind"] == "image":
        href, target = c.href(block, "url", str(block.get("alt") or ""), at)
    words = c.said(block, "alt")
    c.say(f"[{words}]" + (f" {target}" if target else "") if words else target)
    leads = f' href="{href}"' if href else ""
    return f'<mj-image src="{source}" alt="{alt}" padding="{padding}"{leads} />'


def _button_of(
    c: _Composer, block: Block, at: str, label: str, url: str, align: str = "center"
) -> str:
    href, target = c.href(block, url, str(block.get(label) or ""), at)
    words = c.line(block, label, at)
    if not href or not words:
        return ""
    c.say(f"{c.said(block, label)}: {target}")
    return f'<mj-button href="{href}" align="{align}">{words}</mj-button>'


def _align(block: Block) -> str:
    return "center" if block.get("align") == "center" else "left"


_LAYOUTS: Mapping[str, Callable[[_Composer, Block, str], str]] = {
    "header": _header,
    "hero": _hero,
    "heading": _heading,
    "text": _text,
    "image": _image,
    "button": _button,
    "columns": _columns,
    "divider": _divider,
    "spacer": _spacer,
    "html": _own_html,
    "footer": _footer,
}
