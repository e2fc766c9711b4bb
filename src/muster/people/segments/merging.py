"""What becomes of lists and live segments when two people become one, or two again (PE1, PE4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Count, F

from muster.people.identity.merging import keep_lists
from muster.people.profile.models import Person
from muster.people.segments.models import Segment, SegmentMember


class Lists:
    """Fixed lists take the kept one in; live segments work out by the log who belongs to them."""

    def join(self, kept: Person, moved: Sequence[int]) -> list[int]:
        """The fixed lists into which the kept one came for the others."""
        fixed = SegmentMember.objects.filter(segment__kind=Segment.Kind.FROZEN)
        mine = fixed.filter(person=kept).values("segment_id")
        theirs = fixed.filter(person_id__in=moved).exclude(segment_id__in=mine)
        joined = sorted(set(theirs.values_list("segment_id", flat=True)))
        SegmentMember.objects.bulk_create(
            [SegmentMember(segment_id=segment, person=kept) for segment in joined]
        )
        live = SegmentMember.objects.filter(segment__kind=Segment.Kind.LIVE, person_id__in=moved)
        for segment, gone in live.values_list("segment_id").annotate(n=Count("pk")):
            Segment.objects.filter(pk=segment).update(size=F("size") - gone)
        live.delete()
        return joined

    def part(self, kept: Person, lists: Iterable[int]) -> None:
        """Out of the fixed lists again."""
        SegmentMember.objects.filter(person=kept, segment_id__in=list(lists)).delete()


keep_lists(Lists())
