"""What a change of duties brings about, said before it happens and done when it does (PL5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from muster.kit.words import _
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.raci import rules
from muster.plan.raci.matrix import RaciMatrix
from muster.plan.tasks.models import Task
from muster.team.notices.actions import close_for, notify
from muster.team.users.models import User

_GIVEN = _("You are responsible for “%(task)s” in %(campaign)s.")
_ANSWERS = _("You are accountable for “%(task)s” in %(campaign)s.")
_CONSULTED = _("Your comment on “%(task)s” is asked for, by %(day)s.")
_CONSULTED_SOON = _("Your comment on “%(task)s” is asked for.")
_INFORMED = _("You are kept informed about “%(task)s” in %(campaign)s.")


@dataclass(frozen=True)
class Effects:
    """What a change does, in sentences, and what would still be wrong."""

    sentences: list[str]
    still_broken: list[str]
    """Titles of the tasks whose row is broken afterwards."""


def preview(matrix: RaciMatrix, after: rules.Matrix) -> Effects:
    """Say what going from the matrix to `after` would bring about."""
    found = rules.differences(matrix.cells, after)
    sentences = [*_moved(matrix, found), *_approvals(matrix, found), *_told(matrix, found)]
    rows = rules.by_task(after)
    broken = [
        task.title
        for task in matrix.tasks
        if any(fault.breaks for fault in matrix.faults_of(task, rows.get(task.pk, {})))
    ]
    return Effects(sentences, broken)


def _moved(matrix: RaciMatrix, found: list[rules.Difference]) -> Iterable[str]:
    for task in matrix.tasks:
        gets = [
            one.key for one in found if one.task == task.pk and one.letter == "A" and one.is_new
        ]
        had = [
            one.key for one in found if one.task == task.pk and one.letter == "A" and not one.is_new
        ]
        params = {
            "task": task.title,
            "new": _name(matrix, gets[0]) if gets else "",
            "old": _name(matrix, had[0]) if had else "",
        }
        if gets and had:
            yield gettext("%(new)s answers for “%(task)s” instead of %(old)s.") % params
        elif gets:
            yield gettext("%(new)s answers for “%(task)s”.") % params
        elif had:
            yield gettext("Nobody answers for “%(task)s” any more.") % params


def _approvals(matrix: RaciMatrix, found: list[rules.Difference]) -> Iterable[str]:
    """How many open approvals move from whom to whom."""
    moves: Counter[tuple[str, str]] = Counter()
    for task, requests in _requests_about(matrix, found).items():
        gets = [one.key for one in found if one.task == task and one.letter == "A" and one.is_new]
        had = [
            one.key for one in found if one.task == task and one.letter == "A" and not one.is_new
        ]
        new = _name(matrix, gets[0]) if gets else gettext("whoever may approve")
        old = _name(matrix, had[0]) if had else ""
        moves[old, new] += len(requests)
    for (old, new), count in moves.items():
        params = {"count": count, "old": old, "new": new}
        if old:
            text = ngettext(
                "%(count)s approval moves from %(old)s to %(new)s.",
                "%(count)s approvals move from %(old)s to %(new)s.",
                count,
            )
        else:
            text = ngettext(
                "%(count)s approval goes to %(new)s.", "%(count)s approvals go to %(new)s.", count
            )
        yield text % params


def _told(matrix: RaciMatrix, found: list[rules.Difference]) -> Iterable[str]:
    counts = Counter((one.key, one.letter) for one in found if one.is_new and one.letter != "A")
    for (key, letter), count in counts.items():
        if letter == "R":
            text = ngettext(
                "%(name)s is given %(count)s task.", "%(name)s is given %(count)s tasks.", count
            )
        elif letter == "C":
            text = ngettext(
                "%(name)s is asked for a comment on %(count)s task.",
                "%(name)s is asked for a comment on %(count)s tasks.",
                count,
            )
        else:
            text = ngettext(
                "%(name)s is kept informed about %(count)s task.",
                "%(name)s is kept informed about %(count)s tasks.",
                count,
            )
        yield text % {"name": _name(matrix, key), "count": count}
    lost = Counter(one.key for one in found if not one.is_new and one.letter == "R")
    for key, count in lost.items():
        text = ngettext(
            "%(name)s is relieved of %(count)s task.",
            "%(name)s is relieved of %(count)s tasks.",
            count,
        )
        yield text % {"name": _name(matrix, key), "count": count}


def _name(matrix: RaciMatrix, key: str) -> str:
    return matrix.holders[key].name if key in matrix.holders else key


def _requests_about(
    matrix: RaciMatrix, found: list[rules.Difference]
) -> dict[int, list[ApprovalRequest]]:
    """Task whose A changes → the open requests that its A decides now."""
    changed = {one.task for one in found if one.letter == "A"}
    about = {
        (task.about_kind, task.about_id): task.pk
        for task in matrix.tasks
        if task.pk in changed and task.about_id is not None
    }
    requests: dict[int, list[ApprovalRequest]] = defaultdict(list)
    if not about:
        return requests
    rows = ApprovalRequest.objects.filter(campaign=matrix.campaign, closed_at=None)
    for request in rows.select_related("asked_by", "campaign").prefetch_related("decisions"):
        things = {(request.kind, request.object_id), *((k, n) for k, n in request.about)}
        tasks = {about[thing] for thing in things if thing in about}
        if tasks and any(step.who == "accountable" for step in request.open_now):
            for task in tasks:
                requests[task].append(request)
    return requests


def announce(matrix: RaciMatrix, after: rules.Matrix, *, by: User) -> None:
    """Tell everybody what the change means to them; the tables hold `after` already."""
    found = rules.differences(matrix.cells, after)
    tasks = {task.pk: task for task in matrix.tasks}
    people = _people(matrix)
    for one in found:
        task, holder = tasks[one.task], matrix.holders.get(one.key)
        if holder is None or task.status == Task.Status.DONE:
            continue
        whom = [people[pk] for pk in sorted(holder.members) if pk in people]
        if one.is_new:
            _tell(matrix, task, one.letter, whom, by=by)
        elif one.letter in _EVENTS:
            close_for(task, whom, _EVENTS[one.letter])
    _move_approvals(matrix, found, by=by)


_EVENTS = {"R": "task_given", "C": "comment_asked", "I": "informed"}


def _tell(matrix: RaciMatrix, task: Task, letter: str, whom: list[User], *, by: User) -> None:
    text = {
        "R": _GIVEN,
        "A": _ANSWERS,
        "C": _CONSULTED if task.due else _CONSULTED_SOON,
        "I": _INFORMED,
    }[letter]
    day = task.due.isoformat() if task.due else ""
    notify(
        _EVENTS.get(letter, "informed"),
        task,
        whom,
        text,
        url=reverse("plan:raci", args=[matrix.campaign.pk]) + f"#{task.public_id}",
        params={"task": task.title, "campaign": matrix.campaign.name, "day": day},
        by=by,
        campaign=matrix.campaign.pk,
    )


def _move_approvals(matrix: RaciMatrix, found: list[rules.Difference], *, by: User) -> None:
    requests = {one.pk: one for many in _requests_about(matrix, found).values() for one in many}
    if not requests:
        return
    deciders = Deciders(requests.values())
    for request in requests.values():
        waiting = deciders.waiting(request)
        ids = {user.pk for user in waiting}
        others = [user for pk, user in deciders.users.items() if pk not in ids]
        close_for(request, others, "approval_asked", "approval_overdue")
        notify(
            "approval_asked",
            request,
            waiting,
            _("%(who)s asks you to approve “%(title)s”."),
            url=request.room,
            params={"who": str(request.asked_by), "title": request.title},
            by=by,
            campaign=request.campaign_id,
        )


def _people(matrix: RaciMatrix) -> dict[int, User]:
    ids = {pk for holder in matrix.holders.values() for pk in holder.members}
    return {user.pk: user for user in User.objects.filter(Q(pk__in=ids), is_active=True)}
