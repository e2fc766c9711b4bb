"""The words of which the sentence of a segment is made, in three languages (PE4).

They stand here and not among the translations because the languages differ in order, not only in
words: English has verbs with a past, Chinese puts the time first and counts with measure words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENGLISH_EVENTS: Mapping[str, tuple[str, str]] = {
    "Order Completed": ("placed an order", "place an order"),
    "Order Refunded": ("had an order refunded", "have an order refunded"),
    "Order Repeated": ("had an order reported again", "have an order reported again"),
    "Order Cancelled": ("cancelled an order", "cancel an order"),
    "Product Viewed": ("looked at a product", "look at a product"),
    "Product Added": ("put a product into the cart", "put a product into the cart"),
    "Checkout Started": ("went to the checkout", "go to the checkout"),
    "Page Viewed": ("visited a page", "visit a page"),
    "Screen Viewed": ("used the app", "use the app"),
    "Session Started": ("began a session", "begin a session"),
    "Visit": ("came by", "come by"),
    "Form Submitted": ("submitted a form", "submit a form"),
    "Message Sent": ("were sent a message", "get a message sent"),
    "Message Delivered": ("received a message", "receive a message"),
    "Message Opened": ("opened a message", "open a message"),
    "Message Clicked": ("clicked in a message", "click in a message"),
    "Message Bounced": ("had a message bounce", "have a message bounce"),
    "Message Complained": ("complained about a message", "complain about a message"),
    "Unsubscribed": ("unsubscribed", "unsubscribe"),
    "Coupon Issued": ("got a coupon", "get a coupon"),
    "Coupon Viewed": ("looked at a coupon", "look at a coupon"),
    "Coupon Redeemed": ("redeemed a coupon", "redeem a coupon"),
    "Consent Given": ("gave consent", "give consent"),
    "Consent Withdrawn": ("withdrew consent", "withdraw consent"),
    "Signed Up": ("signed up", "sign up"),
    "Signed In": ("signed in", "sign in"),
}
"""Event → what people did, and the same after "did not"."""

ENGLISH_MESSAGES = {"email": "an e-mail", "sms": "a text message", "wecom": "a WeCom message"}
"""What "a message" is called on a channel."""

ENGLISH_TRAITS = {
    "email": "e-mail address",
    "phone": "phone number",
    "first_name": "first name",
    "last_name": "last name",
    "external_id": "external id",
    "mail_domain": "mail domain",
    "phone_region": "phone region",
    "first_seen": "first visit",
    "last_seen": "last visit",
}
ENGLISH_PURPOSES = {
    "marketing": "marketing",
    "service": "service messages",
    "personalisation": "personalised content",
}
ENGLISH_CHANNELS = {
    "email": "e-mail",
    "sms": "text message",
    "wecom": "WeCom",
    "push": "push",
    "phone": "phone",
}
ENGLISH_STATES = {
    "sent": ("were sent", "get"),
    "delivered": ("received", "receive"),
    "opened": ("opened", "open"),
    "clicked": ("clicked in", "click in"),
    "complained": ("complained about", "complain about"),
    "unsubscribed": ("unsubscribed from", "unsubscribe from"),
}
ENGLISH_SCORES = {"lead": "lead score", "fit": "fit score", "grade": "grade"}
ENGLISH_UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
ENGLISH_COUNTS = {
    "eq": "exactly %s times",
    "ne": "not exactly %s times",
    "gt": "more than %s times",
    "gte": "at least %s times",
    "lt": "fewer than %s times",
    "lte": "at most %s times",
    "between": "%s to %s times",
}
ENGLISH_NUMBERS = {
    "eq": "exactly %s",
    "ne": "other than %s",
    "gt": "more than %s",
    "gte": "at least %s",
    "lt": "less than %s",
    "lte": "at most %s",
    "between": "from %s to %s",
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)


@dataclass(frozen=True)
class Chinese:
    """The words of one way of writing Chinese; `%s` stands for what is put in."""

    people: str
    ever: str
    in_all: str
    never: str
    did_not: str
    did: str
    happened: str
    last_span: str
    next_span: str
    since: str
    until: str
    between: str
    before: str
    after: str
    first_time: str
    last_time: str
    first_step: str
    next_step: str
    all_within: str
    sum: str
    avg: str
    min: str
    max: str
    exists: str
    missing: str
    contains: str
    not_contains: str
    starts_with: str
    ends_with: str
    is_: str
    is_set: str
    is_not: str
    later: str
    not_in_span: str
    in_span: str
    anniversary: str
    birthday: str
    not_birthday: str
    not_anniversary: str
    lives_in: str
    lives_not_in: str
    tag: str
    no_tag: str
    segment: str
    no_segment: str
    random: str
    no_random: str
    granted: str
    not_granted: str
    withdrawn: str
    not_withdrawn: str
    unknown: str
    not_unknown: str
    last_messages: str
    last_message: str
    all_of_them: str
    none_of_them: str
    not_all_of_them: str
    and_so_on: str
    not_so: str
    yes: str
    no: str
    or_: str
    units: Mapping[str, str]
    windows: Mapping[str, str]
    numbers: Mapping[str, str]
    counts: Mapping[str, str]
    events: Mapping[str, str]
    messages: Mapping[str, str]
    traits: Mapping[str, str]
    channels: Mapping[str, str]
    purposes: Mapping[str, str]
    states: Mapping[str, str]
    scores: Mapping[str, str]


SIMPLIFIED = Chinese(
    people="%s的人。",
    ever="曾%s",
    in_all="累计%s",
    never="从未%s",
    did_not="没有%s",
    did="%s",
    happened="发生「%s」",
    last_span="最近 %s",
    next_span="未来 %s内",
    since="%s起",
    until="%s之前",
    between="%s至%s（不含）",
    before="早于%s",
    after="晚于%s",
    first_time="首次在%s",
    last_time="最近一次在%s",
    first_step="先%s",
    next_step="，再%s",
    all_within="在 %s内",
    sum="合计%s",
    avg="平均%s",
    min="最低%s",
    max="最高%s",
    exists="有%s",
    missing="没有%s",
    contains="%s包含「%s」",
    not_contains="%s不包含「%s」",
    starts_with="%s以「%s」开头",
    ends_with="%s以「%s」结尾",
    is_="%s是%s",
    is_set="%s为「%s」",
    is_not="%s不是%s",
    later="%s以后",
    not_in_span="%s不在%s内",
    in_span="%s在%s内",
    anniversary="%s的周年在%s",
    birthday="%s过生日",
    not_birthday="%s不过生日",
    not_anniversary="%s的周年不在%s",
    lives_in="住在%s",
    lives_not_in="不住在%s",
    tag="带「%s」标签",
    no_tag="不带「%s」标签",
    segment="在「%s」里",
    no_segment="不在「%s」里",
    random="属于随机抽取的 %s%%",
    no_random="不属于随机抽取的 %s%%",
    granted="同意%s",
    not_granted="未同意%s",
    withdrawn="撤回了对%s的同意",
    not_withdrawn="没有撤回对%s的同意",
    unknown="尚未表示是否同意%s",
    not_unknown="已表示是否同意%s",
    last_messages="最近 %s 条消息",
    last_message="最近一条消息",
    all_of_them="%s都%s",
    none_of_them="%s都没有%s",
    not_all_of_them="%s并非都%s",
    and_so_on="%s等 %s 个值之一",
    not_so="并非%s",
    yes="是",
    no="否",
    or_="或",
    units={"m": "分钟", "h": "小时", "d": "天", "w": "周", "mo": "个月", "y": "年"},
    windows={
        "today": "今天",
        "yesterday": "昨天",
        "this_week": "本周",
        "last_week": "上周",
        "this_month": "本月",
        "last_month": "上月",
        "this_year": "今年",
        "last_year": "去年",
    },
    numbers={
        "eq": "正好 %s",
        "ne": "不等于 %s",
        "gt": "超过 %s",
        "gte": "至少 %s",
        "lt": "少于 %s",
        "lte": "最多 %s",
        "between": "在 %s 到 %s 之间",
    },
    counts={
        "eq": "正好 %s 次",
        "ne": "不是 %s 次",
        "gt": "超过 %s 次",
        "gte": "至少 %s 次",
        "lt": "少于 %s 次",
        "lte": "最多 %s 次",
        "between": "%s 到 %s 次",
    },
    events={
        "Order Completed": "下单",
        "Order Refunded": "退款",
        "Order Repeated": "订单被再次报告",
        "Order Cancelled": "取消订单",
        "Product Viewed": "浏览商品",
        "Product Added": "加购商品",
        "Checkout Started": "去结账",
        "Page Viewed": "访问页面",
        "Screen Viewed": "使用应用",
        "Session Started": "开始会话",
        "Visit": "来访",
        "Form Submitted": "提交表单",
        "Message Sent": "被发送%s",
        "Message Delivered": "收到%s",
        "Message Opened": "打开%s",
        "Message Clicked": "点击%s",
        "Message Bounced": "%s被退回",
        "Message Complained": "投诉%s",
        "Unsubscribed": "退订",
        "Coupon Issued": "领到优惠券",
        "Coupon Viewed": "查看优惠券",
        "Coupon Redeemed": "核销优惠券",
        "Consent Given": "给予同意",
        "Consent Withdrawn": "撤回同意",
        "Signed Up": "注册",
        "Signed In": "登录",
    },
    messages={"": "消息", "email": "邮件", "sms": "短信", "wecom": "企业微信消息"},
    traits={
        "email": "邮箱",
        "phone": "手机号",
        "first_name": "名",
        "last_name": "姓",
        "name": "姓名",
        "external_id": "外部编号",
        "mail_domain": "邮箱域名",
        "phone_region": "手机号地区",
        "first_seen": "首次来访",
        "last_seen": "最近来访",
        "age": "年龄",
        "gender": "性别",
        "language": "语言",
        "birthday": "生日",
        "level": "等级",
        "points": "积分",
        "city": "城市",
        "country": "国家",
        "province": "省份",
        "region": "地区",
        "district": "区县",
        "revenue": "收入",
        "total": "金额",
        "discount": "折扣",
        "currency": "币种",
        "order_id": "订单号",
        "channel": "渠道",
        "campaign": "活动",
        "price": "价格",
        "quantity": "数量",
        "category": "类目",
        "coupon": "优惠券",
        "url": "网址",
    },
    channels={
        "email": "邮件",
        "sms": "短信",
        "wecom": "企业微信",
        "push": "推送",
        "phone": "电话",
    },
    purposes={"marketing": "营销", "service": "服务通知", "personalisation": "个性化内容"},
    states={
        "sent": "被发送",
        "delivered": "收到",
        "opened": "打开",
        "clicked": "点击",
        "bounced": "被退回",
        "complained": "投诉",
        "unsubscribed": "退订",
        "failed": "发送失败",
    },
    scores={"lead": "线索评分", "fit": "匹配分", "grade": "线索等级"},
)

TRADITIONAL = Chinese(
    people="%s的人。",
    ever="曾%s",
    in_all="累計%s",
    never="從未%s",
    did_not="沒有%s",
    did="%s",
    happened="發生「%s」",
    last_span="最近 %s",
    next_span="未來 %s內",
    since="%s起",
    until="%s之前",
    between="%s至%s（不含）",
    before="早於%s",
    after="晚於%s",
    first_time="首次在%s",
    last_time="最近一次在%s",
    first_step="先%s",
    next_step="，再%s",
    all_within="在 %s內",
    sum="合計%s",
    avg="平均%s",
    min="最低%s",
    max="最高%s",
    exists="有%s",
    missing="沒有%s",
    contains="%s包含「%s」",
    not_contains="%s不包含「%s」",
    starts_with="%s以「%s」開頭",
    ends_with="%s以「%s」結尾",
    is_="%s是%s",
    is_set="%s為「%s」",
    is_not="%s不是%s",
    later="%s以後",
    not_in_span="%s不在%s內",
    in_span="%s在%s內",
    anniversary="%s的週年在%s",
    birthday="%s過生日",
    not_birthday="%s不過生日",
    not_anniversary="%s的週年不在%s",
    lives_in="住在%s",
    lives_not_in="不住在%s",
    tag="帶「%s」標籤",
    no_tag="不帶「%s」標籤",
    segment="在「%s」裡",
    no_segment="不在「%s」裡",
    random="屬於隨機抽取的 %s%%",
    no_random="不屬於隨機抽取的 %s%%",
    granted="同意%s",
    not_granted="未同意%s",
    withdrawn="撤回了對%s的同意",
    not_withdrawn="沒有撤回對%s的同意",
    unknown="尚未表示是否同意%s",
    not_unknown="已表示是否同意%s",
    last_messages="最近 %s 則訊息",
    last_message="最近一則訊息",
    all_of_them="%s都%s",
    none_of_them="%s都沒有%s",
    not_all_of_them="%s並非都%s",
    and_so_on="%s等 %s 個值之一",
    not_so="並非%s",
    yes="是",
    no="否",
    or_="或",
    units={"m": "分鐘", "h": "小時", "d": "天", "w": "週", "mo": "個月", "y": "年"},
    windows={
        "today": "今天",
        "yesterday": "昨天",
        "this_week": "本週",
        "last_week": "上週",
        "this_month": "本月",
        "last_month": "上月",
        "this_year": "今年",
        "last_year": "去年",
    },
    numbers={
        "eq": "正好 %s",
        "ne": "不等於 %s",
        "gt": "超過 %s",
        "gte": "至少 %s",
        "lt": "少於 %s",
        "lte": "最多 %s",
        "between": "在 %s 到 %s 之間",
    },
    counts={
        "eq": "正好 %s 次",
        "ne": "不是 %s 次",
        "gt": "超過 %s 次",
        "gte": "至少 %s 次",
        "lt": "少於 %s 次",
        "lte": "最多 %s 次",
        "between": "%s 到 %s 次",
    },
    events={
        "Order Completed": "下單",
        "Order Refunded": "退款",
        "Order Repeated": "訂單被再次回報",
        "Order Cancelled": "取消訂單",
        "Product Viewed": "瀏覽商品",
        "Product Added": "將商品加入購物車",
        "Checkout Started": "前往結帳",
        "Page Viewed": "造訪頁面",
        "Screen Viewed": "使用應用程式",
        "Session Started": "開始工作階段",
        "Visit": "造訪",
        "Form Submitted": "送出表單",
        "Message Sent": "被發送%s",
        "Message Delivered": "收到%s",
        "Message Opened": "開啟%s",
        "Message Clicked": "點擊%s",
        "Message Bounced": "%s被退回",
        "Message Complained": "申訴%s",
        "Unsubscribed": "取消訂閱",
        "Coupon Issued": "領到優惠券",
        "Coupon Viewed": "查看優惠券",
        "Coupon Redeemed": "核銷優惠券",
        "Consent Given": "給予同意",
        "Consent Withdrawn": "撤回同意",
        "Signed Up": "註冊",
        "Signed In": "登入",
    },
    messages={"": "訊息", "email": "電子郵件", "sms": "簡訊", "wecom": "企業微信訊息"},
    traits={
        "email": "電子郵件地址",
        "phone": "手機號碼",
        "first_name": "名",
        "last_name": "姓",
        "name": "姓名",
        "external_id": "外部編號",
        "mail_domain": "郵件網域",
        "phone_region": "手機號碼地區",
        "first_seen": "首次造訪",
        "last_seen": "最近造訪",
        "age": "年齡",
        "gender": "性別",
        "language": "語言",
        "birthday": "生日",
        "level": "等級",
        "points": "點數",
        "city": "城市",
        "country": "國家",
        "province": "省份",
        "region": "地區",
        "district": "區縣",
        "revenue": "營收",
        "total": "金額",
        "discount": "折扣",
        "currency": "幣別",
        "order_id": "訂單編號",
        "channel": "通路",
        "campaign": "行銷活動",
        "price": "價格",
        "quantity": "數量",
        "category": "類別",
        "coupon": "優惠券",
        "url": "網址",
    },
    channels={
        "email": "電子郵件",
        "sms": "簡訊",
        "wecom": "企業微信",
        "push": "推播",
        "phone": "電話",
    },
    purposes={"marketing": "行銷", "service": "服務通知", "personalisation": "個人化內容"},
    states={
        "sent": "被發送",
        "delivered": "收到",
        "opened": "開啟",
        "clicked": "點擊",
        "bounced": "被退回",
        "complained": "申訴",
        "unsubscribed": "取消訂閱",
        "failed": "發送失敗",
    },
    scores={"lead": "潛在客戶評分", "fit": "契合分", "grade": "潛在客戶等級"},
)
