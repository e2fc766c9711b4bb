"""People: who they are, what they allowed, which segments."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The part of people."""

    name = "muster.people"
    label = "people"

    def ready(self) -> None:
        from muster.people.accounts import erasing as accounts  # noqa: F401
        from muster.people.imports import forgetting  # noqa: F401
        from muster.people.leads import erasing as leads  # noqa: F401
        from muster.people.leads import merging as leads_of_merged  # noqa: F401
        from muster.people.requests import forgetting as requests  # noqa: F401
        from muster.people.scoring import due  # noqa: F401
        from muster.people.segments import merging  # noqa: F401
