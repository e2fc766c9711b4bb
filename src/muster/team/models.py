"""The tables of the team; each subject keeps its own."""

from muster.team.changes.models import Change
from muster.team.jobs.models import Job
from muster.team.members.models import Invitation, User, Workspace
from muster.team.tokens.models import IdempotentAnswer, Token, WriteKey

__all__ = [
    "Change",
    "IdempotentAnswer",
    "Invitation",
    "Job",
    "Token",
    "User",
    "Workspace",
    "WriteKey",
]
