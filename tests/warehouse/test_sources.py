"""Where visits come from: labelled addresses of real life, and every reason."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from muster.warehouse import sources
from muster.warehouse.sources import Landing, landing, origin

SHOP = "https://shop.qinghe.example/autumn"
_KIND = {"chatbot": "assistant"}
"""Their word for a kind that we call otherwise."""
_NAME = {
    "Claude.ai": "Claude",
    "Google Gemini": "Gemini",
    "Microsoft Copilot": "Copilot",
    "Perplexity.ai": "Perplexity",
}


def test_labelled_addresses_are_known_by_kind_name_and_term(shared_data):
    cases = json.loads((shared_data / "referrers" / "referer-tests.json").read_text())
    assert len(cases) == 62
    for case in cases:
        found = origin(landing(SHOP, case["uri"]))
        name = _NAME.get(case["source"], case["source"])
        said = (found.kind, found.source.lower(), sources.search_term(case["uri"]))
        wanted = (_KIND.get(case["medium"], case["medium"]), name.lower(), case["term"] or "")
        assert said == wanted, case["spec"]


@pytest.mark.parametrize(
    ("query", "referrer", "source", "medium", "group"),
    [
        ("", "", "(direct)", "(none)", "direct"),
        ("", "https://shop.qinghe.example/", "(direct)", "(none)", "direct"),
        ("", "https://www.qinghe.example/", "(direct)", "(none)", "direct"),
        ("", "https://www.baidu.com/link?url=x", "Baidu", "organic", "search"),
        ("", "https://www.google.com.hk/", "Google", "organic", "search"),
        ("", "https://docs.google.com/document/d/1", "Google", "referral", "referral"),
        ("", "https://mail.google.com/mail/u/0/", "Gmail", "email", "email"),
        ("", "https://mail.qq.com/", "QQ Mail", "email", "email"),
        ("", "https://mp.weixin.qq.com/s/abc", "WeChat", "social", "social"),
        ("", "https://www.xiaohongshu.com/explore/1", "Xiaohongshu", "social", "social"),
        ("", "https://chatgpt.com/", "ChatGPT", "assistant", "assistant"),
        ("", "https://tea-lovers.example/top10", "tea-lovers.example", "referral", "referral"),
        ("gclid=1", "https://www.google.com/", "Google", "cpc", "paid_search"),
        ("bd_vid=1", "https://www.baidu.com/", "Baidu", "cpc", "paid_search"),
        ("qz_gdt=1", "", "WeChat", "cpc", "paid_social"),
        ("utm_source=google&utm_medium=cpc", "", "google", "cpc", "paid_search"),
        ("utm_source=xhs&utm_medium=cpc", "", "xhs", "cpc", "paid_social"),
        ("utm_source=抖音&utm_medium=信息流", "", "抖音", "信息流", "paid_social"),
        ("utm_source=muster&utm_medium=email", "https://mail.qq.com/", "muster", "email", "email"),
        ("utm_source=edm", "", "edm", "(not set)", "email"),
        ("utm_source=poster-12&utm_medium=qr", "", "poster-12", "qr", "offline"),
        ("utm_source=kol-li&utm_medium=kol", "", "kol-li", "kol", "affiliate"),
        ("utm_source=weibo", "", "weibo", "(not set)", "social"),
        ("utm_source=tea&utm_medium=banner", "", "tea", "banner", "display"),
        ("utm_source=tea&utm_medium=cpm-buy", "", "tea", "cpm-buy", "paid_other"),
        ("utm_source=tea&utm_medium=zzz", "", "tea", "zzz", "other"),
        ("UTM_SOURCE=weibo&UTM_MEDIUM=Social", "", "weibo", "social", "social"),
    ],
)
def test_the_group_of_a_visit_and_a_reason_for_it(query, referrer, source, medium, group):
    found = origin(landing(f"{SHOP}?{quote(query, safe='=&')}", referrer))
    assert (found.source, found.medium, found.group) == (source, medium, group)
    assert found.reasons
    assert all(reason.text % reason.params for reason in found.reasons)


def test_every_group_of_the_table_has_a_name():
    assert {entry.key for entry in sources._table().groups} <= set(sources.GROUPS)


@pytest.mark.parametrize("address", ["", "not an address", "http://[", "//", "android-app://x/"])
def test_what_is_no_address_breaks_nothing(address):
    assert origin(landing(address, address)).group in sources.GROUPS
    assert origin(Landing()).group == "direct"
