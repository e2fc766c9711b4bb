"""The blocks that an e-mail is made of (CO3): which there are, and what each asks for.

The editor's forms, the check of an input and the API's description all read this one table.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from muster.content.emails import rich
from muster.kit.errors import Invalid, Problem
from muster.kit.words import _

Block: TypeAlias = dict[str, object]
"""`{"kind": "text", "id": "b1f3", …fields…}`; ids are unique within one e-mail."""

MAX_BLOCKS = 80


@dataclass(frozen=True)
class Field:
    """One thing that a block asks for."""

    name: str
    label: str
    kind: str = "line"
    """`line` (one line of text), `rich` (sanitised HTML), `url`, `choice`, `number`, `flag`,
    `html` (a whole sanitised body)."""
    limit: int = 200
    """Most characters, or the greatest number."""
    least: int = 0
    default: str | int | bool = ""
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    long: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of block."""

    key: str
    label: str
    icon: str
    fields: tuple[Field, ...] = ()
    locked: bool = False
    """Stays in every e-mail, at its place."""
    offered: bool = True
    """Whether the editor offers to add one."""


_ALIGN = (("left", _("On the left")), ("center", _("In the middle")))
_IMAGE = (
    Field("image", _("Address of the picture"), "url", 2_000),
    Field(
        "alt",
        _("What the picture shows"),
        limit=300,
        hint=_("Read aloud, and shown when pictures are blocked."),
    ),
)
_BUTTON = (
    Field("label", _("Words on the button"), limit=80),
    Field("url", _("Leads to"), "url", 2_000),
)


def _column(
    side: str, label_image: str, label_text: str, label_button: str, label_url: str
) -> tuple[Field, ...]:
    return (
        Field(f"{side}_image", label_image, "url", 2_000),
        Field(f"{side}_alt", _("What the picture shows"), limit=300),
        Field(f"{side}_text", label_text, "rich", 5_000, long=True),
        Field(f"{side}_label", label_button, limit=80),
        Field(f"{side}_url", label_url, "url", 2_000),
    )


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "header",
            _("Header"),
            "browser",
            (
                Field(
                    "image",
                    _("Address of the logo"),
                    "url",
                    2_000,
                    hint=_("Empty shows the name of the workspace."),
                ),
                Field("view_link", _("Link “view in browser”"), "flag", default=True),
            ),
        ),
        Kind(
            "hero",
            _("Hero"),
            "sparkles",
            (
                *_IMAGE,
                Field("title", _("Title"), limit=200),
                Field("text", _("Text"), "rich", 2_000, long=True),
                *_BUTTON,
            ),
        ),
        Kind(
            "heading",
            _("Heading"),
            "forms",
            (
                Field("text", _("Text"), limit=200),
                Field(
                    "level",
                    _("Size of the heading"),
                    "choice",
                    default="2",
                    choices=(("1", _("Large")), ("2", _("Medium")), ("3", _("Small"))),
                ),
                Field("align", _("Aligned"), "choice", default="left", choices=_ALIGN),
            ),
        ),
        Kind(
            "text",
            _("Text"),
            "file-text",
            (
                Field("text", _("Text"), "rich", 20_000, long=True),
                Field("align", _("Aligned"), "choice", default="left", choices=_ALIGN),
            ),
        ),
        Kind(
            "image",
            _("Picture"),
            "photo",
            (*_IMAGE, Field("url", _("Leads to"), "url", 2_000)),
        ),
        Kind(
            "button",
            _("Button"),
            "pointer",
            (*_BUTTON, Field("align", _("Aligned"), "choice", default="center", choices=_ALIGN)),
        ),
        Kind(
            "columns",
            _("Two columns"),
            "layout-grid",
            (
                *_column(
                    "left",
                    _("Picture on the left"),
                    _("Text on the left"),
                    _("Button on the left"),
                    _("Left button leads to"),
                ),
                *_column(
                    "right",
                    _("Picture on the right"),
                    _("Text on the right"),
                    _("Button on the right"),
                    _("Right button leads to"),
                ),
            ),
        ),
        Kind("divider", _("Divider"), "minus"),
        Kind(
            "spacer",
            _("Spacer"),
            "arrows-sort",
            (Field("height", _("Height in pixels"), "number", 120, 4, default=24),),
        ),
        Kind(
            "html",
            _("Own HTML"),
            "webhook",
            (Field("html", _("HTML"), "html", 200_000, long=True),),
            offered=False,
        ),
        Kind(
            "footer",
            _("Footer"),
            "lock",
            (Field("text", _("More small print"), "rich", 2_000, long=True),),
            locked=True,
        ),
    )
}
"""Key → kind, in the order in which the editor offers them."""


@dataclass
class _Reader:
    problems: list[Problem] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    def problem(self, at: str, code: str, text: str, **params: object) -> None:
        self.problems.append(Problem(at, code, text, params))


def read(blocks: object, at: str = "/blocks") -> list[Block]:
    """The blocks in their full form: known kinds and fields only, rich text sanitised.

    A footer is put at the end when there is none, and moved there when it stands elsewhere.
    Raises Invalid with every problem of shape at once; what is merely unfinished (a button that
    leads nowhere yet) is for `checks` to say.
    """
    reader = _Reader()
    if not isinstance(blocks, Sequence) or isinstance(blocks, str):
        raise Invalid.at(
            at,
            "wrong_type",
            _('The blocks must be a list such as [{"kind": "text", "text": "…"}].'),
        )
    if len(blocks) > MAX_BLOCKS:
        raise Invalid.at(
            at,
            "too_many_blocks",
            _(
                "There are %(count)s blocks; at most %(limit)s are possible. Join or leave out "
                "some."
            ),
            count=len(blocks),
            limit=MAX_BLOCKS,
        )
    found = [_block(reader, block, f"{at}/{index}") for index, block in enumerate(blocks)]
    if reader.problems:
        raise Invalid(
            _("Some blocks cannot be used; each problem says where and how to mend it."),
            code="invalid_blocks",
            errors=reader.problems,
        )
    kept = [block for block in found if block["kind"] != "footer"]
    footer = next((block for block in found if block["kind"] == "footer"), None)
    return [*kept, footer or fresh("footer")]


def fresh(kind: str) -> Block:
    """A new block of this kind with its defaults."""
    return {"kind": kind, "id": new_id(), **{f.name: f.default for f in KINDS[kind].fields}}


def new_id() -> str:
    """An id that is unique enough within one e-mail."""
    return secrets.token_hex(4)


def _block(reader: _Reader, block: object, at: str) -> Block:
    kind = KINDS.get(str(block.get("kind"))) if isinstance(block, Mapping) else None
    if kind is None or not isinstance(block, Mapping):
        reader.problem(
            f"{at}/kind",
            "unknown_block",
            _("There is no block of this kind. Use one of: %(kinds)s."),
            kinds=", ".join(KINDS),
        )
        return {"kind": "text"}
    known = {f.name for f in kind.fields}
    for name in block:
        if name not in known and name not in ("kind", "id"):
            reader.problem(
                f"{at}/{name}",
                "unknown_field",
                _("The block “%(kind)s” has no “%(name)s”. It has: %(known)s."),
                kind=kind.key,
                name=str(name)[:60],
                known=", ".join(sorted(known)) or "–",
            )
    identity = str(block.get("id") or "")[:20]
    if not identity.isalnum() or identity in reader.ids:
        identity = new_id()
    reader.ids.add(identity)
    values = {
        f.name: _value(reader, f, block.get(f.name, f.default), f"{at}/{f.name}")
        for f in kind.fields
    }
    return {"kind": kind.key, "id": identity, **values}


def _value(reader: _Reader, f: Field, value: object, at: str) -> str | int | bool:
    if f.kind == "flag":
        if isinstance(value, bool):
            return value
        reader.problem(at, "wrong_type", _("“%(name)s” is either true or false."), name=f.name)
        return bool(f.default)
    if f.kind == "number":
        if isinstance(value, int) and not isinstance(value, bool) and f.least <= value <= f.limit:
            return value
        reader.problem(
            at,
            "out_of_range",
            _("“%(name)s” is a whole number from %(least)s to %(limit)s."),
            name=f.name,
            least=f.least,
            limit=f.limit,
        )
        return int(f.default)
    if not isinstance(value, str):
        reader.problem(at, "wrong_type", _("“%(name)s” must be a text."), name=f.name)
        return str(f.default)
    if len(value) > f.limit:
        reader.problem(
            at,
            "too_long",
            _("“%(name)s” has %(count)s characters; at most %(limit)s are possible."),
            name=f.name,
            count=len(value),
            limit=f.limit,
        )
        return value[: f.limit]
    if f.choices and value not in {key for key, _label in f.choices}:
        reader.problem(
            at,
            "unknown_choice",
            _("“%(name)s” is one of: %(choices)s."),
            name=f.name,
            choices=", ".join(key for key, _label in f.choices),
        )
        return str(f.default)
    if f.kind in ("rich", "html"):
        return rich.clean(value, whole=f.kind == "html")
    if f.kind == "line":
        return " ".join(value.split())
    return value.strip()
