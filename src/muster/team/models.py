"""The tables of the team; each subject keeps its own."""

from muster.team.changes.models import Change
from muster.team.jobs.models import Job
from muster.team.members.models import Invitation
from muster.team.tokens.models import IdempotentAnswer, Token, WriteKey
from muster.team.users.models import User, Workspace

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
