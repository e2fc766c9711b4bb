from __future__ import annotations

import pytest

from muster.content.emails import liquid

KNOWN = {"first_name", "points", "vip", "joined"}
CROOK = "<script>alert('x')</script>\"&"


def problems(source):
    return [problem.code for problem in liquid.check(source, KNOWN, "/x")[0]]


def html(source, **values):
    assert problems(source) == []
    return liquid.text(source, escaped=True).render(liquid.namespace(values, KNOWN))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ first_name", "broken_liquid"),
        ("{% if vip %}no end", "broken_liquid"),
        ("{{ }}", "broken_liquid"),
        ("{{ frst_name }}", "undefined_variable"),
        ("{{ settings }}", "undefined_variable"),
        ("{{ self }}", "undefined_variable"),
        ("{{ first_name.__class__ }}", "no_lookup"),
        ("{{ first_name.__class__.__mro__[1].__subclasses__ }}", "no_lookup"),
        ("{{ first_name[0] }}", "no_lookup"),
        ("{{ first_name['x'] }}", "no_lookup"),
        ("{{ first_name.size }}", "no_lookup"),
        ("{% for i in (1..1000000000) %}x{% endfor %}", "unknown_tag"),
        ("{% tablerow i in (1..9999999) %}x{% endtablerow %}", "unknown_tag"),
        ("{% assign a = first_name %}{{ a }}", "unknown_tag"),
        ("{% capture a %}x{% endcapture %}", "unknown_tag"),
        ("{% include 'secrets' %}", "unknown_tag"),
        ("{% render 'secrets' %}", "unknown_tag"),
        ("{% liquid echo first_name %}", "unknown_tag"),
        ("{% increment a %}", "unknown_tag"),
        ("{{ first_name | safe }}", "unknown_filter"),
        ("{{ first_name | replace: '', 'aaaaaaaaaa' }}", "unknown_filter"),
        ("{{ first_name | url_decode }}", "unknown_filter"),
        ("{{ first_name | strip_html }}", "unknown_filter"),
        ("{{ first_name | base64_decode }}", "unknown_filter"),
        ("{{ '<b>' }}", "markup_in_liquid"),
        ("{{ '\\u003cscript\\u003e' }}", "markup_in_liquid"),
        ("{{ first_name | default: '<script>' }}", "markup_in_liquid"),
        ("{{ joined | date: '%99999999d' }}", "wide_date"),
    ],
)
def test_what_could_do_harm_is_refused(source, code):
    assert code in problems(source)


@pytest.mark.parametrize("name", liquid.FILTERS)
@pytest.mark.parametrize("argument", ["", ": 3", ": first_name", ": 3, first_name"])
def test_no_filter_lets_markup_of_a_person_through(name, argument):
    source = f"{{{{ first_name | {name}{argument} }}}}"
    if problems(source):
        return
    rendered = html(source, first_name=CROOK)
    assert "<" not in rendered
    assert '"' not in rendered


class TestFilling:
    def test_markup_in_a_name_is_escaped(self):
        assert html("<p>{{ first_name }}</p>", first_name="<script>") == "<p>&lt;script&gt;</p>"

    @pytest.mark.parametrize("nothing", [None, "", "  ", False])
    def test_a_missing_value_takes_the_default(self, nothing):
        assert html('{{ first_name | default: "friend" }}', first_name=nothing) == "friend"

    def test_a_missing_value_without_default_says_nothing(self):
        assert html("Hi {{ first_name }}!") == "Hi !"

    def test_the_quick_way_and_the_whole_language_agree(self):
        quick = html('{{ first_name | default: "you" }}', first_name="李 & 王")
        whole = html(
            '{% if true %}{{ first_name | default: "you" }}{% endif %}', first_name="李 & 王"
        )
        assert quick == whole == "李 &amp; 王"

    def test_whole_numbers_have_no_point(self):
        assert html("{{ points }} {{ points | plus: 1 }}", points=3.0) == "3 4"

    def test_conditions_choose(self):
        source = "{% if vip %}VIP{% elsif points > 5 %}soon{% else %}hello{% endif %}"
        assert [html(source, vip=True), html(source, points=9), html(source, points=1)] == [
            "VIP",
            "soon",
            "hello",
        ]

    def test_a_value_that_cannot_be_reckoned_with_leaves_a_gap(self):
        assert html("{% if points > 5 %}rich{% endif %}", points="many") == ""

    def test_liquid_in_a_value_is_not_run(self):
        assert html("{{ first_name }}", first_name="{{ points }}", points=7) == "{{ points }}"


class TestKnowing:
    def test_an_unknown_name_comes_with_the_nearest_known_one(self):
        problem = liquid.check("{{ frist_name }}", KNOWN, "/subject")[0][0]
        assert problem.at == "/subject"
        assert problem.params["near"] == "first_name"
        assert "points" in problem.params["known"]

    def test_it_knows_which_names_have_a_default(self):
        _problems, uses = liquid.check(
            '{{ first_name | default: "x" }}{{ points }}{% if vip %}!{% endif %}', KNOWN, ""
        )
        assert {use.name: use.has_default for use in uses} == {
            "first_name": True,
            "points": False,
            "vip": True,
        }

    def test_a_kept_text_is_the_same_text(self):
        text = liquid.text("a {{ first_name }} {% if vip %}b{% endif %}", escaped=True)
        assert liquid.Text.from_json(text.to_json()) == text
