"""Who has the same page open."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from muster.team.comments.subjects import about
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.presence.here import HERE, others
from muster.team.presence.models import Presence


@allow(SIGNED_IN)
@require_POST
def here(request: TeamRequest) -> HttpResponse:
    """I have this page open; answers who else has, if it is one that I may see."""
    page, now = request.POST.get("page", "")[:120], timezone.now()
    about(request.user, page)
    Presence.objects.update_or_create(user=request.user, page=page, defaults={"seen_at": now})
    Presence.objects.filter(seen_at__lt=now - HERE - timedelta(minutes=5)).delete()
    context = {"people": others(page, request.user), "page": page}
    return render(request, "team/presence.html#faces", context)
