"""Tags and pages of the frame: safe, named, and without anything the content policy forbids."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpResponse
from django.template import Context, Template
from django.utils import translation

from muster.ui import charts, toasts


def draw(source: str, language: str = "en", **names: object) -> str:
    with translation.override(language):
        return Template("{% load ui %}" + source).render(Context(names))


class Chooser(forms.Form):
    kind = forms.ChoiceField(
        choices=[
            ("", "---------"),
            ('a"b', "<b>A</b> & B"),
            ("Groups", [("c", "C"), (4, "Four")]),
        ]
    )


class TestASelect:
    def test_is_safe_and_keeps_groups_and_what_was_chosen(self):
        drawn = str(Chooser({"kind": "4"})["kind"])
        assert '<option value="a&quot;b">&lt;b&gt;A&lt;/b&gt; &amp; B</option>' in drawn
        assert (
            '<optgroup label="Groups"><option value="c">C</option>'
            '<option value="4" selected>Four</option></optgroup>'
        ) in drawn

    def test_is_otherwise_as_django_draws_it(self):
        ours = str(Chooser({"kind": "c"})["kind"])
        theirs = str(Chooser({"kind": "c"}, renderer=DjangoTemplates())["kind"])
        close = re.compile(r">\s+<")
        assert close.sub("><", ours.replace("Please choose", "---------").strip()) == close.sub(
            "><", theirs.strip()
        )

    @pytest.mark.parametrize(
        ("language", "words"),
        [("en", "Please choose"), ("zh-hans", "请选择"), ("zh-hant", "請選擇")],
    )
    def test_asks_to_choose_in_the_readers_words(self, language, words):
        with translation.override(language):
            assert f'<option value="" selected>{words}</option>' in str(Chooser()["kind"])


class TestBars:
    def test_are_as_wide_as_their_share(self):
        assert 'width="42.5%"' in draw("{% bar 425 1000 %}")

    @pytest.mark.parametrize(
        ("value", "total", "width"), [(5, 0, "0%"), (7, 5, "100%"), (-3, 5, "0%"), (None, 5, "0%")]
    )
    def test_never_leave_their_bounds(self, value, total, width):
        assert f'width="{width}"' in draw("{% bar value total %}", value=value, total=total)

    def test_speak_if_they_have_a_label(self):
        assert 'role="img" aria-label="62% &lt;done&gt;"' in draw(
            "{% bar 62 100 label=label %}", label="62% <done>"
        )
        assert 'aria-hidden="true"' in draw("{% bar 62 100 %}")

    def test_of_a_waterfall_are_drawn_from_zero(self):
        # 119,996 of 128,430 stay after 8,022 were lost.
        drawn = draw("{% waterfall_bar 119996 8022 128430 %}")
        assert 'class="kept" width="93.43%"' in drawn
        assert 'class="lost" x="93.43%" width="6.25%"' in drawn

    def test_of_a_waterfall_show_even_a_few(self):
        assert 'width="0.35%"' in draw("{% waterfall_bar 128429 1 128430 %}")
        assert 'width="0%"' in draw("{% waterfall_bar 128430 0 128430 %}")

    def test_of_a_load_mark_the_limit_and_what_exceeds_it(self):
        drawn = draw("{% load_bar 118 100 %}")
        assert 'class="quiet" width="80%"' in drawn
        assert 'class="over" x="80%" width="14.4%"' in drawn

    def test_of_a_goal_show_where_the_plan_is(self):
        drawn = draw("{% goal_ring 2186 5000 2020 %}")
        assert 'stroke-dasharray="43.72 100"' in drawn
        assert "rotate(145.44 22 22)" in drawn


class TestSmallElements:
    def test_escape_what_people_wrote(self):
        assert "&lt;b&gt;" in draw('{% chip "good" text %}', text="<b>")

    def test_show_a_colleague_by_initials_and_name(self):
        drawn = draw(
            "{% face user %}", user=SimpleNamespace(initials="王", __str__=lambda self: "x")
        )
        assert "王" in drawn

    def test_have_icons_that_the_sprite_holds(self):
        from pathlib import Path

        root = Path(__file__).parents[2]
        names = set(json.loads((root / "web" / "icons.json").read_text()))
        used = {
            name
            for template in (root / "src" / "muster").rglob("templates/**/*.html")
            for name in re.findall(r'{% icon "([a-z0-9-]+)"', template.read_text())
        }
        assert used <= names, sorted(used - names)

    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("{{ 1284350.5|number }}", "1,284,350.5"),
            ("{{ 12840|compact }}", "12.84K"),
            ('{{ value|money:"CNY" }}', "CN¥1,234.50"),
            ('{{ value|money:"CNY short" }}', "CN¥1,234.50"),
            ("{{ ratio|percent }}", "18.28%"),
            ("{{ nothing|percent }}", "–"),
            ("{{ nothing|when }}", "–"),
        ],
    )
    def test_write_numbers_as_the_reader_does(self, source, text):
        assert draw(source, value=Decimal("1234.5"), ratio=0.1828, nothing=None) == text


class Sample(forms.Form):
    name = forms.CharField(label="Name", help_text="As in reports.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    role = forms.ChoiceField(label="Role", choices=[("a", "A")], widget=forms.RadioSelect)


class TestFields:
    def test_tie_label_help_and_error_to_the_control(self):
        drawn = draw("{% field form.name %}", form=Sample({"name": ""}))
        assert '<label for="id_name">' in drawn
        described = re.search(r'aria-describedby="([^"]+)"', drawn)
        assert described
        assert set(described[1].split()) == {"id_name_helptext", "id_name_error"}
        for name in described[1].split():
            assert f'id="{name}"' in drawn
        assert 'aria-invalid="true"' in drawn

    def test_say_when_they_may_stay_empty(self):
        assert "optional" in draw("{% field form.note %}", form=Sample())
        assert "optional" not in draw("{% field form.name %}", form=Sample())

    def test_group_choices_under_a_legend(self):
        drawn = draw("{% field form.role %}", form=Sample())
        assert "<fieldset" in drawn
        assert "<legend>Role" in drawn

    def test_are_summed_up_above_a_form_with_errors(self):
        drawn = draw("{{ form }}", form=Sample({}))
        assert "2 things need your attention" in drawn
        assert 'href="#id_name"' in drawn


class TestCharts:
    OPTIONS = charts.line(
        ["11-04", "11-05"], {"Actual": [282, None]}, plan=[283, 592], plan_name="Plan"
    )

    def test_stand_beside_a_table_with_the_same_numbers(self):
        drawn = draw('{% chart options "First orders" %}', options=self.OPTIONS)
        cells = re.findall(r'<td class="r num">([^<]*)</td>', drawn)
        assert cells == ["282", "283", "–", "592"]
        assert '<caption class="vh">First orders</caption>' in drawn

    def test_carry_their_options_as_data_that_cannot_run(self):
        evil = charts.bars(["</script><script>alert(1)</script>"], {"Orders": [1]})
        drawn = draw('{% chart options "Orders" %}', options=evil)
        assert drawn.count("<script") == 1
        data = re.search(r'<script type="application/json">(.*?)</script>', drawn)
        assert data
        assert json.loads(data[1])["categories"] == ["</script><script>alert(1)</script>"]


class TestToasts:
    def test_travel_in_a_header_with_a_way_back(self):
        response = toasts.toast(HttpResponse(), "预算行已删除", undo="/undo/chg_1")
        assert response["HX-Trigger"].isascii()
        assert json.loads(response["HX-Trigger"]) == {
            "toast": {"text": "预算行已删除", "undo": "/undo/chg_1"}
        }

    def test_stand_together_with_other_events(self):
        response = toasts.close_dialog(toasts.toast(HttpResponse(), "Saved."))
        assert set(json.loads(response["HX-Trigger"])) == {"toast", "close-dialog"}


@pytest.mark.django_db
class TestThePageOfComponents:
    @pytest.fixture
    def page(self, owner, client_for):
        return client_for(owner).get("/ui").content.decode()

    def test_is_for_those_who_are_signed_in(self, client, workspace):
        assert client.get("/ui")["Location"].startswith("/login")

    def test_has_nothing_that_the_content_policy_forbids(self, page):
        assert not re.search(r"\sstyle=", page)
        assert not re.search(r"\son[a-z]+=", page)
        assert not re.search(r"<style|hx-on|javascript:", page)
        scripts = re.findall(r"<script([^>]*)>", page)
        assert all("src=" in script or 'type="application/json"' in script for script in scripts)

    def test_names_every_button(self, page):
        for attributes, inside in re.findall(r"<button\b([^>]*)>(.*?)</button>", page, re.S):
            words = re.sub(r"<[^>]+>", "", inside).strip()
            assert words or "aria-label=" in attributes, attributes

    def test_has_one_h1_and_landmarks(self, page):
        assert page.count("<h1") == 1
        for landmark in ("<main", '<nav class="rail"', '<header class="topbar"', 'class="skip"'):
            assert landmark in page

    def test_uses_no_id_twice(self, page):
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(ids) == sorted(set(ids))

    @pytest.mark.parametrize(
        ("language", "tag"), [("zh-hans", "zh-Hans"), ("zh-hant", "zh-Hant-TW"), ("en", "en")]
    )
    def test_says_its_language(self, owner, client_for, language, tag):
        client = client_for(owner)
        page = client.get("/ui", headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="{tag}"' in page
