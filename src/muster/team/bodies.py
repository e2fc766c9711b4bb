"""What callers of the API send."""

from __future__ import annotations

from ninja import Schema
from pydantic import ConfigDict


class Strict(Schema):
    """A body in which an unknown field is a mistake, not noise.

    Where a whole thing is put back as it was read, its other fields are let pass instead.
    """

    model_config = ConfigDict(extra="forbid")
