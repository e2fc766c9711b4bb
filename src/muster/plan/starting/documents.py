"""A brief as a file (S06): what a Word document or a text file says, paragraph by paragraph."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from xml.parsers import expat

from charset_normalizer import from_bytes

from muster.kit.errors import Invalid
from muster.kit.words import _

LARGEST = 5_000_000
_UNPACKED = 30_000_000
_MOST = 20_000
"""So many characters are read; a brief is shorter."""
_BODY = "word/document.xml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main "


def text_of(name: str, content: bytes) -> str:
    """The text of the file. Raises Invalid for what is no document that can be read."""
    if len(content) > LARGEST:
        raise Invalid.at("/file", "too_large", _("A brief has at most 5 MB."))
    if content[:4] == b"PK\x03\x04":
        return _of_word(content)[:_MOST]
    if name.lower().endswith((".txt", ".md", ".text")):
        found = from_bytes(content[:200_000]).best()
        if found is not None:
            return str(found)[:_MOST]
    raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid.at(
        "/file",
        "no_document",
        _("This is no Word document (.docx) or text file that can be read. Paste its text."),
    )


def _of_word(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if packed.getinfo(_BODY).file_size > _UNPACKED:
                raise Invalid.at("/file", "too_large", _("A brief has at most 5 MB."))
            with packed.open(_BODY) as body:
                return _paragraphs(body.read(_UNPACKED))
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise _unreadable() from error
    except (expat.ExpatError, zlib.error, lzma.LZMAError, ValueError, EOFError) as error:
        raise _unreadable() from error


def _paragraphs(xml: bytes) -> str:
    """The words of every paragraph, a line each; cells of a row of a table stand beside each other.

    What was struck out by tracked changes is left out.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.say
    # A document needs no DTD; one that has it means to unfold without end.
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(xml, True)
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    lines = (line.replace(" ：", "：").rstrip("：") for line in lines)
    return "\n".join(line for line in lines if line)


def _refuse(*declared: object) -> None:
    raise ValueError("A document type is declared")


class _Reader:
    """Collects the text between the marks."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._is_text = False
        self._in_cell = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "t":
                self._is_text = True
            case "tab":
                self.parts.append(" ")
            case "br" | "cr":
                self.parts.append("\n")
            case "tc":
                self._in_cell += 1

    def end(self, name: str) -> None:
        match _local(name):
            case "t":
                self._is_text = False
            case "p":
                # The cells of a row make one line: “Budget | 500,000”.
                self.parts.append(" " if self._in_cell else "\n")
            case "tc":
                self._in_cell -= 1
                self.parts.append("： " if self._is_label() else " ")
            case "tr":
                self.parts.append("\n")

    def say(self, text: str) -> None:
        if self._is_text:
            self.parts.append(text)

    def _is_label(self) -> bool:
        """The first cell of a row names what the next one says, unless it ends in a colon."""
        line = "".join(self.parts).rpartition("\n")[2].strip()
        return bool(line) and "：" not in line and ":" not in line


def _local(name: str) -> str:
    for space in (_WORD, _STRICT):
        if name.startswith(space):
            return name.removeprefix(space)
    return ""
