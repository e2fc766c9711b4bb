"""The invented people of the sample workspace, as the file that a team would import."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import numpy as np

SIZE = 1600
_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"
_GIVEN = [
    "小雨", "子涵", "欣怡", "梓萱", "雨桐", "思远", "浩然", "俊杰", "晓明", "佳琪", "诗涵", "志强",
    "美玲", "国栋", "雅婷", "嘉豪", "婷婷", "建华", "秀英", "文博", "静怡", "宇航", "若曦", "天宇",
]  # fmt: skip
_CITIES = {
    "上海": 0.22, "杭州": 0.14, "北京": 0.13, "深圳": 0.11, "广州": 0.10, "成都": 0.08,
    "南京": 0.07, "武汉": 0.06, "苏州": 0.05, "台北": 0.02, "香港": 0.01, "西安": 0.01,
}  # fmt: skip
_LEVELS = {"L1": 0.5, "L2": 0.28, "L3": 0.15, "L4": 0.07}
_TASTES = {"龙井": 0.3, "乌龙": 0.25, "红茶": 0.2, "花茶": 0.15, "普洱": 0.1}
COLUMNS = [
    "会员号",
    "邮箱",
    "手机",
    "姓",
    "名",
    "城市",
    "会员等级",
    "口味",
    "生日",
    "入会日期",
    "邮件同意",
]
MAPPING = {
    "会员号": "external_id",
    "邮箱": "email",
    "手机": "phone",
    "姓": "last_name",
    "名": "first_name",
    "城市": "城市",
    "会员等级": "会员等级",
    "口味": "口味",
    "生日": "生日",
    "入会日期": "入会日期",
    "邮件同意": "consent:email:marketing",
}


def external_id(number: int) -> str:
    """The member number of the n-th invented person."""
    return f"QH{number:05d}"


def as_csv(rng: np.random.Generator, today: date) -> bytes:
    """The members as a GB18030 file: what a Chinese shop system exports."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    cities = rng.choice(list(_CITIES), SIZE, p=list(_CITIES.values()))
    levels = rng.choice(list(_LEVELS), SIZE, p=list(_LEVELS.values()))
    tastes = rng.choice(list(_TASTES), SIZE, p=list(_TASTES.values()))
    family = rng.choice(list(_FAMILY), SIZE)
    given = rng.choice(_GIVEN, SIZE)
    ages = rng.integers(19 * 365, 62 * 365, SIZE)
    joined = rng.integers(130, 540, SIZE)
    agreed = rng.random(SIZE) < 0.91
    for number in range(SIZE):
        rows.writerow(
            [
                external_id(number),
                f"member{number:05d}@example.test",
                f"138{number:08d}",
                family[number],
                given[number],
                cities[number],
                levels[number],
                tastes[number],
                (today - timedelta(days=int(ages[number]))).isoformat(),
                (today - timedelta(days=int(joined[number]))).isoformat(),
                "是" if agreed[number] else "",
            ]
        )
    return out.getvalue().encode("gb18030")
