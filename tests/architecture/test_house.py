"""The map stays true: story order, texts in three languages, nothing in the files that does not belong."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "muster"
CATALOGUES = sorted(PACKAGE.glob("locale/*/*/LC_MESSAGES/django.po"))


def test_the_story_is_told_in_one_order():
    from muster.config.settings import STORY

    told = re.findall(r"\*\*(\w+)\*\*", (ROOT / "ARCHITECTURE.md").read_text().split("```")[0])
    assert [word for word in told if word in STORY] == STORY


def test_parts_with_texts_have_catalogues():
    from muster.config.words import texts

    parts = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "locale"}
    with_texts = {part for part in parts if any(texts(PACKAGE / part))}
    assert with_texts == {path.parents[2].name for path in CATALOGUES}


@pytest.mark.parametrize(
    "path", CATALOGUES, ids=lambda path: f"{path.parents[2].name}-{path.parents[1].name}"
)
class TestCatalogue:
    def test_is_complete(self, path):
        with path.open("rb") as file:
            catalogue = read_po(file)
        missing = [
            message.id
            for message in catalogue
            if message.id
            and not all(message.string if isinstance(message.string, tuple) else [message.string])
        ]
        assert missing == []

    def test_is_punctuated_as_chinese_is(self, path):
        with path.open("rb") as file:
            catalogue = read_po(file)
        halfway = re.compile(r"[\u4e00-\u9fff][,;:?!(][\u4e00-\u9fff]")
        texts = [
            text
            for message in catalogue
            if message.id
            for text in (message.string if isinstance(message.string, tuple) else [message.string])
        ]
        assert [text for text in texts if halfway.search(text)] == []

    def test_keeps_the_named_places(self, path):
        with path.open("rb") as file:
            catalogue = read_po(file)
        places = re.compile(r"%\((\w+)\)[sd]")
        wrong = []
        for message in catalogue:
            if not message.id:
                continue
            english = message.id if isinstance(message.id, tuple) else (message.id,)
            chinese = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = set(places.findall(" ".join(english)))
            if any(set(places.findall(text)) - wanted for text in chinese):
                wrong.append(message.id)
            if set(places.findall(" ".join(chinese))) != wanted:
                wrong.append(message.id)
        assert wrong == []


def test_one_english_text_has_one_translation():
    """All catalogues are merged at run time: of two translations some page would show the wrong one."""
    told = {}
    for path in CATALOGUES:
        if path.parents[1].name != "zh_Hans":
            continue
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in catalogue:
            english, chinese = (
                words if isinstance(words, str) else words[0]
                for words in (message.id, message.string)
            )
            if english:
                said = told.setdefault((english, message.context), {})
                said.setdefault(chinese, []).append(path.parents[2].name)
    assert told
    assert {text: said for text, said in told.items() if len(said) > 1} == {}


def test_collecting_texts_again_changes_nothing(tmp_path):
    """Every marked text is in the catalogue: what a page says is what was translated."""
    from muster.config.words import texts

    unknown = []
    for path in CATALOGUES:
        if path.parents[1].name != "zh_Hans":
            continue
        with path.open("rb") as file:
            catalogue = read_po(file)
        for file_name, _line, message, context in texts(PACKAGE / path.parents[2].name):
            if catalogue.get(message, context) is None:
                unknown.append((file_name, message))
    assert unknown == []


def test_files_speak_of_the_product_alone():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    hosts = re.compile(
        r"https?://[a-z0-9.-]*(pypi|pythonhosted|npmjs|debian|crates|golang|maven)[a-z0-9.-]*"
    )
    leaks = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".svg", ".png"} or not path.is_file() or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        if hosts.search(text):
            leaks.append(name)
    assert leaks == []
