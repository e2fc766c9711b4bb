"""Pages of set-up, joining, members and settings (S01, S48)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from muster.kit.errors import Invalid, Refused
from muster.team.changes.actions import record_change
from muster.team.http import TeamRequest
from muster.team.members import actions
from muster.team.members.forms import InviteForm, JoinForm, ProfileForm, SetupForm, WorkspaceForm
from muster.team.members.models import Invitation
from muster.team.notices.views import how_told
from muster.team.permissions import SIGNED_IN, allow, public
from muster.team.roles import PERMISSIONS, ROLES
from muster.team.users.models import User, Workspace

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
    context = {"form": form, "invitation": invitation, "role": ROLES[invitation.role]}
    return render(request, "team/join.html", context, status=422 if form.errors else 200)


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
    """Who works here, and as what."""
    return render(request, "team/members.html", _members(InviteForm()))


def _members(form: InviteForm, link: str = "") -> dict[str, object]:
    open_invitations = Invitation.objects.filter(accepted_at=None).order_by("-at")
    return {
        "users": User.objects.filter(is_active=True).order_by("joined_at"),
        "invitations": open_invitations[:20],
        "roles": ROLES.values(),
        "permissions": PERMISSIONS,
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
@require_POST
def role(request: TeamRequest, user_id: int) -> HttpResponse:
    """Give someone another role."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    actions.set_role(user, request.POST.get("role", ""), by=request.user)
    return redirect("team:members")


@allow("team.manage")
@require_POST
def remove(request: TeamRequest, user_id: int) -> HttpResponse:
    """Someone leaves."""
    actions.deactivate(get_object_or_404(User, pk=user_id, is_active=True), by=request.user)
    return redirect("team:members")


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
    from muster.kit.words import _

    if not Workspace.here().demo or request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        raise Refused(_("There is no demo here. Sign in instead."))
    users = User.objects.filter(is_active=True).order_by("id")
    user = users.filter(role=request.POST.get("role", "owner")).first() or users.first()
    login(request, user, backend=BACKEND)
    return HttpResponseRedirect("/")
