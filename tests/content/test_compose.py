from __future__ import annotations

import json
import re

import pytest

from muster.content.emails import blocks as kinds
from muster.content.emails.compose import Compiled, Mail, compiled, render
from muster.kit.errors import Invalid

URLS = {"unsubscribe_url": "https://m.test/u/abc", "view_url": "https://m.test/v/abc"}
ALL_KINDS = [
    {"kind": "header"},
    {
        "kind": "hero",
        "image": "https://tea.cn/hero.jpg",
        "alt": "A cup of tea",
        "title": "Spring tea",
        "text": "<p>Fresh.</p>",
        "label": "See it",
        "url": "https://tea.cn/spring",
    },
    {"kind": "heading", "text": "News"},
    {"kind": "text", "text": '<p>Dear {{ first_name | default: "friend" }},</p>'},
    {"kind": "image", "image": "https://tea.cn/a.jpg", "alt": "Leaves", "url": "https://tea.cn/a"},
    {"kind": "button", "label": "Buy", "url": "https://tea.cn/buy"},
    {"kind": "columns", "left_text": "<p>Left</p>", "right_text": "<p>Right</p>"},
    {"kind": "divider"},
    {"kind": "spacer", "height": 20},
    {"kind": "footer", "text": "<p>While stocks last.</p>"},
]


def mail(*blocks, subject="Hello", **more):
    return Mail(
        subject=subject, blocks=tuple(kinds.read(list(blocks))), workspace="Tea & Co", **more
    )


def rendered(message, traits=(), **person):
    return render(compiled(message, traits), person, lambda n: f"https://m.test/l/{n}", URLS)


def codes(message, traits=()):
    with pytest.raises(Invalid) as caught:
        compiled(message, traits)
    return {problem.at: problem.code for problem in caught.value.errors}


class TestRendering:
    def test_every_kind_of_block_arrives_in_html_and_in_text(self):
        done = rendered(mail(*ALL_KINDS, subject="{{ first_name }}, tea"), first_name="Ann")
        assert done.subject == "Ann, tea"
        for said in ("Spring tea", "Fresh.", "News", "Dear Ann,", "Buy", "Left", "Right", "stocks"):
            assert said in done.html
            assert said in done.text
        assert "{{" not in done.html + done.text

    def test_markup_in_a_name_stays_words(self):
        crook = '<script>alert("x")</script>'
        done = rendered(
            mail(
                {"kind": "heading", "text": "Hi {{ first_name }}"},
                {"kind": "text", "text": "<p>{{ first_name }}</p>"},
                {"kind": "image", "image": "https://a.cn/a.jpg", "alt": 'For "{{ first_name }}"'},
                subject="{{ first_name }}",
                preheader="{{ first_name }}",
            ),
            first_name=crook,
        )
        assert "<script" not in done.html
        assert done.html.count("&lt;script&gt;") >= 4
        assert 'alt="For &#34;&lt;script' in done.html
        assert done.subject == crook

    def test_a_line_break_in_a_name_does_not_break_the_subject(self):
        done = rendered(mail(subject="Hi {{ first_name }}"), first_name="A\r\nBcc: all@tea.cn")
        assert done.subject == "Hi A Bcc: all@tea.cn"

    def test_script_in_a_text_block_is_dropped(self):
        done = rendered(
            mail(
                {
                    "kind": "text",
                    "text": '<p onclick="x()">Hi<script>x()</script><img src=x onerror=x()></p>',
                }
            )
        )
        assert "onclick" not in done.html
        assert "x()" not in done.html

    def test_chinese_text_is_kept_letter_by_letter(self):
        words = "李女士,为您留了 2 张券 🍵 — 「明前」龙井"
        done = rendered(
            mail(
                {"kind": "heading", "text": words},
                {"kind": "image", "image": "https://a.cn/茶.jpg", "alt": words},
                subject=words,
                preheader=words,
                language="zh-hans",
            )
        )
        assert done.subject == words
        assert done.html.count(words) >= 3
        assert 'lang="zh-Hans"' in done.html
        assert words in done.text

    def test_nothing_is_fetched_from_elsewhere(self):
        done = rendered(mail(*ALL_KINDS))
        assert "googleapis" not in done.html
        assert "@import" not in done.html

    def test_opens_are_counted_only_when_asked_for(self):
        message = compiled(mail())
        plain = render(message, {}, str, URLS)
        counted = render(message, {}, str, {**URLS, "open_url": "https://m.test/o/abc"})
        assert 'width="1"' not in plain.html
        assert '<img src="https://m.test/o/abc"' in counted.html

    def test_a_kept_message_says_the_same(self):
        message = compiled(mail(*ALL_KINDS))
        again = Compiled.from_json(json.loads(json.dumps(message.to_json())))
        assert again == message
        assert render(again, {"first_name": "Ann"}, str, URLS) == render(
            message, {"first_name": "Ann"}, str, URLS
        )


class TestTheFooter:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", "Unsubscribe or choose what you get"),
            ("zh-hans", "退订"),
            ("zh-hant", "取消訂閱"),
        ],
    )
    def test_speaks_the_language_of_the_mail(self, language, words):
        done = rendered(mail(language=language, postal_address="1 Tea Road, Hangzhou"))
        assert words in done.html
        assert words in done.text
        assert "1 Tea Road, Hangzhou" in done.html
        assert "Tea &amp; Co" in done.html

    def test_is_always_there_and_always_last(self):
        blocks = kinds.read([{"kind": "footer"}, {"kind": "divider"}])
        assert [block["kind"] for block in blocks] == ["divider", "footer"]

    def test_is_added_to_html_that_was_made_elsewhere(self):
        done = rendered(mail({"kind": "html", "html": "<table><tr><td>Hi</td></tr></table>"}))
        assert 'href="https://m.test/u/abc"' in done.html
        assert "https://m.test/u/abc" in done.text

    def test_is_added_to_own_plain_text(self):
        done = rendered(mail(text="Only this."))
        assert done.text.startswith("Only this.")
        assert "https://m.test/u/abc" in done.text


class TestLinks:
    def test_every_address_becomes_a_numbered_hole_with_tags(self):
        message = compiled(
            mail(
                {"kind": "text", "text": '<p><a href="https://tea.cn/a?x=1&y=2#z">A</a></p>'},
                {"kind": "button", "label": "B", "url": "https://tea.cn/b?utm_source=own"},
                campaign="cmp_1",
            )
        )
        assert [(link.label, link.url) for link in message.links] == [
            (
                "A",
                "https://tea.cn/a?x=1&y=2&utm_source=muster&utm_medium=email&utm_campaign=cmp_1&utm_content=text-1#z",
            ),
            (
                "B",
                "https://tea.cn/b?utm_source=own&utm_medium=email&utm_campaign=cmp_1&utm_content=button-2",
            ),
        ]
        done = render(message, {}, lambda n: f"https://m.test/l/{n}", URLS)
        hrefs = re.findall(r'href="([^"]*)"', done.html)
        assert "https://m.test/l/0" in hrefs
        assert "https://m.test/l/1" in hrefs
        assert not any("tea.cn" in href for href in hrefs)
        assert "A (https://m.test/l/0)" in done.text

    def test_mail_phone_unsubscribe_and_view_are_not_counted(self):
        message = compiled(
            mail(
                {
                    "kind": "text",
                    "text": '<a href="mailto:a@tea.cn">m</a> <a href="tel:+861">t</a>'
                    ' <a href="{{ unsubscribe_url }}">u</a> <a href="{{view_url}}">v</a>',
                }
            )
        )
        assert message.links == ()
        done = render(message, {}, str, URLS)
        for href in ("mailto:a@tea.cn", "tel:+861", *URLS.values()):
            assert f'href="{href}"' in done.html

    def test_a_link_inside_a_condition_keeps_its_number(self):
        message = mail(
            {
                "kind": "text",
                "text": '{% if vip %}<a href="https://tea.cn/v">v</a>{% endif %}<a href="https://tea.cn/w">w</a>',
            }
        )
        done = rendered(message, traits={"vip"})
        assert "m.test/l/0" not in done.html
        assert "m.test/l/1" in done.html


class TestProblems:
    def test_are_told_all_at_once_each_with_its_place(self):
        broken = mail(
            {"kind": "text", "text": "<p>{{ nope }}</p>"},
            {"kind": "heading", "text": "{{ first_name"},
            {"kind": "button", "label": "", "url": "tea.cn"},
            {"kind": "image", "image": "https://a.cn/a.jpg"},
            {"kind": "image", "image": "ftp://a.cn/a.jpg", "alt": "x"},
            {"kind": "text", "text": '<a href="https://tea.cn/?id={{ external_id }}">x</a>'},
            subject="",
        )
        assert codes(broken) == {
            "/subject": "empty_subject",
            "/blocks/0/text": "undefined_variable",
            "/blocks/1/text": "broken_liquid",
            "/blocks/2/label": "empty_button",
            "/blocks/2/url": "bad_link",
            "/blocks/3/alt": "no_alt",
            "/blocks/4/image": "bad_image",
            "/blocks/5/text": "liquid_in_link",
        }

    @pytest.mark.parametrize(
        "url",
        ["javascript:alert(1)", "//tea.cn", "https://", "http://a b.cn", "data:text/html,x", ""],
    )
    def test_a_button_leads_to_the_web_or_nowhere(self, url):
        assert codes(mail({"kind": "button", "label": "Go", "url": url})) == {
            "/blocks/0/url": "bad_link"
        }

    def test_a_mail_that_gmail_would_cut_is_refused(self):
        long = [{"kind": "text", "text": f"<p>{'tea ' * 4000}</p>"} for _ in range(7)]
        assert codes(mail(*long)) == {"/blocks": "too_large"}

    def test_a_trait_is_known_only_when_it_is_named(self):
        message = mail({"kind": "text", "text": "{{ points }}"})
        assert codes(message) == {"/blocks/0/text": "undefined_variable"}
        assert compiled(message, {"points"}).names == {"points"}

    def test_a_comment_cannot_hide_liquid(self):
        hidden = mail({"kind": "text", "text": "<p>{<!-- -->{ secret }<!-- -->}</p>"})
        assert codes(hidden) == {"/blocks/0/text": "undefined_variable"}

    def test_a_default_cannot_leave_its_attribute(self):
        sly = '<img src="https://a.cn/a.jpg" alt=\'{{ first_name | default: "\\" onerror=x() y=" }}\'>'
        done = rendered(mail({"kind": "html", "html": sly}))
        assert "onerror" not in re.sub(r'"[^"]*"', "", done.html)


class TestReadingBlocks:
    def test_says_everything_that_is_wrong_with_their_shape(self):
        with pytest.raises(Invalid) as caught:
            kinds.read(
                [
                    {"kind": "video"},
                    "text",
                    {"kind": "text", "text": 5},
                    {"kind": "text", "colour": "red"},
                    {"kind": "spacer", "height": 9000},
                    {"kind": "heading", "text": "x" * 201},
                    {"kind": "button", "align": "up"},
                ]
            )
        assert [(p.at, p.code) for p in caught.value.errors] == [
            ("/blocks/0/kind", "unknown_block"),
            ("/blocks/1/kind", "unknown_block"),
            ("/blocks/2/text", "wrong_type"),
            ("/blocks/3/colour", "unknown_field"),
            ("/blocks/4/height", "out_of_range"),
            ("/blocks/5/text", "too_long"),
            ("/blocks/6/align", "unknown_choice"),
        ]

    def test_gives_every_block_an_id_of_its_own(self):
        blocks = kinds.read([{"kind": "divider", "id": "a1"}, {"kind": "divider", "id": "a1"}])
        assert len({block["id"] for block in blocks}) == 3
        assert blocks[0]["id"] == "a1"

    def test_is_the_same_when_read_again(self):
        once = kinds.read(ALL_KINDS)
        assert kinds.read(once) == once
