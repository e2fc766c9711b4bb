"""Who may answer for a check (PL8). No database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Duty(StrEnum):
    """Whose duty a check of the workspace's own can be, besides that of a role."""

    OWNER = "owner"
    ACCOUNTABLE = "accountable"


class No(StrEnum):
    """Why a check may not be waived, in the order in which we look."""

    FIXED = "fixed"
    NOTHING = "nothing"
    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"


@dataclass(frozen=True)
class Attempt:
    """Somebody wants to waive a check."""

    may_be_waived: bool
    """Some checks stand for a decision of others, such as an approval, and never fall away."""
    is_open: bool
    """Something was found that is not waived yet."""
    blocks: bool
    is_admin: bool
    owns_campaign: bool
    is_accountable: bool
    """Has an A in this campaign's matrix of duties."""
    has_reason: bool


def refusal(attempt: Attempt) -> No | None:
    """Why this check may not be waived by this person, or None."""
    if not attempt.may_be_waived:
        return No.FIXED
    if not attempt.is_open:
        return No.NOTHING
    answers = attempt.is_admin or attempt.owns_campaign
    if not answers and (attempt.blocks or not attempt.is_accountable):
        return No.NOT_YOURS
    return None if attempt.has_reason else No.NO_REASON
