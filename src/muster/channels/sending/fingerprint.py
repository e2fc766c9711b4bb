"""What an approval of a send is bound to (PL6): after any change it has to be given anew."""

from __future__ import annotations

import hashlib
import json

from muster.channels.sending.models import Send
from muster.team.users.models import Workspace


def fingerprint(send: Send) -> str:
    """The mark of content, audience, groups, schedule and purpose as they are now."""
    workspace = Workspace.here()
    said: dict[str, object] = {
        "channel": send.channel,
        "purpose": send.purpose,
        "audience": send.segment.audience if send.segment else send.rule,
        "segment": send.segment_id,
        "holdout": str(send.holdout.normalize()) if send.holdout else None,
        "holdout_rule": send.holdout_rule,
        "seed": send.seed,
        "starts_at": send.starts_at.isoformat() if send.starts_at else None,
        "not_after": send.not_after.isoformat() if send.not_after else None,
        "variants": [
            {
                "name": variant.name,
                "content": variant.email.fingerprint(workspace),
                "share": str(variant.share.normalize()) if variant.share is not None else None,
                "rule": variant.rule,
            }
            for variant in send.variants.select_related("email")
        ],
    }
    if send.topic_id is not None:
        said["topic"] = send.topic_id
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
