from __future__ import annotations

import pytest

from muster.track.utm.rules import tag

TAGS = "utm_source=muster&utm_medium=email&utm_campaign=spring&utm_content=button-2"


@pytest.mark.parametrize(
    ("written", "tagged"),
    [
        ("https://tea.cn", f"https://tea.cn?{TAGS}"),
        ("https://tea.cn/", f"https://tea.cn/?{TAGS}"),
        ("https://tea.cn/a?x=1&y=%20z", f"https://tea.cn/a?x=1&y=%20z&{TAGS}"),
        ("https://tea.cn/a?", f"https://tea.cn/a?{TAGS}"),
        ("https://tea.cn/a?x=1&", f"https://tea.cn/a?x=1&{TAGS}"),
        ("https://tea.cn/a#size", f"https://tea.cn/a?{TAGS}#size"),
        ("https://tea.cn/#/shop?x=1", f"https://tea.cn/?{TAGS}#/shop?x=1"),
        ("HTTP://TEA.CN/茶", f"HTTP://TEA.CN/茶?{TAGS}"),
    ],
)
def test_tags_go_into_the_query_and_nothing_else_changes(written, tagged):
    assert tag(written, campaign="spring", content="button-2") == tagged


@pytest.mark.parametrize(
    "untouched",
    [
        "mailto:tea@tea.cn?subject=Hi",
        "tel:+8613800138000",
        "#top",
        "/relative",
        "",
        "https://",
        "https://[broken",
        "javascript:alert(1)",
        "{{ unsubscribe_url }}",
    ],
)
def test_what_is_no_web_address_stays_as_it_is(untouched):
    assert tag(untouched, campaign="spring") == untouched


class TestTagsThatAreThere:
    def test_are_never_overwritten(self):
        own = "https://tea.cn/?utm_source=partner&UTM_Medium=post&utm_campaign=&utm_content=a"
        assert tag(own, campaign="spring", content="b") == own

    def test_are_completed(self):
        tagged = tag("https://tea.cn/?utm_campaign=own", campaign="spring")
        assert tagged == "https://tea.cn/?utm_campaign=own&utm_source=muster&utm_medium=email"

    def test_values_are_encoded(self):
        assert tag("https://tea.cn", campaign="春季 & more", source="a=b").endswith(
            "utm_source=a%3Db&utm_medium=email&utm_campaign=%E6%98%A5%E5%AD%A3%20%26%20more"
        )
