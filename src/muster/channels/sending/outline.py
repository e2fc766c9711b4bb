"""A send in words, so that a reviewer sees what differs from the version approved before (PL6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.utils.html import strip_tags

from muster.channels.sending.models import Send
from muster.content.emails.blocks import KINDS
from muster.content.emails.rich import spoken
from muster.kit.words import _

_SAID = ("line", "rich", "html", "url")
"""Fields that people read or follow; how a block looks is not said."""


def outline(send: Send) -> list[tuple[str, str]]:
    """Label → value."""
    found = [
        (_("Audience"), send.segment.name if send.segment else json.dumps(send.rule)),
        *([(_("Topic"), send.topic.name)] if send.topic else []),
        (_("Held out"), f"{send.holdout * 100:.1f} %" if send.holdout else ""),
        (_("Begins"), send.starts_at.isoformat(" ", "minutes") if send.starts_at else ""),
    ]
    subjects, words = [], []
    for variant in send.variants.select_related("email"):
        subjects.append(f"{variant.name}: {spoken(variant.email.subject)}")
        words.append("\n".join([variant.name, *_words(variant.email.blocks)]))
    return [*found, (_("Subject"), "\n".join(subjects)), (_("Words"), "\n\n".join(words))]


def _words(blocks: list[dict[str, Any]]) -> Iterator[str]:
    for block in blocks:
        kind = KINDS.get(str(block.get("kind")))
        for field in kind.fields if kind else ():
            value = block.get(field.name)
            if field.kind in _SAID and isinstance(value, str) and value.strip():
                yield spoken(strip_tags(value))
