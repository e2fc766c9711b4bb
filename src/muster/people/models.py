"""The tables of people; each subject keeps its own."""

from muster.people.accounts.models import Account, AccountPerson
from muster.people.consent.models import (
    ConsentEntry,
    ConsentState,
    ConsentTerms,
    ConsentText,
    Suppression,
    Topic,
    TopicState,
)
from muster.people.identity.models import ErasedIdentity, Identifier, Likeness, Merge, OwnRecord
from muster.people.imports.models import Import
from muster.people.leads.models import Handover, Lead, LeadStep, Qualified, ScoreMove
from muster.people.personas.models import Persona
from muster.people.profile.models import Person
from muster.people.requests.models import PrivacyRequest
from muster.people.scoring.models import ScoreDue, ScoreModel
from muster.people.segments.models import Segment, SegmentMember, SegmentMove, SegmentSize

__all__ = [
    "Account",
    "AccountPerson",
    "ConsentEntry",
    "ConsentState",
    "ConsentTerms",
    "ConsentText",
    "ErasedIdentity",
    "Handover",
    "Identifier",
    "Import",
    "Lead",
    "LeadStep",
    "Likeness",
    "Merge",
    "OwnRecord",
    "Person",
    "Persona",
    "PrivacyRequest",
    "Qualified",
    "ScoreDue",
    "ScoreModel",
    "ScoreMove",
    "Segment",
    "SegmentMember",
    "SegmentMove",
    "SegmentSize",
    "Suppression",
    "Topic",
    "TopicState",
]
