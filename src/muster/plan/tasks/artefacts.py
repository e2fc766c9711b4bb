"""What a task makes (PL4): other parts say what their things are called and how they stand.

@artefacts("email", _("E-mail"))
class Emails(Artefacts):
    def choices(self, campaign): …
    def found(self, ids): …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import CHIP
from muster.plan.tasks.models import Task


@dataclass(frozen=True)
class Artefact:
    """A thing that a task makes, as it is now."""

    kind: str
    id: int
    title: str
    url: str
    state: str | Promise = ""
    chip: str = ""
    """Kind of chip of the state: good warn bad info or nothing."""
    icon: str = "link"


class Artefacts:
    """The things of one kind."""

    def choices(self, campaign: Campaign) -> Iterable[Artefact]:
        """Those that a task of this campaign may be about."""
        raise NotImplementedError

    def found(self, ids: Iterable[int]) -> Iterable[Artefact]:
        """The things with these numbers, in one query."""
        raise NotImplementedError


A = TypeVar("A", bound=type[Artefacts])
_kinds: dict[str, tuple[str | Promise, Artefacts]] = {}


def artefacts(kind: str, name: str | Promise) -> Callable[[A], A]:
    """This class knows the things of this kind; approving one of them finishes its tasks."""

    def register(cls: A) -> A:
        _kinds[kind] = (name, cls())
        return cls

    return register


def kinds() -> list[str]:
    return list(_kinds)


def choices(campaign: Campaign) -> list[tuple[str | Promise, list[Artefact]]]:
    """Everything that a task of this campaign may be about: name of the kind, and its things."""
    found = [(name, list(one.choices(campaign))) for name, one in _kinds.values()]
    return [(name, things) for name, things in found if things]


def of_tasks(tasks: Iterable[Task]) -> Mapping[tuple[str, int], Artefact]:
    """`(kind, number)` → the thing, for everything that these tasks are about."""
    wanted: dict[str, set[int]] = {}
    for task in tasks:
        if task.about_id is not None and task.about_kind in _kinds:
            wanted.setdefault(task.about_kind, set()).add(task.about_id)
    return {
        (kind, one.id): one for kind, ids in wanted.items() for one in _kinds[kind][1].found(ids)
    }


@artefacts("campaign", _("Brief"))
class Briefs(Artefacts):
    """The campaign's own brief."""

    def choices(self, campaign: Campaign) -> Iterable[Artefact]:
        return [_brief(campaign)]

    def found(self, ids: Iterable[int]) -> Iterable[Artefact]:
        return [_brief(one) for one in Campaign.objects.filter(pk__in=ids, deleted_at=None)]


def _brief(campaign: Campaign) -> Artefact:
    status = Campaign.Status(campaign.status)
    return Artefact(
        "campaign",
        campaign.pk,
        gettext("The brief"),
        reverse("plan:brief", args=[campaign.pk]),
        status.label,
        CHIP.get(status, ""),
        "target",
    )
