"""What is wrong with the tags of links, one case a line."""

from __future__ import annotations

import pytest

from muster.track.utm.checking import check, check_all
from muster.track.utm.naming import naming

GOOD = "utm_source=wechat&utm_medium=social&utm_campaign=d11"
SHOP = "https://shop.example/autumn"


def codes(url: str) -> list[str]:
    return [finding.code for finding in check(url, naming()).findings]


@pytest.mark.parametrize(
    ("query", "found", "mended"),
    [
        (f"?{GOOD}", [], f"?{GOOD}"),
        (f"?sku=7&{GOOD}#top", [], f"?sku=7&{GOOD}#top"),
        ("?utm_source=WeChat&utm_medium=social&utm_campaign=d11", ["spelling"], f"?{GOOD}"),
        ("?utm_source=weixin&utm_medium=social&utm_campaign=d11", ["spelling"], f"?{GOOD}"),
        ("?utm_souce=wechat&utm_medium=social&utm_campaign=d11", ["misspelled"], f"?{GOOD}"),
        ("?utm-source=wechat&utm_medium=social&utm_campaign=d11", ["misspelled"], f"?{GOOD}"),
        (f"?{GOOD}&utm_source=weibo", ["twice"], f"?{GOOD}"),
        (f"#{GOOD}", ["after_fragment"], f"?{GOOD}"),
        (f"#tea?{GOOD}", ["after_fragment"], f"?{GOOD}#tea"),
        (f"?{GOOD}&utm_content=li@example.cn", ["personal"], f"?{GOOD}"),
        (f"?{GOOD}&utm_term=13812345678", ["personal"], f"?{GOOD}"),
        (
            "?utm_source=wechat&utm_medium=social&utm_campaign=Double+11",
            ["spelling"],
            "?utm_source=wechat&utm_medium=social&utm_campaign=double-11",
        ),
        (
            "?utm_source=tea&utm_medium=zzz&utm_campaign=d11",
            ["no_group"],
            "?utm_source=tea&utm_medium=zzz&utm_campaign=d11",
        ),
        ("?utility=1", ["missing"] * 3, "?utility=1"),
        ("", ["missing"] * 3, ""),
    ],
)
def test_each_wrong_is_found_and_mended(query, found, mended):
    checked = check(SHOP + query, naming())
    assert [finding.code for finding in checked.findings] == found
    assert checked.mended == SHOP + mended
    for finding in checked.findings:
        assert finding.text % finding.params


@pytest.mark.parametrize("url", ["", "shop.example", "mailto:a@b.cn", "https://", "http://["])
def test_what_is_no_address_is_left_as_it_is(url):
    checked = check(url, naming())
    assert [finding.code for finding in checked.findings] == ["bad_address"]
    assert checked.mended == url


def test_a_mended_link_has_nothing_left_to_mend():
    for query in (
        "?UTM_SOURCE=Wei Xin&utm_medium=E-Mail&utm_campaign=双11/B",
        f"#{GOOD}",
        "?utmsource=x y",
    ):
        once = check(SHOP + query, naming())
        again = check(once.mended, naming())
        assert [one.code for one in again.findings if one.is_mended] == []
        assert again.mended == once.mended


def test_links_that_spell_one_thing_in_two_ways_are_told():
    one, two = check_all(
        [f"{SHOP}?{GOOD}-b2", f"{SHOP}?{GOOD}_b2"],
        naming(),
    )
    assert [finding.code for finding in one.findings] == ["unlike"]
    assert [finding.code for finding in two.findings] == ["unlike"]


def test_our_own_id_of_a_campaign_keeps_its_letters():
    url = "https://tea.example/?utm_source=muster&utm_medium=email&utm_campaign=cmp_7F3KQ2WA"
    assert check(url, naming()).mended == url
    other = check(url.replace("cmp_7F3KQ2WA", "Tea_WEEK"), naming())
    assert [one.code for one in other.findings] == ["spelling"]
