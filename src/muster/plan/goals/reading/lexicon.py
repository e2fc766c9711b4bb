"""What marketers call metrics, people and channels, in English and in folded Chinese.

The catalogue's own names are among them; a test compares both in all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What a phrase stands for."""

    METRIC = "metric"
    UNCOUNTED = "uncounted"
    """Something people want that no event of ours shows."""
    PEOPLE = "people"
    CHANNEL = "channel"


_METRICS = {
    "people_reached": (
        "people reached|reached people|unique reach|触达人数|触达用户数|触达用户|触及人数|"
        "覆盖人数|触达会员数"
    ),
    "messages_sent": "messages sent|mails sent|e-mails sent|emails sent|发送数|发送量|发信量",
    "messages_delivered": (
        "messages delivered|mails delivered|emails delivered|送达数|送达量|到达量"
    ),
    "delivery_rate": "delivery rate|deliverability|送达率|到达率|投递率",
    "bounce_rate": "bounce rate|bounces|退信率|退件率|退信",
    "opens": (
        "messages opened|opens|mails opened|emails opened|被打开的消息|被开启的讯息|打开数|"
        "打开量|打开次数|开信数"
    ),
    "open_rate": "open rate|open rates|打开率|开信率|开启率|阅读率",
    "clicks": "messages clicked|clicks|被点击的消息|被点击的讯息|点击数|点击量|点击次数",
    "click_rate": (
        "click rate|click-through rate|clickthrough rate|click through rate|ctr|点击率|点阅率|"
        "点选率"
    ),
    "unsubscribe_rate": (
        "unsubscribe rate|unsubscription rate|unsubscribes|opt-out rate|opt-outs|退订率|"
        "取消订阅率|退订"
    ),
    "complaint_rate": "complaint rate|spam complaint rate|spam complaints|投诉率|客诉率",
    "visitors": (
        "visitors|unique visitors|site visitors|website visitors|uv|footfall|traffic|"
        "website traffic|到访人数|访客数|访客|访问人数|访问量|流量|网站流量|官网流量|进店人数|"
        "到店人数|客流|独立访客"
    ),
    "new_visitors": (
        "new visitors|first-time visitors|new website visitors|new site visitors|新访客数|新访客|"
        "新增访客|首访人数|首次到访人数"
    ),
    "returning_visitors": (
        "returning visitors|repeat visitors|returning site visitors|老访客|老访客数|回访人数"
    ),
    "page_views": "page views|pageviews|pv|浏览量|页面浏览量|浏览次数",
    "visits": "visits|site visits|website visits|sessions|访问次数|造访次数|会话数",
    "one_page_rate": "visits of one page only|web bounce rate|site bounce rate|跳出率",
    "pages_per_visit": "pages per visit|pages per session|每次访问的页数|每次造访的页数|人均页数",
    "seconds_per_visit": (
        "seconds per visit|time on site|dwell time|每次访问的秒数|每次造访的秒数|停留时长|停留时间"
    ),
    "visit_rate": "visit rate|到访率|访问率|进店率|到店率",
    "leads": (
        "leads|qualified leads|new leads|sign-ups|signups|form submissions|registrations|线索数|"
        "潜在客户数|有效线索|线索|潜在客户|名单数|名单|留资数|留资|表单提交|报名人数|报名|"
        "注册用户数|注册用户|注册量|注册数"
    ),
    "lead_rate": "lead rate|sign-up rate|signup rate|线索率|潜在客户率|留资率|报名率|注册率",
    "mql_rate": (
        "mql rate|share of mqls|marketing qualified lead rate|lead to mql rate|mql率|mql 率|"
        "mql转化率|mql比例|线索合格率|合格线索率"
    ),
    "opportunity_rate": (
        "lead to opportunity rate|opportunity rate|lead-to-opportunity rate|sql rate|商机率|"
        "线索商机转化率|潜在客户商机转换率|商机转化率|线索转商机率|线索到商机的转化率"
    ),
    "buyers": (
        "buyers|paying customers|purchasers|customers who buy|people who buy|购买人数|购买用户数|"
        "下单人数|成交人数|成交用户|成交客户|付费用户|购买用户|买家"
    ),
    "conversion_rate": (
        "conversion rate|conversion|conversions rate|purchase rate|转化率|转换率|成交率|购买率|"
        "下单率|转化|转换"
    ),
    "first_time_buyers": (
        "first-time buyers|first time buyers|first-time buyer|first-time customers|"
        "first time customers|new buyers|new customers|first purchases|first orders|首购客户|"
        "首购新客数|首购新客|首购人数|首购用户|首次购买新客数|首次购买新客|首次购买人数|首次购买|"
        "首购数|首购|首单用户|首单|新客数|新客人数|新客|新客户数|新客户|新增客户|新顾客|新用户数|"
        "新用户"
    ),
    "repeat_rate": (
        "repeat rate|repeat purchase rate|repurchase rate|复购率|回购率|回购|复购|再购率|重复购买率"
    ),
    "retention_30_rate": (
        "retention within 30 days|30-day retention|30-day repurchase rate|30天复购率|30 天复购率|"
        "30日复购率|30天内复购率|30天留存率|月复购率"
    ),
    "retention_90_rate": (
        "retention within 90 days|90-day retention|90-day repurchase rate|90天复购率|90 天复购率|"
        "90日复购率|90天内复购率|90天留存率|季度复购率"
    ),
    "orders": (
        "orders|purchases|sales orders|订单数|订单量|订单|成交单数|下单数|下单量|单量|销量|"
        "销售量|件数"
    ),
    "orders_per_person": "orders per person|orders per customer|人均订单数|人均订单|人均下单数",
    "revenue": (
        "revenue|sales|turnover|gmv|sales revenue|收益|营收|收入|销售额|成交额|营业额|销售收入|"
        "交易额|业绩|成交金额"
    ),
    "discounts": "discounts given|discounts|优惠让利|让利|让出的折扣|折扣金额|优惠金额",
    "average_order_value": (
        "average order value|average order|average basket|basket size|order value|aov|客单价|"
        "客单|平均订单金额|平均客单价|笔单价"
    ),
    "refund_rate": (
        "refund rate|refund rates|refunds|return rate|product returns|退款率|退货率|退货退款率"
    ),
    "revenue_per_person": (
        "revenue per person|revenue per customer|arpu|人均收益|人均消费|人均贡献"
    ),
    "roi": "roi|return on investment|投资回报率|投入产出比|投资报酬率|投产比",
    "cpa": (
        "cost per buyer|cost per acquisition|cost per order|cpa|单个购买者成本|单个成交成本|"
        "转化成本|成交成本"
    ),
    "cpl": "cost per lead|cpl|单个线索成本|单个潜在客户成本|线索成本|留资成本|名单成本",
    "cac": (
        "cost per first-time buyer|customer acquisition cost|acquisition cost|"
        "cost per new customer|cac|单个首购成本|获客成本|拉新成本|新客成本|获新成本"
    ),
    "ltv_cac": "ltv to cac|ltv/cac|ltv:cac|ltv cac ratio|客户终身价值与获客成本之比|ltv与cac之比",
}
_UNCOUNTED = {
    "awareness": (
        "brand awareness|awareness|recognition|visibility|品牌知名度|知名度|品牌认知度|品牌认知|"
        "认知度|认知|影响力|品牌影响力|曝光度|存在感|名气|心智"
    ),
    "impressions": (
        "impressions|exposure|views|video views|曝光量|曝光数|曝光|展示量|播放量|浏览量|阅读量|"
        "页面浏览量|pv"
    ),
    "sentiment": (
        "sentiment|mentions|share of voice|word of mouth|buzz|口碑|美誉度|好感度|声量|讨论度|"
        "热度|评价|好评率|好评"
    ),
    "satisfaction": (
        "satisfaction|customer satisfaction|nps|net promoter score|csat|满意度|客户满意度|"
        "净推荐值|体验|客户体验|用户体验|customer experience"
    ),
    "followers": (
        "followers|fans|subscribers|粉丝数|粉丝|关注数|关注者|涨粉|订阅者|订阅数|好友数|加好友数|"
        "社群人数|下载量|downloads|app installs|installs|会员数|新增会员|新会员|new members|"
        "members joined"
    ),
    "engagement": (
        "engagement|engagement rate|interaction|interactions|互动率|互动量|互动数|互动|活跃度|"
        "活跃|黏性|粘性|参与度|参与"
    ),
    "loyalty": (
        "loyalty|customer loyalty|retention|retention rate|churn|churn rate|忠诚度|留存率|留存|"
        "流失率|流失|留住|lifetime value|ltv"
    ),
    "market": "market share|市场份额|市占率|市场占有率|市场|排名|ranking|rankings",
    "quality": "mqls|sqls|opportunities|pipeline|商机|商机数",
    "performance": "performance|results|effectiveness|success|效果|成效|表现|效率|efficiency",
}
_PEOPLE = (
    "members|loyal members|loyalty members|vip members|vips|loyal customers|existing customers|"
    "returning customers|dormant customers|dormant members|lapsed customers|lapsed buyers|"
    "inactive customers|at-risk customers|subscribers|students|young people|women|men|parents|"
    "gen z|employees|tea drinkers|people who never bought|店长|会员|老会员|新会员|vip会员|"
    "高价值会员|高价值客户|老客户|老客|老顾客|沉睡会员|沉睡客户|沉睡用户|沉睡老客|流失客户|"
    "流失会员|流失用户|未购会员|未购客户|未购用户|从未购买的人|从未购买的会员|忠实客户|年轻人|"
    "大学生|学生|宝妈|白领|女性|男性|粉丝群|企业客户|消费者|existing members|registered users"
)
_CHANNELS = {
    "email": "e-mail|email|e-mails|emails|mail|newsletter|edm|电子邮件|邮件|电邮|电子报|邮箱",
    "sms": "sms|text message|text messages|短信|简讯|手机短信",
    "wecom": "wecom|企业微信|企微|社群|私域",
    "social": (
        "social media|social|instagram|facebook|tiktok|douyin|xiaohongshu|wechat|weibo|"
        "line official account|社媒|社交媒体|社群媒体|小红书|抖音|微信公众号|公众号|微信|微博|"
        "视频号|直播间|直播|朋友圈"
    ),
    "ads": (
        "paid ads|ads|paid media|paid search|advertising|sem|付费广告|广告投放|广告|投放|信息流|"
        "搜索广告|付费媒体"
    ),
    "store": (
        "in stores|in-store|in store|stores|offline|retail stores|门店|门市|实体门市|实体门店|"
        "实体店|线下门店|线下|店内|店铺"
    ),
    "site": (
        "website|web site|web shop|online shop|online store|mini program|mini-program|"
        "official site|app|官网|网站|网店|小程序|商城|电商平台|天猫|京东|官方网站|网路商店|"
        "落地页|landing page"
    ),
    "online": "online|digital|线上渠道|线上|全渠道线上|线上通路",
}


@dataclass(frozen=True)
class Mention:
    """A phrase of the lexicon in a sentence."""

    sort: Sort
    key: str
    start: int
    end: int


def mentions(folded: str) -> list[Mention]:
    """What is named, longest phrase first where phrases overlap; in the order of the sentence."""
    taken = [False] * len(folded)
    found = []
    for sort, key, phrase in _PHRASES:
        place = folded.find(phrase)
        while place >= 0:
            end = place + len(phrase)
            if not any(taken[place:end]) and _stands_alone(folded, place, end):
                taken[place:end] = [True] * (end - place)
                found.append(Mention(sort, key, place, end))
            place = folded.find(phrase, end)
    found += [
        Mention(Sort.METRIC, "first_time_buyers", hit.start(), hit.end())
        for hit in _BEFORE_A_NUMBER.finditer(folded)
        if not taken[hit.start()]
    ]
    return sorted(found, key=lambda one: one.start)


_BEFORE_A_NUMBER = re.compile(
    r"拉新(?=\s*(?:至少|不少于|达到?|到|≥|约)?\s*[\d一二三四五六七八九两十百])"
)
"""拉新 1,500 人 counts new customers; alone it is what one does."""


def _stands_alone(folded: str, start: int, end: int) -> bool:
    """A Latin word is not part of a longer one."""
    latin = re.compile(r"[a-z0-9]")
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    return not (latin.match(folded[start]) and latin.match(before)) and not (
        latin.match(folded[end - 1]) and latin.match(after)
    )


def _phrases() -> Iterator[tuple[Sort, str, str]]:
    for sort, words in (
        (Sort.METRIC, _METRICS),
        (Sort.UNCOUNTED, _UNCOUNTED),
        (Sort.CHANNEL, _CHANNELS),
    ):
        for key, phrases in words.items():
            yield from ((sort, key, phrase) for phrase in phrases.split("|"))
    yield from ((Sort.PEOPLE, phrase, phrase) for phrase in _PEOPLE.split("|"))


_PHRASES = sorted(_phrases(), key=lambda one: -len(one[2]))
