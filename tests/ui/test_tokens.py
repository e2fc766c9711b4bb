"""The colours: every text on every ground at least 4.5 : 1, every edge and ring at least 3 : 1."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[2] / "web" / "styles" / "tokens.css").read_text()
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", SHEET
    )
}
GROUNDS = ["canvas", "surface", "raised", "sunken", "hover", "selected"]
TEXTS = ["text", "muted", "faint", "brand", "good", "warn", "bad", "info", "better", "worse"]
SOFT = ["good", "warn", "bad", "info", "brand"]
EDGES = ["control", "focus"]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
class TestContrast:
    @pytest.mark.parametrize("ground", ["canvas", "surface", "raised", "hover"])
    @pytest.mark.parametrize("text", TEXTS)
    def test_of_text(self, theme, text, ground):
        assert contrast(PAIRS[text][theme], PAIRS[ground][theme]) >= 4.5

    @pytest.mark.parametrize("ground", ["sunken", "selected", "here"])
    @pytest.mark.parametrize("text", ["text", "muted", "faint"])
    def test_of_ink_in_wells_and_on_chosen_rows(self, theme, text, ground):
        assert contrast(PAIRS[text][theme], PAIRS[ground][theme]) >= 4.5

    @pytest.mark.parametrize("state", SOFT)
    def test_of_states_on_their_tints(self, theme, state):
        ground = PAIRS[f"{state}-soft"][theme]
        assert contrast(PAIRS[state][theme], ground) >= 4.5
        assert contrast(PAIRS["text"][theme], ground) >= 4.5
        assert contrast(PAIRS["muted"][theme], ground) >= 4.5

    def test_of_words_on_the_primary_button(self, theme):
        assert contrast(PAIRS["on-brand"][theme], PAIRS["brand"][theme]) >= 4.5
        assert contrast(PAIRS["on-brand"][theme], PAIRS["brand-hi"][theme]) >= 4.5

    @pytest.mark.parametrize("ground", ["canvas", "surface", "raised"])
    @pytest.mark.parametrize("edge", EDGES)
    def test_of_edges_of_controls(self, theme, edge, ground):
        assert contrast(PAIRS[edge][theme], PAIRS[ground][theme]) >= 3

    @pytest.mark.parametrize("number", range(1, 7))
    def test_of_series_in_charts(self, theme, number):
        assert contrast(PAIRS[f"series-{number}"][theme], PAIRS["surface"][theme]) >= 3


def test_colours_are_named_in_one_place_only():
    sheets = (Path(__file__).parents[2] / "web" / "styles").rglob("*.css")
    named = {
        sheet.name: found
        for sheet in sheets
        if sheet.name != "tokens.css"
        and (found := re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", sheet.read_text()))
    }
    # The preview of a mail is white paper in both themes: mail programs show it so.
    assert named == {"review.css": ["#fff"]}
