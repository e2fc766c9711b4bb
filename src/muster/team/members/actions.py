"""Setting the workspace up, inviting colleagues, and giving them roles."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.changes.actions import before_undo, record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.members.access import settle
from muster.team.members.giving import Given, check, check_above, given
from muster.team.members.handing import hand_over, left_behind
from muster.team.members.models import Invitation, Team
from muster.team.stores import stores
from muster.team.users.models import MACHINE, OwnRole, User, Workspace

INVITE = "invite"


@transaction.atomic
def set_up(
    *, name: str, email: str, password: str, workspace: str, language: str, time_zone: str
) -> User:
    """Make the workspace and its owner; works once."""
    if Workspace.objects.exists():
        raise Refused(_("Muster is set up already. Sign in instead."))
    zone = time_zone if time_zone in available_timezones() else "UTC"
    currency = {"zh-hans": "CNY", "zh-hant": "TWD"}.get(language, "USD")
    place = Workspace.objects.create(
        name=workspace, language=language, time_zone=zone, currency=currency, sender_name=workspace
    )
    owner = make_user(email, name=name, role="owner", password=password, by=None)
    machine = User.objects.filter(email=MACHINE).first()
    if machine is not None:
        # Keys and tokens made before set-up go on acting for the same owner.
        fresh, owner = owner, machine
        Change.objects.filter(by=fresh).delete()
        User.objects.filter(pk=fresh.pk).delete()
        owner.email, owner.name, owner.password = fresh.email, fresh.name, fresh.password
        owner.save()
    User.objects.filter(pk=owner.pk).update(language=language, time_zone=zone)
    record_change("set_up", place, by=owner)
    owner.refresh_from_db()
    return owner


@transaction.atomic
def make_user(email: str, *, name: str, role: str, password: str | None, by: User | None) -> User:
    """Someone who may sign in; without a password they set one by the reset link."""
    email = address(email)
    wanted = given(role)
    if wanted.key == "owner" and by is not None and by.role != "owner":
        raise Refused(_("Only an owner can make someone an owner."))
    check(by, wanted.name, wanted.powers)
    if User.objects.filter(email=email).exists():
        raise Invalid.at("email", "taken", _("%(email)s works here already."), email=email)
    if password is not None:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise Invalid.at(
                "password", "weak_password", " ".join(error.messages).replace("%", "%%")
            ) from error
    user = User.objects.create_user(
        email, password, name=name, role=wanted.key, own_role=wanted.own
    )
    record_change("joined", user, by=by or user, role=role)
    return user


@transaction.atomic
def invite(email: str, role: str, *, by: User) -> tuple[Invitation, str]:
    """Ask a colleague to join by mail; returns the link as well, to hand over by other means."""
    email = address(email)
    wanted = given(role)
    if wanted.key == "owner" and by.role != "owner":
        raise Refused(_("Only an owner can make someone an owner."))
    check(by, wanted.name, wanted.powers)
    if User.objects.filter(email=email).exists():
        raise Invalid.at("email", "taken", _("%(email)s works here already."), email=email)
    invitation = Invitation.objects.create(email=email, role=wanted.key, own_role=wanted.own, by=by)
    token = stores().signer.sign(INVITE, f"{invitation.pk}.{secrets.token_hex(4)}")
    link = f"{settings.PUBLIC_URL}/invite/{token}"
    record_change("invited", invitation, by=by, role=role)
    place = Workspace.here()
    transaction.on_commit(
        lambda: send_mail(
            gettext("%(name)s invites you to %(workspace)s")
            % {"name": by.name, "workspace": place.name},
            gettext("Open this link within seven days to join:") + f"\n\n{link}\n",
            None,
            [email],
        )
    )
    return invitation, link


def invitation_of(token: str) -> Invitation:
    """The open invitation behind a link."""
    payload = stores().signer.read(INVITE, token) or ""
    number = payload.split(".")[0]
    found = Invitation.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    gone = found is None or (found.by is not None and not found.by.is_active)
    if found is None or gone or found.accepted_at or found.expires < timezone.now():
        raise Refused(_("This invitation is used up or too old. Ask for a new one."))
    return found


@transaction.atomic
def accept(token: str, *, name: str, password: str) -> User:
    """Join by an invitation; the link works once."""
    invitation = invitation_of(token)
    taken = Invitation.objects.filter(pk=invitation.pk, accepted_at=None)
    if not taken.update(accepted_at=timezone.now()):
        raise Refused(_("This invitation is used up or too old. Ask for a new one."))
    return make_user(
        invitation.email,
        name=name,
        role=invitation.role_value,
        password=password,
        by=invitation.by,
    )


@transaction.atomic
def set_role(user: User, role: str, *, by: User) -> None:
    """Give someone another role; the last owner stays owner."""
    wanted = given(role)
    _check_role(user, wanted, by=by)
    before = {"role": user.role, "own_role": user.own_role_id}
    User.objects.filter(pk=user.pk).update(role=wanted.key, own_role=wanted.own)
    record_change("role_set", user, by=by, undo=before, role=role)
    settle(User.objects.select_related("own_role").get(pk=user.pk))


@before_undo("team.user")
def rights_hold(change: Change, fields: dict[str, Any], by: User) -> None:
    """An undo passes the guards of a new decision: what one may give, and that an owner stays."""
    if not {"role", "own_role", "is_active"} & fields.keys():
        return
    user = User.objects.select_for_update().get(pk=change.object_id)
    number = fields.get("own_role", user.own_role_id)
    own = OwnRole.objects.filter(pk=number).first() if number else None
    if number and own is None:
        raise Refused(_("That role is gone. Choose another one by hand."))
    _check_role(user, Given(fields.get("role", user.role), own), by=by)


def _check_role(user: User, wanted: Given, *, by: User) -> None:
    """Refuse to give this role: nobody gives more than they have, and an owner stays."""
    if "owner" in (wanted.key, user.role) and by.role != "owner":
        raise Refused(_("Only an owner can make someone an owner."))
    check(by, wanted.name, wanted.powers)
    check_above(by, user)
    owners = User.objects.select_for_update().filter(role="owner", is_active=True)
    if user.role == "owner" and wanted.key != "owner" and owners.count() < 2:
        raise Refused(_("Someone must stay owner. Make another person owner first."))


@transaction.atomic
def deactivate(user: User, *, by: User, to: User | None = None) -> None:
    """Someone leaves: their sessions and tokens end at once, what they did stays.

    Open work has to go to somebody: refused without `to` while there is some.
    """
    if user.pk == by.pk:
        raise Refused(_("You cannot remove yourself. Ask another owner or admin."))
    if user.role == "owner" and by.role != "owner":
        raise Refused(_("Only an owner can remove an owner."))
    check_above(by, user)
    if to is not None and (to.pk == user.pk or not to.is_active):
        raise Invalid.at("/to", "unknown_person", _("Choose a colleague who takes the work over."))
    if to is None and left_behind(user):
        raise Refused(
            _("%(name)s has open work. Choose who takes it over."), code="open_work", name=user.name
        )
    moved = hand_over(user, to) if to else 0
    User.objects.filter(pk=user.pk).update(is_active=False)
    record_change(
        "left", user, by=by, undo={"is_active": True}, to=to.pk if to else None, moved=moved
    )


@transaction.atomic
def activate(user: User, *, by: User) -> None:
    """Someone comes back; work that was handed over stays where it is."""
    check_above(by, user)
    User.objects.filter(pk=user.pk).update(is_active=True)
    record_change("returned", user, by=by)


_SKILLS, _SKILL = 20, 40


@transaction.atomic
def describe(user: User, *, hours: Decimal, skills: Iterable[str], by: User) -> Change | None:
    """How many hours a day somebody works, and what they are good at; None if that is as it was."""
    if not 0 <= hours <= 24:
        raise Invalid.at("/hours_per_day", "out_of_range", _("A day has 0 to 24 working hours."))
    words = list(dict.fromkeys(word.strip()[:_SKILL] for word in skills if word.strip()))[:_SKILLS]
    before = {"hours_per_day": user.hours_per_day, "skills": user.skills}
    if before == {"hours_per_day": hours, "skills": words}:
        return None
    User.objects.filter(pk=user.pk).update(hours_per_day=hours, skills=words)
    return record_change("member_edited", user, by=by, undo=before)


@transaction.atomic
def gain_skill(user: User, skill: str) -> None:
    """Somebody is good at one thing more; whoever calls this writes down why.

    Refused where no more skills fit.
    """
    held = User.objects.select_for_update().get(pk=user.pk)
    word = skill.strip()[:_SKILL]
    if word.casefold() in {one.casefold() for one in held.skills}:
        return
    if len(held.skills) >= _SKILLS:
        raise Refused(
            _("%(name)s has %(most)s skills, which is the most. Drop one under Members first."),
            name=held.name,
            most=_SKILLS,
        )
    User.objects.filter(pk=held.pk).update(skills=[*held.skills, word])


@transaction.atomic
def save_team(team: Team | None, name: str, members: Iterable[User], *, by: User) -> Team:
    """A team with this name and these people; None makes a new one."""
    name = name.strip()[:80]
    if not name:
        raise Invalid.at("/name", "blank", _("Give the team a name."))
    if Team.objects.filter(name=name).exclude(pk=team.pk if team else 0).exists():
        raise Invalid.at("/name", "taken", _("There is a team of this name already."))
    made = team is None
    team = team or Team.objects.create(name=name)
    of_team = Team.members.through.objects.filter(team=team)
    with kept(Team.objects.filter(pk=team.pk), of_team) as rows:
        team.name = name
        team.save()
        team.members.set(members)
    if made:
        record_change("team_made", team, by=by)
    else:
        record_change("team_edited", team, by=by, undo=rows.undo)
    return team


@transaction.atomic
def drop_team(team: Team, *, by: User) -> Change:
    """A team is no more; its people stay."""
    return take_away("team_dropped", team, by=by)


def address(email: str) -> str:
    """The address as it is kept. Raises Invalid if it is none."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid.at(
            "email", "bad_email", _("“%(email)s” is no e-mail address."), email=email
        ) from error
    return email
