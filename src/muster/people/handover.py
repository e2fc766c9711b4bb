"""What of people goes to a colleague when somebody leaves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from muster.kit import clock
from muster.people.accounts.models import Account
from muster.people.leads.becoming import hand_over
from muster.people.leads.models import Lead
from muster.team.members.handing import hands_over
from muster.team.users.models import User


@hands_over(_("Open leads"))
def leads(leaving: User, to: User | None) -> int:
    rows = Lead.objects.open().filter(owner=leaving)
    if to is None:
        return rows.count()
    # Each begins anew: whoever gets it has to hear of it, and has their own time.
    moved = list(rows)
    for lead in moved:
        hand_over(lead, to, clock.now(), by=None)
    return len(moved)


@hands_over(_("Accounts"))
def accounts(leaving: User, to: User | None) -> int:
    rows = Account.objects.filter(owner=leaving, deleted_at=None)
    return rows.update(owner=to) if to else rows.count()
