from __future__ import annotations

import pytest

from muster.warehouse.rules import parse
from muster.warehouse.sentence import LANGUAGES, sentence, summaries

NAMES = {"seg_A": "投诉 30 天", "snd_1": "双11 预热"}

CASES = [
    (
        {
            "sequence": [
                {
                    "event": "Product Added",
                    "where": [{"property": "category", "op": "eq", "value": "shoes"}],
                },
                {"event": "Order Completed"},
            ],
            "within": "7d",
        },
        "People who first put a product into the cart (category shoes), then placed an order, all within 7 days.",
        "在 7 天内先加购商品（类目是 shoes），再下单的人。",
        "在 7 天內先將商品加入購物車（類別是 shoes），再下單的人。",
    ),
    (
        {
            "not": {
                "sequence": [
                    {"event": "Visit", "within": "30d"},
                    {"event": "Quiz"},
                    {"event": "Visit"},
                ]
            }
        },
        "People who did not first come by in the last 30 days, then do “Quiz”, then come by.",
        "并非（先最近 30 天来访，再发生「Quiz」，再来访）的人。",
        "並非（先最近 30 天造訪，再發生「Quiz」，再造訪）的人。",
    ),
    (
        {
            "all": [
                {"event": "Order Completed", "within": "90d", "count": {"gte": 3}},
                {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
                {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
                {"not": {"segment": "seg_A"}},
            ]
        },
        "People who placed an order at least 3 times in the last 90 days, agreed to e-mail marketing, live in 上海 or 杭州, and are not in “投诉 30 天”.",
        "最近 90 天下单至少 3 次、同意邮件营销、住在上海或杭州，且不在「投诉 30 天」里的人。",
        "最近 90 天下單至少 3 次、同意電子郵件行銷、住在上海或杭州，且不在「投诉 30 天」裡的人。",
    ),
    (
        {"event": "Order Completed"},
        "People who placed an order.",
        "曾下单的人。",
        "曾下單的人。",
    ),
    (
        {"not": {"event": "Order Completed"}},
        "People who did not place an order.",
        "从未下单的人。",
        "從未下單的人。",
    ),
    (
        {"event": "Order Completed", "count": {"eq": 0}, "within": "30d"},
        "People who did not place an order in the last 30 days.",
        "最近 30 天没有下单的人。",
        "最近 30 天沒有下單的人。",
    ),
    (
        {"not": {"event": "Order Completed", "count": {"gte": 3}, "within": "this_month"}},
        "People who placed an order fewer than 3 times this month.",
        "本月下单少于 3 次的人。",
        "本月下單少於 3 次的人。",
    ),
    (
        {
            "event": "Order Completed",
            "count": {"between": [2, 5]},
            "from": "2026-03-01",
            "to": "2026-04-01",
        },
        "People who placed an order 2 to 5 times from 1 March 2026 until 1 April 2026 (not included).",
        "2026 年 3 月 1 日至 2026 年 4 月 1 日（不含）下单 2 到 5 次的人。",
        "2026 年 3 月 1 日至 2026 年 4 月 1 日（不含）下單 2 到 5 次的人。",
    ),
    (
        {"event": "Order Completed", "sum": {"property": "revenue", "gte": 500}, "within": "1y"},
        "People who placed an order in the last 12 months with a total revenue of at least 500.",
        "最近 1 年下单且合计收入至少 500 的人。",
        "最近 1 年下單且合計營收至少 500 的人。",
    ),
    (
        {
            "event": "Order Completed",
            "count": {"gte": 2},
            "avg": {"property": "total", "gt": 99.5},
            "first": {"within": "6mo"},
            "last": {"before": "2026-01-01T08:00:00Z"},
        },
        "People who placed an order at least 2 times with an average total of more than 99.5 and for the first time in the last 6 months and most recently before 1 January 2026 08:00 UTC.",
        "累计下单至少 2 次且平均金额超过 99.5 且首次在最近 6 个月且最近一次在 2026 年 1 月 1 日 08:00 UTC 之前的人。",
        "累計下單至少 2 次且平均金額超過 99.5 且首次在最近 6 個月且最近一次在 2026 年 1 月 1 日 08:00 UTC 之前的人。",
    ),
    (
        {
            "event": "Message Delivered",
            "where": [{"property": "channel", "op": "eq", "value": "sms"}],
            "within": "14d",
            "count": {"eq": 0},
        },
        "People who did not receive a text message in the last 14 days.",
        "最近 14 天没有收到短信的人。",
        "最近 14 天沒有收到簡訊的人。",
    ),
    (
        {
            "event": "Product Viewed",
            "where": [
                {"property": "category", "op": "eq", "value": "shoes"},
                {"property": "price", "op": "gte", "value": 100},
            ],
            "within": "7d",
            "count": {"eq": 1},
        },
        "People who looked at a product (category shoes and price of at least 100) exactly once in the last 7 days.",
        "最近 7 天浏览商品（类目是 shoes、价格至少 100）正好 1 次的人。",
        "最近 7 天瀏覽商品（類別是 shoes、價格至少 100）正好 1 次的人。",
    ),
    (
        {"event": "Quiz Finished", "count": {"lte": 2}},
        "People who did “Quiz Finished” at most 2 times.",
        "累计发生「Quiz Finished」最多 2 次的人。",
        "累計發生「Quiz Finished」最多 2 次的人。",
    ),
    (
        {"any": [{"trait": "city", "op": "eq", "value": "苏州"}, {"tag": "门店会员"}]},
        "People who either live in 苏州 or carry the tag “门店会员”.",
        "住在苏州，或带「门店会员」标签的人。",
        "住在苏州，或帶「门店会员」標籤的人。",
    ),
    (
        {
            "all": [
                {
                    "any": [
                        {"trait": "city", "op": "in", "value": ["上海", "杭州", "南京"]},
                        {"tag": "门店会员"},
                    ]
                },
                {"trait": "age", "op": "between", "value": [18, 35]},
            ]
        },
        "People who (either live in 上海, 杭州 or 南京 or carry the tag “门店会员”) and have an age from 18 to 35.",
        "（住在上海、杭州或南京，或带「门店会员」标签），且年龄在 18 到 35 之间的人。",
        "（住在上海、杭州或南京，或帶「门店会员」標籤），且年齡在 18 到 35 之間的人。",
    ),
    (
        {"trait": "birthday", "op": "anniversary_within", "value": "7d"},
        "People who have their birthday in the next 7 days.",
        "未来 7 天内过生日的人。",
        "未來 7 天內過生日的人。",
    ),
    (
        {"not": {"trait": "birthday", "op": "anniversary_within", "value": "this_month"}},
        "People who do not have their birthday this month.",
        "本月不过生日的人。",
        "本月不過生日的人。",
    ),
    (
        {"trait": "email", "op": "exists"},
        "People who have an e-mail address.",
        "有邮箱的人。",
        "有電子郵件地址的人。",
    ),
    (
        {"trait": "phone", "op": "missing"},
        "People who have no phone number.",
        "没有手机号的人。",
        "沒有手機號碼的人。",
    ),
    (
        {"not": {"trait": "level", "op": "eq", "value": "gold"}},
        "People who have a level other than gold.",
        "等级不是 gold 的人。",
        "等級不是 gold 的人。",
    ),
    (
        {"trait": "points", "op": "gte", "value": 1000},
        "People who have points of at least 1,000.",
        "积分至少 1,000 的人。",
        "點數至少 1,000 的人。",
    ),
    (
        {"trait": "email", "op": "contains", "value": "@qq.com"},
        "People who have an e-mail address that contains “@qq.com”.",
        "邮箱包含「@qq.com」的人。",
        "電子郵件地址包含「@qq.com」的人。",
    ),
    (
        {"trait": "last_seen", "op": "not_within_last", "value": "30d"},
        "People who had their last visit but not in the last 30 days.",
        "最近来访不在最近 30 天内的人。",
        "最近造訪不在最近 30 天內的人。",
    ),
    (
        {"trait": "first_seen", "op": "after", "value": "2026-01-01"},
        "People who had their first visit after 1 January 2026.",
        "首次来访晚于 2026 年 1 月 1 日的人。",
        "首次造訪晚於 2026 年 1 月 1 日的人。",
    ),
    (
        {"trait": "subscribed", "op": "eq", "value": True},
        "People who have “subscribed” set to yes.",
        "subscribed 为「是」的人。",
        "subscribed 為「是」的人。",
    ),
    (
        {"consent": {"channel": "sms", "purpose": "marketing", "state": "withdrawn"}},
        "People who withdrew their consent to text message marketing.",
        "撤回了对短信营销的同意的人。",
        "撤回了對簡訊行銷的同意的人。",
    ),
    (
        {"not": {"consent": {"channel": "email", "purpose": "service", "state": "granted"}}},
        "People who did not agree to service messages by e-mail.",
        "未同意邮件服务通知的人。",
        "未同意電子郵件服務通知的人。",
    ),
    (
        {"consent": {"channel": "wecom", "purpose": "marketing", "state": "unknown"}},
        "People who never said whether they agree to WeCom marketing.",
        "尚未表示是否同意企业微信营销的人。",
        "尚未表示是否同意企業微信行銷的人。",
    ),
    (
        {"message": {"send": "snd_1", "state": "opened"}},
        "People who opened the message “双11 预热”.",
        "打开「双11 预热」的人。",
        "開啟「双11 预热」的人。",
    ),
    (
        {"message": {"send": "snd_1", "state": "not_clicked"}},
        "People who did not click in the message “双11 预热”.",
        "没有点击「双11 预热」的人。",
        "沒有點擊「双11 预热」的人。",
    ),
    (
        {"message": {"last": 3, "state": "not_opened"}},
        "People who did not open any of their last 3 messages.",
        "最近 3 条消息都没有打开的人。",
        "最近 3 則訊息都沒有開啟的人。",
    ),
    (
        {"not": {"message": {"last": 3, "state": "clicked"}}},
        "People who did not click in every one of their last 3 messages.",
        "最近 3 条消息并非都点击的人。",
        "最近 3 則訊息並非都點擊的人。",
    ),
    (
        {"message": {"last": 1, "state": "bounced"}},
        "People who had their last message bounce.",
        "最近一条消息被退回的人。",
        "最近一則訊息被退回的人。",
    ),
    (
        {"random": {"percent": 10, "salt": "x"}},
        "People who are among 10% drawn at random.",
        "属于随机抽取的 10% 的人。",
        "屬於隨機抽取的 10% 的人。",
    ),
    (
        {"not": {"any": [{"tag": "vip"}, {"event": "Unsubscribed"}]}},
        "People who do not carry the tag “vip” and did not unsubscribe.",
        "不带「vip」标签，且从未退订的人。",
        "不帶「vip」標籤，且從未取消訂閱的人。",
    ),
    (
        {
            "any": [
                {"all": [{"tag": "vip"}, {"event": "Order Completed", "within": "7d"}]},
                {"segment": "seg_A"},
            ]
        },
        "People who either (carry the tag “vip” and placed an order in the last 7 days) or are in “投诉 30 天”.",
        "（带「vip」标签，且最近 7 天下单），或在「投诉 30 天」里的人。",
        "（帶「vip」標籤，且最近 7 天下單），或在「投诉 30 天」裡的人。",
    ),
    (
        {"trait": "city", "op": "not_in", "value": ["a", "b", "c", "d", "e", "f", "g"]},
        "People who do not live in a, b, c, d, e or one of 2 more.",
        "不住在 a、b、c、d、e 等 7 个值之一的人。",
        "不住在 a、b、c、d、e 等 7 個值之一的人。",
    ),
    (
        {"not": {"trait": "points", "op": "lt", "value": 5}},
        "People who do not have points of less than 5.",
        "并非积分少于 5 的人。",
        "並非點數少於 5 的人。",
    ),
]


class TestTheSentenceOfARule:
    @pytest.mark.parametrize("case", CASES, ids=[case[1] for case in CASES])
    def test_reads_well_in_three_languages(self, case):
        rule, *wanted = case
        assert [sentence(parse(rule), language, NAMES) for language in LANGUAGES] == wanted

    def test_comes_in_every_language_at_once(self):
        assert summaries(parse({"tag": "vip"})) == {
            "en": "People who carry the tag “vip”.",
            "zh-hans": "带「vip」标签的人。",
            "zh-hant": "帶「vip」標籤的人。",
        }

    def test_leaves_the_names_that_people_gave_as_they_are(self):
        rule = parse({"segment": "seg_1"})
        assert sentence(rule, "zh-hans", {"seg_1": "双11会员A"}) == "在「双11会员A」里的人。"

    def test_is_english_for_any_other_language(self):
        assert sentence(parse({"tag": "vip"}), "fr") == "People who carry the tag “vip”."
