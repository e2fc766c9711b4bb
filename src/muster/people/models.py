"""The tables of people; each subject keeps its own."""

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
from muster.people.personas.models import Persona
from muster.people.profile.models import Person
from muster.people.requests.models import PrivacyRequest
from muster.people.segments.models import Segment, SegmentMember, SegmentMove

__all__ = [
    "ConsentEntry",
    "ConsentState",
    "ConsentTerms",
    "ConsentText",
    "ErasedIdentity",
    "Identifier",
    "Import",
    "Likeness",
    "Merge",
    "OwnRecord",
    "Person",
    "Persona",
    "PrivacyRequest",
    "Segment",
    "SegmentMember",
    "SegmentMove",
    "Suppression",
    "Topic",
    "TopicState",
]
