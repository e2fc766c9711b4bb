"""The tables of the team; each subject keeps its own."""

from muster.team.calendars.models import CustomDay, Leave
from muster.team.changes.models import Change
from muster.team.comments.models import Comment
from muster.team.jobs.models import Job
from muster.team.members.models import Invitation, Team
from muster.team.notices.models import Delivery, Mute, Notice, Preference
from muster.team.presence.models import Presence
from muster.team.robots.models import Robot
from muster.team.search.models import Pin
from muster.team.tokens.models import IdempotentAnswer, Token, WriteKey
from muster.team.users.models import OwnRole, User, Workspace
from muster.team.work.models import Snooze

__all__ = [
    "Change",
    "Comment",
    "CustomDay",
    "Delivery",
    "IdempotentAnswer",
    "Invitation",
    "Job",
    "Leave",
    "Mute",
    "Notice",
    "OwnRole",
    "Pin",
    "Preference",
    "Presence",
    "Robot",
    "Snooze",
    "Team",
    "Token",
    "User",
    "Workspace",
    "WriteKey",
]
