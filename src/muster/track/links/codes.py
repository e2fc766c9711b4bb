"""QR codes for posters (CH7): as a drawing for the screen, a picture, and a page for print."""

from __future__ import annotations

import io

import segno

from muster.collector.links import SCANNED
from muster.track.links.models import ShortLink

TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
"""Kind of file → its media type."""
_SCALE = {"svg": 8, "png": 20, "pdf": 10}


def code_of(link: ShortLink, kind: str) -> bytes:
    """The QR code of a link as a file; a quarter of it may be dirty and it still reads."""
    out = io.BytesIO()
    made = segno.make(link.address + SCANNED, error="q", micro=False)
    made.save(out, kind=kind, scale=_SCALE[kind], border=4)
    return out.getvalue()
