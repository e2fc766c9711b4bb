"""The pages of accounts (PE8): all companies by warmth, and one with its people and its weeks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from muster.kit import clock, ids
from muster.kit.errors import Invalid, NotFound
from muster.people.accounts import actions
from muster.people.accounts.matching import unknown
from muster.people.accounts.models import Account, AccountPerson
from muster.people.accounts.showing import warmth_of
from muster.people.masking import face
from muster.people.profile.models import Person
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest, version_read
from muster.team.permissions import allow
from muster.team.users.models import User
from muster.ui import charts, formats
from muster.ui.toasts import toast

LIST, PAGE = "people/accounts/list.html", "people/accounts/account.html"
MOST = 500


@allow("leads.work")
def accounts(request: TeamRequest) -> HttpResponse:
    """Every account, the warmest first."""
    query = request.GET.get("q", "").strip()[:120]
    rows = Account.objects.visible_to(request.user).select_related("owner")
    if query:
        rows = rows.filter(name__icontains=query) | rows.filter(domain__icontains=query)
    warm = warmth_of(list(rows[:MOST]))
    warm.sort(key=lambda one: (-one.known.score, one.account.name))
    context = {
        "rows": warm,
        "query": query,
        "unknown": [] if query else unknown(),
        "sizes": Account.Size.choices,
    }
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


@allow("leads.work")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """A new account; its people join it by their addresses."""
    said = request.POST
    domain = said.get("domain", "").strip()
    fields = {"name": said.get("name", "").strip() or domain, "domain": domain}
    made = actions.make(fields, by=request.user, now=clock.now())
    if request.htmx:
        url = reverse("people:account", args=[made.pk])
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect("people:account", account_id=made.pk)


@allow("leads.work")
def account(request: TeamRequest, account_id: int) -> HttpResponse:
    """One account."""
    return render(request, PAGE, _context(request, _found(request, account_id)))


@allow("leads.work")
@require_POST
def write(request: TeamRequest, account_id: int) -> HttpResponse:
    """Change what is known of it."""
    said = request.POST
    fields: dict[str, Any] = {
        name: said[name] for name in ("name", "domain", "industry", "size", "note") if name in said
    }
    if "owner" in said:
        users = User.objects.filter(is_active=True)
        number = said["owner"]
        fields["owner"] = users.filter(pk=int(number) if number.isdecimal() else 0).first()
    found = _found(request, account_id)
    done = actions.change(
        found, fields, by=request.user, now=clock.now(), version=version_read(request)
    )
    answer = render(request, f"{PAGE}#account", _context(request, _found(request, account_id)))
    undo = way_back(done)
    return toast(answer, _("Saved."), undo=undo)


@allow("leads.work")
@require_POST
def put(request: TeamRequest, account_id: int) -> HttpResponse:
    """Somebody works there, with a part in buying; or does not."""
    said, found = request.POST, _found(request, account_id)
    number = ids.number("person", said.get("person", "").strip())
    person = Person.objects.present().filter(pk=number or 0).first()
    if person is None:
        person = Person.objects.known_by(email=said.get("person", "").strip().lower()).first()
    if person is None:
        raise Invalid.at(
            "/person", "unknown_person", _("Nobody here has this address. Add the person first.")
        )
    if "out" in said:
        done = actions.take_out(found, person, by=request.user)
    else:
        done = actions.put(found, person, said.get("part", ""), by=request.user, now=clock.now())
    answer = render(request, f"{PAGE}#account", _context(request, found))
    return toast(answer, _("Saved."), undo=way_back(done))


@allow("leads.work")
@require_POST
def remove(request: TeamRequest, account_id: int) -> HttpResponse:
    """Take it away; the toast brings it back."""
    found = _found(request, account_id)
    done = actions.remove(found, by=request.user)
    text = _("“%(name)s” is taken away.") % {"name": found.name}
    answer = HttpResponse(status=204, headers={"HX-Redirect": reverse("people:accounts")})
    return toast(answer, text, undo=way_back(done))


def _context(request: TeamRequest, found: Account) -> dict[str, Any]:
    (warm,) = warmth_of([found])
    reader = request.user
    members = (
        AccountPerson.objects.filter(
            account=found, person__erased_at=None, person__merged_into=None
        )
        .select_related("person")
        .prefetch_related("person__leads__owner")
        .order_by("part", "pk")
    )
    names = dict(AccountPerson.Part.choices)
    language, today = get_language() or "en", warm.weeks[-1][0]
    weeks = charts.bars(
        [formats.day(monday, language, today=today) for monday, _n in warm.weeks],
        {_("What its people did"): [n for _monday, n in warm.weeks]},
    )
    return {
        "account": found,
        "warm": warm,
        "missing": [names[part] for part in warm.missing],
        "members": [_member(row, reader) for row in members[:200]],
        "parts": AccountPerson.Part.choices,
        "sizes": Account.Size.choices,
        "users": User.objects.filter(is_active=True).order_by("name"),
        "weeks": weeks,
    }


def _member(row: AccountPerson, reader: User) -> dict[str, Any]:
    leads = [lead for lead in row.person.leads.all() if lead.closed_at is None]
    lead = leads[0] if leads else None
    mine = lead is not None and lead.owner_id == reader.pk
    sees = lead is not None and (lead.owner_id in (None, reader.pk) or reader.may("leads.all"))
    return {
        "row": row,
        "face": face(row.person, clear=mine or reader.may("people.pii")),
        "lead": lead,
        "may_see_lead": sees,
    }


def _found(request: TeamRequest, account_id: int) -> Account:
    rows = Account.objects.visible_to(request.user).select_related("owner")
    found = rows.filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return found
