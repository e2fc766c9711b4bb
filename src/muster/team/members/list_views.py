"""Invites many colleagues from a list (S48): a file or pasted cells, a look, then the mails."""

from __future__ import annotations

import io

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.team.http import TeamRequest
from muster.team.members import listing
from muster.team.members.giving import every
from muster.team.permissions import allow
from muster.ui.middleware import worded

PAGE = "team/invite_many.html"
MOST_BYTES = 2 * 1024 * 1024


@allow("team.manage")
@require_http_methods(["GET", "POST"])
def invite_many(request: TeamRequest) -> HttpResponse:
    """Choose a list; every row is shown with its verdict before anybody is asked."""
    context: dict[str, object] = {
        "roles": [one for one in every() if one.key != "owner"],
        "otherwise": request.POST.get("otherwise", "manager"),
        "pasted": request.POST.get("pasted", ""),
    }
    if request.method == "GET":
        return render(request, PAGE, context)
    file = request.FILES.get("file")
    pasted = request.POST.get("pasted", "").strip()
    try:
        if isinstance(file, UploadedFile):
            if (file.size or 0) > MOST_BYTES:
                raise Invalid.at("/file", "too_large", _("A list of colleagues has at most 2 MB."))
            source, name = io.BytesIO(file.read()), file.name or "file"
        elif pasted:
            source, name = io.BytesIO(pasted.encode()), "pasted.csv"
        else:
            raise Invalid.at("/file", "blank", _("Choose a file, or paste a list."))
        rows = listing.read(source, name, str(context["otherwise"]), by=request.user)
    except Invalid as invalid:
        found = invalid.errors[0] if invalid.errors else invalid
        context["problem"] = worded(found.text, found.params)
        return render(request, PAGE, context, status=422)
    good = [row for row in rows if not row.problem]
    context |= {"rows": rows, "good": good, "bad": len(rows) - len(good)}
    return render(request, PAGE, context)


@allow("team.manage")
@require_POST
def send_many(request: TeamRequest) -> HttpResponse:
    """Invite the good rows; each is judged once more, as the list may be old by now."""
    emails, roles = request.POST.getlist("email"), request.POST.getlist("role")
    done, refused = listing.invite_all(zip(emails, roles, strict=False), by=request.user)
    text = ngettext("%(n)s colleague is invited.", "%(n)s colleagues are invited.", done)
    messages.success(request, text % {"n": done})
    for one in refused[:5]:
        messages.warning(request, one)
    return redirect("team:members")
