"""The four sample campaigns: what was planned, said and spent, in words of the trade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Mail:
    """One e-mail of a sample campaign."""

    name: str
    subject: str
    preheader: str
    title: str
    text: str
    button: str
    path: str
    appeal: float


@dataclass(frozen=True)
class Story:
    """One sample campaign; days count from today, negative ones have passed."""

    name: str
    strategy: str
    starts: int
    length: int
    sends_on: tuple[int, ...]
    """Days after the start on which its mails leave, one for each entry of `waves`."""
    message: str
    value: str
    audience: str
    budget: Decimal
    goals: tuple[Mapping[str, Any], ...]
    segment: str
    rule: Mapping[str, Any]
    waves: tuple[tuple[Mail, ...], ...]
    """The variants of each send."""
    costs: tuple[tuple[str, str, Decimal], ...]
    """Category, channel, amount."""
    cards: tuple[tuple[str, str], ...] = ()
    again: str = ""
    why: str = ""
    holdout: Decimal = field(default=Decimal("0.15"))
    facts: tuple[Mapping[str, Any], ...] = ()
    """What its mails say through tokens."""


ALL = {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}}


STORIES = (
    Story(
        name="夏末会员日",
        strategy="retain",
        starts=-104,
        length=12,
        sends_on=(1,),
        message="会员专享一天，喝到当季第一泡",
        value="会员价 8 折，满 150 元减 20 元",
        audience="近半年下过单的会员",
        budget=Decimal(12000),
        goals=(
            {"metric": "orders", "baseline": "42", "target": "60"},
            {"metric": "revenue", "baseline": "7800", "target": "11000"},
        ),
        segment="同意邮件的会员",
        rule=ALL,
        waves=(
            (
                Mail(
                    "会员日·主推",
                    '{{ first_name | default: "您" }}，会员日的茶已经备好',
                    "满 150 减 20，只在今天",
                    "会员日，喝当季第一泡",
                    "龙井与铁观音会员价 8 折，满 150 元再减 20 元。",
                    "去选一款",
                    "/members",
                    1.25,
                ),
            ),
        ),
        costs=(
            ("media", "社媒", Decimal(2800)),
            ("creative", "", Decimal(1200)),
            ("tools", "email", Decimal(200)),
        ),
        cards=(
            ("keep", "会员价写在标题里，打开率高"),
            ("stop", "不要在晚上十点后发短信，投诉会增加"),
            ("start", "下次按口味分两版内容"),
        ),
        again="yes",
        why="对照组证明邮件带来了额外订单",
    ),
    Story(
        name="秋季新品首发",
        strategy="launch",
        starts=-72,
        length=14,
        sends_on=(0, 6),
        message="秋冷乌龙，冷泡也有回甘",
        value="首发价 128 元，前 300 名送随行杯",
        audience="口味偏乌龙和红茶的会员",
        budget=Decimal(16000),
        goals=(
            {"metric": "buyers", "baseline": "38", "target": "55"},
            {"metric": "conversion_rate", "baseline": "0.06", "target": "0.08"},
        ),
        segment="乌龙与红茶爱好者",
        rule={"all": [ALL, {"trait": "口味", "op": "in", "value": ["乌龙", "红茶", "普洱"]}]},
        waves=(
            (
                Mail(
                    "首发·故事版",
                    "秋冷乌龙来了：一片叶子的三个月",
                    "前 300 名送随行杯",
                    "一片叶子的三个月",
                    "从安溪到您的杯子，我们跟了三个月。",
                    "看它的故事",
                    "/oolong",
                    0.6,
                ),
                Mail(
                    "首发·优惠版",
                    "秋冷乌龙首发价 ¥128，送随行杯",
                    "前 300 名，先到先得",
                    "首发价 ¥128",
                    "前 300 名下单送随行杯，冷泡也有回甘。",
                    "现在下单",
                    "/oolong?offer=1",
                    1.6,
                ),
            ),
            (
                Mail(
                    "首发·最后两天",
                    "还剩两天：秋冷乌龙首发价",
                    "之后恢复 ¥168",
                    "还剩两天",
                    "首发价 ¥128 到周日，之后恢复 ¥168。",
                    "赶上首发价",
                    "/oolong?last=1",
                    1.1,
                ),
            ),
        ),
        costs=(
            ("media", "社媒", Decimal(3600)),
            ("creative", "", Decimal(2100)),
            ("materials", "门店", Decimal(1300)),
            ("tools", "email", Decimal(300)),
        ),
        cards=(
            ("keep", "标题写明价格的一版点击高出三成"),
            ("start", "随行杯库存要接入，首发第三天就发完了"),
            ("lesson", "故事版适合老会员，优惠版适合新会员"),
        ),
        again="yes",
        why="优惠版明显更好，值得直接复用",
    ),
    Story(
        name="老客唤醒",
        strategy="win_back",
        starts=-40,
        length=16,
        sends_on=(0,),
        message="好久不见，留了一盏给您",
        value="回归礼：满 150 元减 20 元",
        audience="60 天没有下单的会员",
        budget=Decimal(7500),
        goals=(
            {"metric": "buyers", "baseline": "18", "target": "30"},
            {"metric": "unsubscribe_rate", "baseline": "0.004", "target": "0.003"},
        ),
        segment="60 天未下单的会员",
        rule={"all": [ALL, {"event": "Order Completed", "within": "60d", "count": {"eq": 0}}]},
        waves=(
            (
                Mail(
                    "唤醒·问候",
                    '{{ first_name | default: "您好" }}，给您留了一盏茶',
                    "回归礼满 150 减 20",
                    "好久不见",
                    "我们给您留了一份回归礼：满 150 元减 20 元，两周内有效。",
                    "领回归礼",
                    "/welcome-back",
                    0.8,
                ),
            ),
        ),
        costs=(
            ("creative", "", Decimal(800)),
            ("media", "社媒", Decimal(5600)),
            ("tools", "email", Decimal(150)),
        ),
        cards=(
            ("stop", "社媒投放对沉睡会员几乎没有效果"),
            ("start", "先问候、三天后再给优惠，分两步走"),
        ),
        again="changed",
        why="邮件有效，投放费用太高",
    ),
    Story(
        name="岁末暖饮季",
        strategy="activate",
        starts=-4,
        length=14,
        sends_on=(0, 3),
        message="一年将尽，围炉有茶",
        value="暖饮礼盒 ¥199，门店也能用",
        audience="全部同意邮件的会员",
        facts=(
            {
                "key": "price.winter",
                "name": "暖饮礼盒",
                "kind": "price",
                "values": {"": "199"},
                "unit": "元",
                "evidence": "2026 冬季价目表，第 3 页",
            },
            {
                "key": "limit.per_person",
                "name": "每人限购",
                "kind": "limit",
                "values": {"zh-hans": "2 盒", "zh-hant": "2 盒", "en": "2 boxes"},
                "evidence": "门店运营通知",
            },
        ),
        budget=Decimal(24000),
        goals=(
            {
                "metric": "orders",
                "baseline": "66",
                "baseline_source": "秋季新品首发同期",
                "target": "130",
                "statement": "两周内通过邮件完成 130 个订单，退订率不超过 2%",
                "guardrails": [{"metric": "unsubscribe_rate", "op": "lte", "value": "0.02"}],
                "population": "同意邮件的会员",
                "channel": "email",
                "reason": "新增暖饮礼盒，客单价更高",
            },
            {"metric": "revenue", "baseline": "13200", "target": "24000"},
        ),
        segment="暖饮季受众",
        rule=ALL,
        waves=(
            (
                Mail(
                    "暖饮季·礼盒",
                    "围炉有茶：暖饮礼盒 ¥{{ fact.price.winter }}",
                    "门店也能用，到本月底",
                    "围炉有茶",
                    "金骏眉与熟普各一罐，配围炉杯一对，¥199。",
                    "看暖饮礼盒",
                    "/winter",
                    1.15,
                ),
                Mail(
                    "暖饮季·问候",
                    '{{ first_name | default: "您" }}，天凉了，给自己泡一壶',
                    "暖饮礼盒，为您留到月底",
                    "天凉了，泡一壶",
                    "挑一款适合冬天的茶：金骏眉暖胃，熟普解腻。",
                    "选一款暖饮",
                    "/winter?tone=warm",
                    0.95,
                ),
            ),
            (
                Mail(
                    "暖饮季·门店",
                    "周末到店，围炉试饮",
                    "带上这封邮件，第二杯半价",
                    "周末到店试饮",
                    "上海、杭州门店周末围炉试饮，第二杯半价。",
                    "找最近的门店",
                    "/stores",
                    0.9,
                ),
            ),
        ),
        costs=(
            ("media", "社媒", Decimal(3400)),
            ("creative", "", Decimal(300)),
            ("materials", "门店", Decimal(1500)),
        ),
    ),
)
COLLEAGUES = (
    ("李强", "li.qiang@muster.example", "operator"),
    ("陈晨", "chen.chen@muster.example", "content"),
    ("赵磊", "zhao.lei@muster.example", "analyst"),
    ("周婷", "zhou.ting@muster.example", "legal"),
)
