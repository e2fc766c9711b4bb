"""Who may sign which step now (PL6): asked for many requests at once, with a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from muster.plan.approvals import rules
from muster.plan.approvals.models import ApprovalRequest, StandIn
from muster.plan.campaigns.days import today
from muster.team.members.models import Team
from muster.team.users.models import User


class Deciders:
    """Who may decide on these requests, by policy, duty and stand-in."""

    def __init__(self, requests: Iterable[ApprovalRequest]) -> None:
        self.requests = list(requests)
        # Guests and others who cannot open the review room never decide.
        self.users = {
            user.pk: user
            for user in User.objects.filter(is_active=True)
            .select_related("own_role")
            .order_by("pk")
            if user.may("campaigns.see")
        }
        self._teams = self._members()
        self._accountable = self._with_the_a()
        self._for: dict[tuple[int, int | None], list[int]] = defaultdict(list)
        for of, to, request in StandIn.on(today()).values_list("of", "to", "request"):
            self._for[of, request].append(to)

    def named(self, request: ApprovalRequest, step: rules.Step) -> list[int]:
        """The people whom the step itself names, stand-ins left out.

        A step falls to those who may approve anything where nobody whom it names works here any
        more, or all of them asked for it themselves or signed before; if none of those is free
        either, to owners and admins.
        """
        found = [pk for pk in self._named(request, step) if pk in self.users]
        if not self._free(request, found):
            found += [user.pk for user in self.users.values() if user.may("approvals.decide")]
        if not self._free(request, found):
            found += [user.pk for user in self.users.values() if user.role in {"owner", "admin"}]
        if request.escalated_at is not None:
            found += [pk for pk, user in self.users.items() if user.role == "owner"]
        return list(dict.fromkeys(found))

    def fell(self, request: ApprovalRequest, step: rules.Step) -> bool:
        """Whether the step is for others than it names, because none of those can decide."""
        return not self._free(
            request, [pk for pk in self._named(request, step) if pk in self.users]
        )

    def free(self, request: ApprovalRequest, step: rules.Step) -> list[int]:
        """Who may sign the step without waiving the rule of four eyes."""
        return self._free(request, self.named(request, step))

    def can_be_signed(self, request: ApprovalRequest, step: rules.Step) -> bool:
        """Whether anybody is there to sign it; an owner may waive the rule of four eyes."""
        named = self.named(request, step)
        return bool(self._free(request, named)) or any(
            self.users[pk].role == "owner" for pk in named
        )

    def _free(self, request: ApprovalRequest, named: Iterable[int]) -> list[int]:
        """Those of these people and their stand-ins who neither asked for it nor signed before."""
        used = {request.asked_by_id, *request.signers}
        found = []
        for pk in named:
            if pk != request.asked_by_id:
                found += [pk, *self._for[pk, request.pk], *self._for[pk, None]]
        return [pk for pk in dict.fromkeys(found) if pk in self.users and pk not in used]

    def of(self, request: ApprovalRequest, step: rules.Step) -> dict[int, int | None]:
        """Who may sign the step → in whose place (None: in their own right)."""
        named = self.named(request, step)
        found: dict[int, int | None] = dict.fromkeys(named)
        for pk in named:
            for to in [*self._for[pk, request.pk], *self._for[pk, None]]:
                if to in self.users:
                    found.setdefault(to, pk)
        return found

    def waiting(self, request: ApprovalRequest) -> list[User]:
        """Everybody who may sign something of it now, the one who asked left out."""
        found = {pk for step in request.open_now for pk in self.of(request, step)}
        return [user for pk, user in self.users.items() if pk in found - {request.asked_by_id}]

    def step_for(
        self, request: ApprovalRequest, user: User
    ) -> tuple[rules.Step, int | None] | None:
        """The step that this person may sign now, and in whose place; their own right first."""
        mine = [
            (step, behalf[user.pk])
            for step in request.open_now
            if user.pk in (behalf := self.of(request, step))
        ]
        return min(mine, key=lambda one: one[1] is not None, default=None)

    def _named(self, request: ApprovalRequest, step: rules.Step) -> Iterable[int]:
        if step.who == rules.Who.ACCOUNTABLE:
            keys = [(request.kind, request.object_id), *((k, n) for k, n in request.about)]
            return [pk for key in keys for pk in self._accountable[request.campaign_id, *key]]
        if step.who == rules.Who.PERSON:
            return [int(step.value or 0)]
        if step.who == rules.Who.TEAM:
            return self._teams[int(step.value or 0)]
        if step.who == rules.Who.ROLE:
            return [pk for pk, user in self.users.items() if user.role == step.value]
        return [pk for pk, user in self.users.items() if user.may(step.value)]

    def _members(self) -> dict[int, list[int]]:
        members: dict[int, list[int]] = defaultdict(list)
        if any(s.who == rules.Who.TEAM for r in self.requests for s in r.asked_steps):
            for team, user in Team.members.through.objects.values_list("team_id", "user_id"):
                members[team].append(user)
        return members

    def _with_the_a(self) -> dict[tuple[int, str, int], list[int]]:
        """Campaign, kind and number of a thing → who has the A of the tasks that make it."""
        found: dict[tuple[int, str, int], list[int]] = defaultdict(list)
        if not any(s.who == rules.Who.ACCOUNTABLE for r in self.requests for s in r.asked_steps):
            return found
        campaigns = {request.campaign_id for request in self.requests}
        for way in ("duties", "teams__duties"):
            rows = User.objects.filter(
                Q(
                    **{
                        f"{way}__letter": "A",
                        f"{way}__task__campaign__in": campaigns,
                        f"{way}__task__about_id__isnull": False,
                        f"{way}__task__deleted_at": None,
                    }
                )
            )
            for campaign, kind, number, user in rows.values_list(
                f"{way}__task__campaign", f"{way}__task__about_kind", f"{way}__task__about_id", "pk"
            ):
                found[campaign, kind, number].append(user)
        return found


def waiting_for(user: User) -> list[ApprovalRequest]:
    """The open requests that this person may decide now, oldest first."""
    if not user.may("campaigns.see"):
        return []
    rows = ApprovalRequest.objects.filter(closed_at=None, campaign__deleted_at=None)
    requests = list(
        rows.select_related("campaign", "asked_by").prefetch_related("decisions").order_by("pk")
    )
    if not requests:
        return []
    deciders = Deciders(requests)
    return [one for one in requests if _is_for(user, one, deciders)]


def _is_for(user: User, request: ApprovalRequest, deciders: Deciders) -> bool:
    if deciders.step_for(request, user) is None:
        return False
    # One's own request, or a second signature, can only be waived.
    signed = any(decision.by_id == user.pk for decision in request.decisions.all())
    return user.role == "owner" or not (signed or request.asked_by_id == user.pk)
