"""The tables of the team; each subject keeps its own."""

from muster.team.calendars.models import CustomDay, Leave
from muster.team.changes.models import Change
from muster.team.comments.models import Comment
from muster.team.jobs.models import Job
from muster.team.members.models import Invitation, Team
from muster.team.notices.models import Notice
from muster.team.tokens.models import IdempotentAnswer, Token, WriteKey
from muster.team.users.models import User, Workspace

__all__ = [
    "Change",
    "Comment",
    "CustomDay",
    "IdempotentAnswer",
    "Invitation",
    "Job",
    "Leave",
    "Notice",
    "Team",
    "Token",
    "User",
    "Workspace",
    "WriteKey",
]
