"""Collects the texts of the parts, keeps their translations, and compiles them.

`python -m muster.config.words [PART …]`: simplified Chinese is written by people in
`locale/<part>/zh_Hans`; traditional Chinese is derived from it with a table of marketing terms
(`locale/_hant.tsv`) and read by eye. `--compile` only compiles, which is all a new machine needs.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}


def texts(part: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    """Every marked text of a part, from Python and templates: file, line, message, context."""
    from django.utils.translation.template import templatize

    for path in sorted(part.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            source = path.read_bytes()
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            # The indentation of a page means nothing, but a reader of Python stumbles over it.
            lines = templatize(path.read_text(encoding="utf-8")).splitlines()
            source = "\n".join(line.strip() for line in lines).encode()
        else:
            continue
        found = extract("python", io.BytesIO(source), keywords=KEYWORDS)
        for line, message, _comments, context in found:
            if message and message != ("", ""):
                yield str(path.relative_to(PACKAGE)), line, message, context


def collect(part: str) -> Catalog:
    """Bring the part's simplified Chinese catalogue up to date with its texts."""
    path = LOCALE / part / "zh_Hans" / "LC_MESSAGES" / "django.po"
    template = Catalog(project="muster", charset="utf-8")
    for file, _line, message, context in texts(PACKAGE / part):
        template.add(message, locations=[(file, 0)], context=context)
    catalog = (
        _read(path, "zh_Hans") if path.exists() else Catalog(locale="zh_Hans", charset="utf-8")
    )
    catalog.update(template, no_fuzzy_matching=True, keep_user_comments=True)
    catalog.obsolete.clear()
    _write(path, catalog)
    return catalog


def derive(part: str, simplified: Catalog) -> Catalog:
    """The traditional Chinese catalogue of a part."""
    import opencc

    converter = opencc.OpenCC("s2twp")
    terms = [
        line.split("\t")
        for line in (LOCALE / "_hant.tsv").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]

    def traditional(text: str) -> str:
        text = converter.convert(text)
        for wrong, right in terms:
            text = text.replace(wrong, right)
        return text

    catalog = Catalog(locale="zh_Hant", charset="utf-8")
    for message in simplified:
        if not message.id:
            continue
        turned = [traditional(words) for words in _strings(message.string)]
        plural = isinstance(message.id, tuple)
        catalog.add(message.id, tuple(turned) if plural else turned[0], context=message.context)
    _write(LOCALE / part / "zh_Hant" / "LC_MESSAGES" / "django.po", catalog)
    return catalog


def compile_all() -> int:
    """Compile every catalogue; returns how many texts have no translation yet."""
    missing = 0
    for path in sorted(LOCALE.glob("*/*/LC_MESSAGES/django.po")):
        catalog = _read(path, path.parent.parent.name)
        missing += sum(1 for message in catalog if message.id and not all(_strings(message.string)))
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
    return missing


def _strings(words: object) -> tuple[str, ...]:
    return tuple(words) if isinstance(words, tuple | list) else (str(words or ""),)


def _read(path: Path, locale: str) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8")


def _write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, omit_header=False, sort_output=True, no_location=True)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [
        line
        for line in lines
        if not line.startswith(('"POT-Creation', '"PO-Revision', '"Generated-By'))
    ]
    path.write_text("".join(kept), encoding="utf-8")


def main(arguments: list[str]) -> None:
    from django.conf import settings

    settings.configure(USE_I18N=False)
    django.setup()
    if "--compile" not in arguments:
        parts = arguments or sorted(
            path.name
            for path in PACKAGE.iterdir()
            if path.is_dir() and path.name[0] not in "_." and path != LOCALE
        )
        for part in parts:
            if any(texts(PACKAGE / part)):
                derive(part, collect(part))
    missing = compile_all()
    sys.stdout.write(f"{missing} texts without translation\n")


if __name__ == "__main__":
    main(sys.argv[1:])
