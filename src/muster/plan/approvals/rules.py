"""What a signature is worth (PL6). No database, no clock: facts in, answer out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

POLICY = ("release",)
"""The steps that have to be signed, in order."""


@dataclass(frozen=True)
class Signature:
    """Someone agreed to the work as it was then."""

    step: str
    fingerprint: str


class No(StrEnum):
    """Why a person may not decide, in the order in which we look."""

    CLOSED = "closed"
    CHANGED = "changed"
    OWN_REQUEST = "own_request"
    WAIVER_NOT_YOURS = "waiver_not_yours"
    NOTE_MISSING = "note_missing"


@dataclass(frozen=True)
class Attempt:
    """Someone wants to decide on a request."""

    is_open: bool
    is_changed: bool
    """The work is no longer what was shown."""
    approves: bool
    asked_it: bool
    """The person asked for this approval."""
    is_owner: bool
    waiver: bool
    has_note: bool


def open_steps(
    policy: Sequence[str], signatures: Iterable[Signature], fingerprint: str
) -> list[str]:
    """The steps still to sign, in the order of the policy.

    A signature counts only for the work it was given for: any later edit changes the
    fingerprint, and so opens every step again.
    """
    signed = {s.step for s in signatures if s.fingerprint == fingerprint}
    return [step for step in policy if step not in signed]


def refusal(attempt: Attempt) -> No | None:
    """Why this decision may not be taken, or None."""
    if not attempt.is_open:
        return No.CLOSED
    if attempt.approves and attempt.is_changed:
        return No.CHANGED
    if not attempt.approves and not attempt.has_note:
        return No.NOTE_MISSING
    if attempt.approves and attempt.asked_it and not (attempt.is_owner and attempt.waiver):
        return No.WAIVER_NOT_YOURS if attempt.waiver else No.OWN_REQUEST
    return None
