"""What people do with tasks: write one down, change it, hand it over, put it away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns import days
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tasks.planning import Plan, check_no_circle, plan_of
from muster.team.changes.actions import as_one, record_change, undo_also_for
from muster.team.changes.models import Change
from muster.team.members.models import Team
from muster.team.notices.actions import close, notify
from muster.team.users.models import User

_FAR = timedelta(days=3 * 366)
"""A task lies around its campaign, not in another age: mostly a digit went wrong."""
EDITABLE = frozenset(
    {
        "title", "note", "phase", "status", "milestone", "days", "not_before", "due", "progress",
        "hours", "skill", "checklist", "blocked_reason", "unblocker", "about_kind", "about_id",
        "parent", "started_on", "done_on",
    }
)  # fmt: skip
TIMED = frozenset(
    {"phase", "status", "milestone", "days", "not_before", "due", "progress", "parent"}
)
"""Fields on which it depends when something happens."""
FIELDS = {
    "title": _("title"),
    "note": _("note"),
    "phase": _("phase"),
    "status": _("status"),
    "days": _("working days"),
    "not_before": _("not before"),
    "due": _("due"),
    "progress": _("progress, %"),
    "hours": _("hours of work"),
    "skill": _("skill needed"),
    "checklist": _("checklist"),
    "blocked_reason": _("blocked because"),
    "about_id": _("what it makes"),
    "parent": _("part of"),
    "responsible": _("who is responsible"),
    "dependencies": _("what it waits for"),
}
"""What can be changed, in the words of the page."""
_FOLLOWING = ("days", "status", "started_on", "done_on", "progress", "blocked_reason", "unblocker")
"""Fields that may change with another."""
MOST = 1000
_MOST_DAYS = 750


class Stale(Refused):
    """Somebody changed the same task in the meantime."""

    code = "changed_meanwhile"
    text = _("%(who)s changed “%(task)s” in the meantime: %(fields)s. Look at it and decide again.")

    def __init__(self, task: Task, change: Change | None, fields: Iterable[str]) -> None:
        self.task = task
        self.change = change
        self.fields = frozenset(fields)
        """What was changed since the version that the caller knew."""
        named = [gettext(FIELDS[name]) for name in FIELDS if name in self.fields]
        super().__init__(
            who=str(change.by) if change and change.by else "Muster",
            task=task.title,
            fields=", ".join(named) or "–",
        )


OWN = frozenset({"status", "progress", "blocked_reason", "unblocker"})
"""What those may change of a task who do it or answer for it, and plan nothing else."""


def may_change(user: User, task: Task, names: Iterable[str]) -> bool:
    """Whether this person may change these fields of the task."""
    if user.may("campaigns.edit"):
        return True
    if not set(names) <= OWN:
        return False
    return Task.objects.visible_to(user).worked_on_by(user).filter(pk=task.pk).exists()


@undo_also_for(Task._meta.label_lower)
def may_take_back(change: Change, by: User) -> bool:
    """Whoever may do this to the task takes it back too, with what followed from it."""
    task = Task.objects.filter(pk=change.object_id).first()
    if task is None:
        return False
    names = set(change.undo) - {"version"}
    if "status" in names:
        names -= {"started_on", "done_on"}
    texts = [one.get("text") for one in change.undo.get("checklist", ())]
    if texts == [one.get("text") for one in task.checklist]:
        names.discard("checklist")
    return may_change(by, task, names)


@transaction.atomic
def add_task(
    campaign: Campaign,
    fields: Mapping[str, Any],
    *,
    by: User | None,
    to: Iterable[User | Team] = (),
    accountable: User | None = None,
    at: str = "",
) -> Task:
    """A new task at the end of the plan; `to` are those who are responsible for it."""
    check_open(campaign)
    if campaign.tasks.count() >= MOST:
        raise Refused(_("A plan has at most %(most)s tasks."), most=MOST)
    last = campaign.tasks.order_by("-place").values_list("place", flat=True).first()
    task = Task(campaign=campaign, place=0 if last is None else last + 1)
    _take(task, fields, at)
    _follow_status(task, Task.Status.TODO, days.today())
    task.save()
    record_change("task_added", task, by=by, campaign=campaign.pk, version=task.version)
    for who in to:
        give(task, who, by=by)
    if accountable is not None:
        Duty.objects.create(task=task, user=accountable, letter=Duty.Letter.ACCOUNTABLE)
    announce(campaign)
    return task


@transaction.atomic
def edit_task(
    task: Task,
    fields: Mapping[str, Any],
    *,
    by: User | None,
    version: int | None = None,
    may_be_late: bool = False,
) -> Change | None:
    """Change a task; None if all stayed as it was.

    Raises Stale when `version` is given and somebody changed the task since. A plan that is moved
    as a whole `may_be_late`: that is shown, not refused.
    """
    check_open(task.campaign)
    now = Task.objects.select_for_update().select_related("campaign").filter(pk=task.pk).first()
    if now is None:
        raise Refused(_("“%(task)s” was put away in the meantime."), task=task.title)
    if version is not None and version != now.version:
        raise _stale(now, version)
    names = {*fields, *_FOLLOWING}
    before = {name: getattr(now, name, None) for name in names}
    blocked, status = now.blocked_reason, now.status
    _take(now, fields, "", may_be_late=may_be_late)
    _follow_status(now, Task.Status(status), days.today())
    changed = {name: old for name, old in before.items() if getattr(now, name) != old}
    if not changed:
        return None
    now.version += 1
    now.save(update_fields=[*changed, "version"])
    if "parent" in changed:
        check_no_circle(plan_of(now.campaign), "/parent")
    task.refresh_from_db()
    change = record_change(
        "task_done" if changed.get("status") and now.is_done else "task_edited",
        now,
        by=by,
        undo={name: _plain(old) for name, old in changed.items()} | {"version": now.version + 1},
        campaign=now.campaign_id,
        fields=sorted(changed),
        version=now.version,
    )
    _tell(now, Task.Status(status), blocked, by)
    if TIMED & set(changed):
        announce(now.campaign)
    else:
        touch(now.campaign)
    return change


@transaction.atomic
def drop_task(task: Task, *, by: User) -> Change:
    """Put a task and its parts away; it can be brought back."""
    check_open(task.campaign)
    Task.objects.filter(Q(pk=task.pk) | Q(parent=task)).update(deleted_at=timezone.now())
    close(task, "task_given", "task_due", "task_blocked")
    change = record_change(
        "task_dropped", task, by=by, undo={"deleted_at": None}, campaign=task.campaign_id
    )
    announce(task.campaign)
    return change


@transaction.atomic
def edit_tasks(
    tasks: Iterable[Task], fields: Mapping[str, Any], *, by: User, to: User | Team | None = None
) -> Change | None:
    """Change many tasks alike, all or none of them; one undo takes it all back."""
    changes: list[Change | None] = []
    for task in tasks:
        if fields:
            changes.append(edit_task(task, fields, by=by))
        if to is not None:
            changes.append(give(task, to, by=by))
    return as_one(changes)


@transaction.atomic
def drop_tasks(tasks: Iterable[Task], *, by: User) -> Change | None:
    """Put many tasks away; a part goes with its whole when both are named."""
    chosen = {task.pk: task for task in tasks}
    return as_one(
        drop_task(task, by=by) for task in chosen.values() if task.parent_id not in chosen
    )


@transaction.atomic
def give(task: Task, to: User | Team, *, by: User | None) -> Change | None:
    """Make somebody responsible for a task, beside those who are already; None if they were."""
    check_open(task.campaign)
    whom: dict[str, Any] = {_kind(to): to}
    duty, is_new = Duty.objects.get_or_create(task=task, letter=Duty.Letter.RESPONSIBLE, **whom)
    if not is_new:
        return None
    moved_on(task)
    back = {_kind(to): to.pk, "duty": duty.pk, "share": str(duty.share)}
    change = _record_duty("task_given", task, to, by, back)
    people = [to] if isinstance(to, User) else list(to.members.all())
    if not task.is_done:
        notify(
            "task_given",
            task,
            people,
            _("You are responsible for “%(task)s” in %(campaign)s."),
            url=task_url(task),
            params={"task": task.title, "campaign": task.campaign.name},
            by=by,
            campaign=task.campaign_id,
        )
    touch(task.campaign)
    return change


@transaction.atomic
def relieve(task: Task, of: User | Team, *, by: User) -> Change | None:
    """Somebody is no longer responsible for a task; None if they were not."""
    check_open(task.campaign)
    duty = task.duties.filter(letter=Duty.Letter.RESPONSIBLE, **{_kind(of): of}).first()
    if duty is None:
        return None
    back = {_kind(of): of.pk, "duty": duty.pk, "share": str(duty.share)}
    duty.delete()
    moved_on(task)
    change = _record_duty("task_taken", task, of, by, back)
    touch(task.campaign)
    return change


@transaction.atomic
def check_item(
    task: Task,
    item: int,
    is_done: bool,
    *,
    by: User,
    text: str | None = None,
    version: int | None = None,
) -> Change | None:
    """Tick one item of the checklist, or take the tick away.

    Refused when `text` is given and the item says something else by now; `version` as for
    `edit_task`.
    """
    task = _with_item(task, item, text)
    items = [dict(one) for one in task.checklist]
    items[item]["done"] = is_done
    fields: dict[str, Any] = {"checklist": items}
    if is_done and task.status == Task.Status.TODO:
        fields["status"] = Task.Status.DOING
    return edit_task(task, fields, by=by, version=version)


@transaction.atomic
def drop_item(task: Task, item: int, *, by: User, text: str | None = None) -> Change | None:
    """Take one item off the checklist; refused as `check_item` refuses."""
    task = _with_item(task, item, text)
    items = [one for place, one in enumerate(task.checklist) if place != item]
    return edit_task(task, {"checklist": items}, by=by)


def _with_item(task: Task, item: int, text: str | None) -> Task:
    task = Task.objects.select_for_update().select_related("campaign").get(pk=task.pk)
    if not 0 <= item < len(task.checklist):
        raise Refused(_("This item is no longer on the checklist."), code=Stale.code)
    if text is not None and task.checklist[item]["text"] != text:
        raise Refused(
            _("The checklist was changed in the meantime. Look at it and decide again."),
            code=Stale.code,
        )
    return task


def responsible(task: Task) -> list[User]:
    """The people who are responsible for a task, members of responsible teams among them."""
    rows = Q(duties__task=task, duties__letter=Duty.Letter.RESPONSIBLE)
    teams = Q(teams__duties__task=task, teams__duties__letter=Duty.Letter.RESPONSIBLE)
    return list(User.objects.filter(rows | teams, is_active=True).distinct())


def task_url(task: Task) -> str:
    """Where a task is opened, by those who see its plan and by those who only do it."""
    return reverse("plan:own_task", args=[task.pk])


def _stale(task: Task, version: int) -> Stale:
    changes = Change.objects.filter(
        kind=Task._meta.label_lower, object_id=task.pk, details__version__gt=version
    )
    found = list(changes.select_related("by").order_by("-pk")[:50])
    fields = {name for change in found for name in change.details.get("fields", ())}
    return Stale(task, found[0] if found else None, fields)


def moved_on(task: Task) -> None:
    """Something about the task changed that is not kept in its own row."""
    Task.objects.filter(pk=task.pk).update(version=F("version") + 1)
    task.refresh_from_db(fields=["version"])


def _kind(who: User | Team) -> str:
    return "user" if isinstance(who, User) else "team"


def _record_duty(
    verb: str, task: Task, who: User | Team, by: User | None, back: Mapping[str, object]
) -> Change:
    return record_change(
        verb,
        task,
        by=by,
        undo={"back": dict(back)},
        campaign=task.campaign_id,
        to=str(who),
        fields=["responsible"],
        version=task.version,
    )


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Task | User) else value


def _follow_status(task: Task, before: Task.Status, today: date) -> None:
    """What the status says about progress and the real dates."""
    status = Task.Status
    if task.status == before:
        return
    if task.status == status.TODO:
        task.started_on, task.progress = None, 0
    else:
        task.started_on = min(task.started_on or today, task.done_on or today)
    if task.status == status.DONE:
        task.done_on, task.progress = task.done_on or today, 100
        task.blocked_reason, task.unblocker = "", None
    else:
        task.done_on = None
        if before == status.DONE and task.progress == 100:
            of = len(task.checklist)
            task.progress = 100 * task.checked // of if of and task.checked < of else 0


def _tell(task: Task, before: Task.Status, blocked: str, by: User | None) -> None:
    """Let those know whom the change concerns."""
    names: dict[str, object] = {"task": task.title, "campaign": task.campaign.name}
    told = {"url": task_url(task), "by": by, "campaign": task.campaign_id}
    if task.blocked_reason and task.blocked_reason != blocked:
        whom = [*filter(None, [task.unblocker]), *_with(task, Duty.Letter.ACCOUNTABLE)]
        notify(
            "task_blocked",
            task,
            whom or [task.campaign.owner],
            _("“%(task)s” is blocked: %(reason)s"),
            params={**names, "reason": task.blocked_reason},
            **told,  # type: ignore[arg-type]
        )
    elif blocked and not task.blocked_reason:
        close(task, "task_blocked")
    if not task.is_done or before == Task.Status.DONE:
        return
    close(task, "task_given", "task_due", "task_blocked")
    notify(
        "informed",
        task,
        _with(task, Duty.Letter.INFORMED),
        _("“%(task)s” in %(campaign)s is done."),
        params=names,
        **told,  # type: ignore[arg-type]
    )
    for follower in _now_free(task):
        notify(
            "task_given",
            follower,
            responsible(follower),
            _("“%(task)s” can begin: “%(before)s” is done."),
            params={"task": follower.title, "before": task.title},
            url=task_url(follower),
            by=by,
            campaign=task.campaign_id,
        )


def _now_free(task: Task) -> list[Task]:
    """The tasks that waited for this one, and wait for nothing more."""
    starts = [Dependency.Kind.FINISH_START]
    waiting = Dependency.objects.filter(kind__in=starts, before__deleted_at=None).exclude(
        before__status=Task.Status.DONE
    )
    rows = Task.objects.filter(
        waits_for__before=task, waits_for__kind__in=starts, status=Task.Status.TODO
    )
    return list(rows.exclude(pk__in=waiting.values("after")).select_related("campaign"))


def _with(task: Task, letter: str) -> list[User]:
    rows = Q(duties__task=task, duties__letter=letter)
    teams = Q(teams__duties__task=task, teams__duties__letter=letter)
    return list(User.objects.filter(rows | teams, is_active=True).distinct())


def announce(campaign: Campaign, plan: Plan | None = None) -> None:
    """The plan moved: open pages notice it, and the owner learns when the launch became late."""
    touch(campaign)
    if not campaign.is_planned:
        return
    plan = plan or plan_of(campaign)
    late = plan.late_by()
    if not late:
        close(campaign, "plan_late")
        return
    notify(
        "plan_late",
        campaign,
        [campaign.owner],
        _("The plan of %(campaign)s reaches the launch %(days)s working days late."),
        params={"campaign": campaign.name, "days": late},
        url=reverse("plan:gantt", args=[campaign.pk]),
        campaign=campaign.pk,
    )


def _take(task: Task, fields: Mapping[str, Any], at: str, *, may_be_late: bool = False) -> None:
    """Put the fields into the task, or say everything that is wrong with them."""
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(task, name, value)
    task.title = " ".join(str(task.title).split())
    if task.milestone:
        task.days = 0
    elif not task.days:
        task.days = 1
    problems += _problems(task, at)
    if "parent" in fields:
        problems += _tied_to_its_whole(task, at)
    problems += _impossible(task, fields.keys() - ({"not_before"} if may_be_late else set()), at)
    if problems:
        raise Invalid.of(problems)


def _impossible(task: Task, given: Set[str], at: str) -> list[Problem]:
    """Days that cannot be; only what was given is looked at, so that the rest can be mended."""
    found: list[Problem] = []
    now = days.today()
    campaign = task.campaign
    first_day, last_day = campaign.starts - _FAR, campaign.ends + _FAR
    for name in ("started_on", "done_on", "not_before", "due"):
        day = getattr(task, name)
        if name in given and day is not None and not first_day <= day <= last_day:
            text = _(
                "%(day)s is far from the campaign. Its tasks lie between %(first)s and %(last)s: "
                "look at the year again."
            )
            params = {
                "day": day.isoformat(),
                "first": first_day.isoformat(),
                "last": last_day.isoformat(),
            }
            found.append(Problem(f"{at}/{name}", "far_away", text, params))
    for name, day in (("started_on", task.started_on), ("done_on", task.done_on)):
        if name in given and day is not None and day > now:
            text = _("%(day)s has not come yet. Say on which day it really was.")
            found.append(Problem(f"{at}/{name}", "in_future", text, {"day": day.isoformat()}))
    planned = {"not_before", "due", "started_on", "done_on"} & given
    found += far_away({f"{at}/{name}": getattr(task, name) for name in sorted(planned)})
    began, done = task.started_on, task.done_on
    if {"started_on", "done_on"} & given and began and done and done < began:
        text = _("It was done on %(done)s, before it was begun on %(began)s. Mend one of the days.")
        params = {"done": done.isoformat(), "began": began.isoformat()}
        found.append(Problem(f"{at}/done_on", "done_before_start", text, params))
    first, due = task.not_before, task.due
    if {"not_before", "due"} & given and first and due and due < first:
        text = _(
            "It is due on %(due)s, before it may begin on %(first)s. Choose a later day, or let it "
            "begin earlier."
        )
        params = {"due": due.isoformat(), "first": first.isoformat()}
        found.append(Problem(f"{at}/due", "due_before_start", text, params))
    return found


def _problems(task: Task, at: str) -> list[Problem]:
    def wrong(name: str, code: str, text: str, **params: object) -> None:
        found.append(Problem(f"{at}/{name}", code, text, params))

    found: list[Problem] = []
    if not task.title:
        wrong("title", "blank", _("Say in a few words what has to be done."))
    for name, most in (("title", 160), ("note", 4000), ("skill", 60), ("blocked_reason", 200)):
        if len(getattr(task, name)) > most:
            wrong(name, "too_long", _("This has at most %(most)s characters."), most=most)
    for name, choices in (("phase", Task.Phase), ("status", Task.Status)):
        if getattr(task, name) not in choices.values:
            wrong(
                name,
                "unknown",
                _("There is no “%(given)s” here. Use one of: %(known)s."),
                given=getattr(task, name),
                known=", ".join(choices.values),
            )
    if not 0 <= task.days <= _MOST_DAYS:
        wrong(
            "days", "out_of_range", _("A task takes 1 to %(most)s working days."), most=_MOST_DAYS
        )
    if not 0 <= task.progress <= 100:
        wrong("progress", "out_of_range", _("Progress goes from 0 to 100 percent."))
    if task.hours is not None and not 0 <= task.hours < 10_000:
        wrong("hours", "out_of_range", _("Hours of work are zero or more."))
    if not _is_checklist(task.checklist):
        wrong("checklist", "bad_checklist", _("A checklist is a list of texts with a tick each."))
    parent = task.parent
    if parent is not None and (
        parent.campaign_id != task.campaign_id
        or parent.parent_id
        or parent.pk == task.pk
        or (task.pk and task.parts.exists())
    ):
        wrong(
            "parent", "too_deep", _("A part belongs to a task of this plan that is no part itself.")
        )
    return found


def _tied_to_its_whole(task: Task, at: str) -> list[Problem]:
    """A part begins and ends with its whole, so neither can wait for the other."""
    if task.parent is None or not task.pk:
        return []
    pair = [task.pk, task.parent.pk]
    if not Dependency.objects.filter(before__in=pair, after__in=pair).exists():
        return []
    text = _(
        "One of “%(task)s” and “%(whole)s” waits for the other, so it cannot be a part of it. Cut "
        "the link first."
    )
    return [
        Problem(f"{at}/parent", "linked", text, {"task": task.title, "whole": task.parent.title})
    ]


def _is_checklist(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 100
        and all(
            isinstance(item, dict)
            and set(item) <= {"text", "done"}
            and isinstance(item.get("text"), str)
            and 0 < len(item["text"]) <= 200
            and isinstance(item.get("done", False), bool)
            for item in value
        )
    )
