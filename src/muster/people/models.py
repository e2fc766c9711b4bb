"""The tables of people; each subject keeps its own."""

from muster.people.consent.models import ConsentEntry, ConsentState, Suppression
from muster.people.identity.models import ErasedIdentity, FormerIdentity, Likeness, Merge, OwnRecord
from muster.people.imports.models import Import
from muster.people.personas.models import Persona
from muster.people.profile.models import Person
from muster.people.segments.models import Segment, SegmentMember, SegmentMove

__all__ = [
    "ConsentEntry",
    "ConsentState",
    "ErasedIdentity",
    "FormerIdentity",
    "Import",
    "Likeness",
    "Merge",
    "OwnRecord",
    "Person",
    "Persona",
    "Segment",
    "SegmentMember",
    "SegmentMove",
    "Suppression",
]
