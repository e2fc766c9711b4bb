"""Pages of set-up, joining, members and settings (S01, S48)."""

from __future__ import annotations

import re
from collections import Counter

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound, Refused
from muster.kit.words import _
from muster.team.calendars.forms import LeaveForm
from muster.team.calendars.models import Leave
from muster.team.changes.actions import record_change
from muster.team.changes.offering import latest, way_back
from muster.team.http import TeamRequest
from muster.team.lacking import right_name
from muster.team.members import actions, giving
from muster.team.members.access import roles_for, wanted
from muster.team.members.forms import (
    InviteForm,
    JoinForm,
    MemberForm,
    ProfileForm,
    SetupForm,
    WorkspaceForm,
)
from muster.team.members.giving import every, save_role
from muster.team.members.handing import left_behind
from muster.team.members.models import Invitation, Team
from muster.team.notices.views import how_told
from muster.team.permissions import SIGNED_IN, allow, public
from muster.team.roles import PERMISSIONS, PRESETS, ROLES
from muster.team.users.models import OwnRole, User, Workspace
from muster.team.viewing import SESSION
from muster.ui.middleware import worded

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Four fields, once."""
    if Workspace.objects.exists():
        return redirect("account_login")
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            owner = actions.set_up(**form.cleaned_data, language=get_language() or "en")
        except Invalid as invalid:
            _explain(form, invalid)
        else:
            login(request, owner, backend=BACKEND)
            return HttpResponseRedirect("/")
    status = 422 if form.errors else 200
    return render(request, "team/setup.html", {"form": form}, status=status)


@public
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Join by an invitation."""
    invitation = actions.invitation_of(token)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.accept(token, **form.cleaned_data)
        except Invalid as invalid:
            _explain(form, invalid)
        else:
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect("/")
    context = {"form": form, "invitation": invitation}
    return render(request, "team/join.html", context, status=422 if form.errors else 200)


def _problem(refused: Refused) -> str:
    found = refused.errors[0] if isinstance(refused, Invalid) and refused.errors else refused
    return worded(found.text, found.params)


def _explain(form: SetupForm | JoinForm | InviteForm, invalid: Invalid) -> None:
    for problem in invalid.errors:
        text = gettext(problem.text) % problem.params if problem.params else problem.text
        form.add_error(problem.at if problem.at in form.fields else None, text)


@allow(SIGNED_IN)
def settings_home(request: TeamRequest) -> HttpResponse:
    """Where to change what."""
    return render(request, "team/settings.html")


@allow("settings.manage")
@require_http_methods(["GET", "POST"])
def general(request: TeamRequest) -> HttpResponse:
    """What holds for everybody."""
    workspace = Workspace.here()
    before = {name: getattr(workspace, name) for name in WorkspaceForm.Meta.fields}
    form = WorkspaceForm(request.POST or None, instance=workspace)
    saved = False
    if request.method == "POST" and form.is_valid():
        form.save()
        changed = {name: before[name] for name in form.changed_data}
        if changed:
            record_change("settings_changed", workspace, by=request.user, undo=changed)
        saved = True
    context = {"form": form, "saved": saved, "inbox": settings.INBOX}
    return render(request, "team/general.html", context, status=422 if form.errors else 200)


@allow("team.manage")
def members(request: TeamRequest) -> HttpResponse:
    """Who works here, as what, and who is away."""
    return render(request, "team/members.html", _members(InviteForm(initial={"role": "manager"})))


def _members(form: InviteForm, link: str = "") -> dict[str, object]:
    open_invitations = Invitation.objects.filter(accepted_at=None).order_by("-at")
    today = timezone.localdate()
    everybody = list(
        User.objects.select_related("own_role").prefetch_related("teams").order_by("joined_at")
    )
    until = {
        leave.user_id: leave.last
        for leave in Leave.objects.filter(first__lte=today, last__gte=today)
    }
    return {
        "users": [(user, until.get(user.pk)) for user in everybody if user.is_active],
        "gone": [user for user in everybody if not user.is_active],
        "teams": Team.objects.prefetch_related("members"),
        "invitations": open_invitations[:20],
        "form": form,
        "link": link,
    }


@allow("team.manage")
@require_POST
def invite(request: TeamRequest) -> HttpResponse:
    """Ask a colleague to join; the link is shown as well."""
    form = InviteForm(request.POST)
    link = ""
    if form.is_valid():
        try:
            _invitation, link = actions.invite(**form.cleaned_data, by=request.user)
            form = InviteForm()
        except Invalid as invalid:
            _explain(form, invalid)
    status = 422 if form.errors else 200
    return render(request, "team/members.html", _members(form, link), status=status)


@allow("team.manage")
@require_http_methods(["GET", "POST"])
def member(request: TeamRequest, user_id: int) -> HttpResponse:
    """One colleague: role, teams, hours, skills, leave; and the way out."""
    user = get_object_or_404(User, pk=user_id)
    form = MemberForm(request.POST or None, initial=_described(user))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if data["role"] != _described(user)["role"]:
            actions.set_role(user, data["role"], by=request.user)
        skills = re.split(r"[,，、;；]", data["skills"])
        actions.describe(user, hours=data["hours_per_day"], skills=skills, by=request.user)
        user.teams.set(data["teams"])
        messages.success(request, gettext("Saved."))
        return redirect("team:member", user_id=user.pk)
    needs = wanted(user)
    context = {
        "member": user,
        "form": form,
        "leave_form": LeaveForm(),
        "leave": user.leave.filter(last__gte=timezone.localdate()),
        "left_behind": left_behind(user),
        "others": User.objects.filter(is_active=True).exclude(pk=user.pk).order_by("name"),
        "wanted": [right_name(key) for key in needs],
        "fitting": roles_for(user, needs),
    }
    return render(request, "team/member.html", context, status=422 if form.errors else 200)


def _described(user: User) -> dict[str, object]:
    return {
        "role": user.own_role.public_id if user.own_role else user.role,
        "hours_per_day": user.hours_per_day,
        "skills": "、".join(user.skills),
        "teams": user.teams.all(),
    }


@allow("team.manage")
@require_POST
def role(request: TeamRequest, user_id: int) -> HttpResponse:
    """Give someone another role."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    actions.set_role(user, request.POST.get("role", ""), by=request.user)
    return redirect("team:members")


@allow("team.manage")
@require_POST
def remove(request: TeamRequest, user_id: int) -> HttpResponse:
    """Someone leaves; their open work goes to a colleague."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    number = ids.number("user", request.POST.get("to", "")) or 0
    to = User.objects.filter(pk=number, is_active=True).first()
    actions.deactivate(user, by=request.user, to=to)
    messages.success(request, gettext("%(name)s has left.") % {"name": user.name})
    return redirect("team:members")


@allow("team.manage")
@require_POST
def bring_back(request: TeamRequest, user_id: int) -> HttpResponse:
    """Someone who left is here again."""
    user = get_object_or_404(User, pk=user_id, is_active=False)
    actions.activate(user, by=request.user)
    return redirect("team:member", user_id=user.pk)


@allow("team.manage")
@require_POST
def save_team(request: TeamRequest) -> HttpResponse:
    """Make a team, or change one."""
    number = ids.number("team", request.POST.get("team", ""))
    team = get_object_or_404(Team, pk=number) if number is not None else None
    chosen = [ids.number("user", one) for one in request.POST.getlist("member")]
    people = User.objects.filter(pk__in=[pk for pk in chosen if pk is not None], is_active=True)
    saved = actions.save_team(team, request.POST.get("name", ""), people, by=request.user)
    undo = way_back(latest(saved, request.user))
    messages.success(request, gettext("Saved."), extra_tags=undo)
    return redirect("team:members")


@allow("team.manage")
@require_POST
def drop_team(request: TeamRequest, team_id: int) -> HttpResponse:
    """A team is no more; its people stay."""
    team = get_object_or_404(Team, pk=team_id)
    change = actions.drop_team(team, by=request.user)
    text = gettext("“%(name)s” is gone.") % {"name": team.name}
    messages.success(request, text, extra_tags=way_back(change))
    return redirect("team:members")


@allow("team.manage")
def roles(request: TeamRequest) -> HttpResponse:
    """Which role may do what: the one table, as everybody is held to it."""
    everybody = User.objects.filter(is_active=True).values_list("role", "own_role")
    counts: Counter[tuple[str, int | None]] = Counter(everybody)
    known = every()
    table = [
        (gettext(name), [(role, key in role.permissions) for role in known])
        for key, name in PERMISSIONS.items()
    ]
    heads = [(one, counts[one.key, one.own.pk if one.own else None]) for one in known]
    bases = [(one.key, one.name) for one in known if not one.own and one.key != "owner"]
    bases += [(one.key, gettext(one.name)) for one in PRESETS.values()]
    return render(request, "team/roles.html", {"heads": heads, "table": table, "bases": bases})


@allow("team.manage")
@require_http_methods(["GET", "POST"])
def own_role(request: TeamRequest, role_id: int | None = None) -> HttpResponse:
    """Make a role from one of the table or a preset (`?from=manager`), or change one."""
    own = get_object_or_404(OwnRole, pk=role_id) if role_id is not None else None
    asked = own.base if own else request.GET.get("from", "")
    preset = None if own else PRESETS.get(asked)
    base = ROLES.get(preset.base if preset else asked)
    if base is None or base.key == "owner":
        raise NotFound
    problem, name, ticked = "", own.name if own else "", own.allowed if own else base.permissions
    if preset:
        name, ticked = gettext(preset.name), ticked | preset.more
    if request.method == "POST":
        name, ticked = request.POST.get("name", ""), frozenset(request.POST.getlist("may"))
        try:
            save_role(own, name, base.key, ticked, by=request.user)
        except Refused as refused:
            problem = _problem(refused)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("team:roles")
    held = request.user.permissions
    context = {
        "own": own,
        "base": base,
        "name": name,
        "problem": problem,
        "users": own.users.filter(is_active=True) if own else [],
        "rights": [
            (key, gettext(text), key in ticked, key in base.permissions, key in held)
            for key, text in PERMISSIONS.items()
        ],
    }
    return render(request, "team/own_role.html", context, status=422 if problem else 200)


@allow("team.manage")
@require_POST
def drop_role(request: TeamRequest, role_id: int) -> HttpResponse:
    """Take a role away that nobody has."""
    role = get_object_or_404(OwnRole, pk=role_id)
    change = giving.drop_role(role, by=request.user)
    text = gettext("“%(name)s” is gone.") % {"name": role.name}
    messages.success(request, text, extra_tags=way_back(change))
    return redirect("team:roles")


@allow("team.manage")
@require_POST
def view_as(request: TeamRequest, user_id: int) -> HttpResponse:
    """Look through a colleague's eyes; nothing can be changed meanwhile, and it is written down."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    if user.pk == request.user.pk:
        raise Refused(_("You see Muster as yourself already."))
    record_change("viewed_as", user, by=request.user)
    request.session[SESSION] = user.pk
    return redirect("team:home")


@allow(SIGNED_IN)
@require_POST
def view_end(request: TeamRequest) -> HttpResponse:
    """Back to oneself."""
    request.session.pop(SESSION, None)
    return redirect("team:members" if request.user.may("team.manage") else "team:home")


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def profile(request: TeamRequest) -> HttpResponse:
    """How the system speaks to me."""
    user = request.user
    initial = {
        "language": user.language or get_language(),
        "time_zone": user.time_zone or Workspace.here().time_zone,
    }
    form = ProfileForm(request.POST or None, instance=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = redirect("team:profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax")
        return response
    context = {"form": form, **how_told(request)}
    return render(request, "team/profile.html", context, status=422 if form.errors else 200)


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Read Muster in another language; kept for whoever is signed in."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return set_language(request)


@public
@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """Sign in to the demo as one of its people; only in a demo, only from this machine."""
    if not Workspace.here().demo or request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        raise Refused(_("There is no demo here. Sign in instead."))
    users = User.objects.filter(is_active=True).order_by("id")
    user = users.filter(role=request.POST.get("role", "owner")).first() or users.first()
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect("/")
