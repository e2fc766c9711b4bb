"""The scorecard to start from (PE7): what a shop or a site tells of people who want something."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

FREE_MAIL = tuple(
    line
    for text in files(__package__).joinpath("free_mail.txt").read_text("utf-8").splitlines()
    if (line := text.partition("#")[0].strip())
)
"""Domains of mail that anybody can have: they say nothing of a company."""

CARD: dict[str, Any] = {
    "behaviour": [
        {"event": "Page Viewed", "points": 1, "half_life": 14, "cap": 15},
        {"event": "Product Viewed", "points": 3, "half_life": 14, "cap": 30},
        {"event": "Product Added", "points": 8, "half_life": 14, "cap": 24},
        {"event": "Checkout Started", "points": 12, "half_life": 14, "cap": 24},
        {"event": "Form Submitted", "points": 25, "half_life": 30, "cap": 50},
        {"event": "Message Opened", "points": 2, "half_life": 21, "cap": 10},
        {"event": "Message Clicked", "points": 6, "half_life": 21, "cap": 24},
        {"event": "Order Completed", "points": 15, "half_life": 60, "cap": 45},
        {"event": "Unsubscribed", "points": -30, "half_life": 90, "cap": 30},
        {
            "event": "Lead Stage Changed",
            "where": [{"property": "stage", "op": "eq", "value": "recycled"}],
            "points": -25,
            "half_life": 60,
            "cap": 25,
        },
    ],
    "fit": [
        {"trait": "mail_domain", "op": "not_in", "value": list(FREE_MAIL), "points": 20},
        {"trait": "company", "op": "exists", "points": 20},
        {"trait": "title", "op": "exists", "points": 15},
        {"trait": "phone_region", "op": "exists", "points": 15},
    ],
    "grades": {"A": 50, "B": 35, "C": 15},
    "bands": {"hot": 50, "warm": 20},
}
MQL: dict[str, Any] = {
    "all": [
        {"score": "lead", "op": "gte", "value": 40},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}
