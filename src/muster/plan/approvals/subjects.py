"""What can be approved (PL6): every part says how its own things are shown and recognised.

@subject("send")
class SendReview(Subject):
    template = "channels/sends/what_goes_out.html"
    def fingerprint(self, object_id): …
    def context(self, object_id, user): …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from muster.kit.words import _
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.readiness.checks import Finding
from muster.team.users.models import User


class Subject:
    """How one kind of thing stands in the review room."""

    name = _("Other")
    """What things of this kind are called, in English, marked for translation."""
    template = "plan/approvals/unknown.html"
    """The partial on the left: what will go out."""

    def fingerprint(self, object_id: int) -> str | None:
        """What identifies its present version; None if there is no such thing any more."""
        raise NotImplementedError

    def context(self, object_id: int, user: User) -> dict[str, Any]:
        """What the template needs."""
        return {}

    def checks(self, object_id: int) -> Iterable[Finding]:
        """What should be looked at before deciding."""
        return ()

    def outline(self, object_id: int) -> list[tuple[str, str]]:
        """Its present version in words: English labels marked for translation, and values."""
        return []

    def worded(self, label: str, value: str) -> str:
        """A value of the outline in the reader's words: keys are kept, names are shown."""
        return value

    def covers(self, object_id: int) -> Iterable[tuple[str, int]]:
        """What else is approved with it, as kind and number: the e-mails of a send."""
        return ()

    def decided(self, request: ApprovalRequest, decision: Decision) -> None:
        """Called inside the transaction of the decision, once the request is closed by it."""


S = TypeVar("S", bound=type[Subject])
Listener: TypeAlias = Callable[[ApprovalRequest, Decision], None]
_subjects: dict[str, Subject] = {}
_listeners: list[Listener] = []


def subject(kind: str) -> Callable[[S], S]:
    """This class shows the things of this kind."""

    def register(cls: S) -> S:
        _subjects[kind] = cls()
        return cls

    return register


def kinds() -> dict[str, str]:
    """Every kind of thing that can be approved, with its name."""
    return {kind: one.name for kind, one in _subjects.items()}


def subject_of(kind: str) -> Subject | None:
    """How things of this kind are shown, or None if no part knows them."""
    return _subjects.get(kind)


def current_fingerprint(request: ApprovalRequest) -> str | None:
    """What the thing is now; what was asked for where no part can tell; None if it is gone."""
    found = subject_of(request.kind)
    return found.fingerprint(request.object_id) if found else request.fingerprint


def on_decision(listener: Listener) -> Listener:
    """Call this inside the transaction of every decision that closes a request."""
    _listeners.append(listener)
    return listener


def tell(request: ApprovalRequest, decision: Decision) -> None:
    """The request is closed by this decision: its subject learns it first, then the listeners."""
    found = subject_of(request.kind)
    if found is not None:
        found.decided(request, decision)
    for listener in _listeners:
        listener(request, decision)


def covered(request: ApprovalRequest) -> dict[str, set[int]]:
    """Kind → numbers of everything that the request is about."""
    things: dict[str, set[int]] = {request.kind: {request.object_id}}
    found = subject_of(request.kind)
    for kind, number in found.covers(request.object_id) if found else ():
        things.setdefault(kind, set()).add(number)
    return things
