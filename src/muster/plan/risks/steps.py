"""What the plan itself can do when a risk has come true."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.kit.errors import Refused
from muster.kit.words import _ as marked
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.materials.models import Stock
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import FREE_STOCK, sign, step
from muster.plan.tasks.actions import add_task
from muster.plan.vendors.models import Vendor
from muster.team.notices.actions import notify
from muster.team.users.models import User


@sign
def stock(campaign: Campaign, metric: str) -> Decimal | None:
    if metric != FREE_STOCK:
        return None
    reserved = campaign.reservations.values("material")
    free: dict[int, int] = {}
    for row in Stock.objects.filter(material__in=reserved):
        free[row.material_id] = free.get(row.material_id, 0) + row.free
    return Decimal(min(free.values())) if free else None


@step("statement", _("Publish a statement"), _("the words, ready to copy"))
def statement(risk: Risk, text: str, by: User | None) -> str:
    if not text.strip():
        raise Refused(marked("The statement has no words yet."))
    return gettext("Statement ready to copy: %(text)s") % {"text": text}


@step("task", _("Give out a task"), _("what has to be done today"))
def task(risk: Risk, text: str, by: User | None) -> str:
    owner = risk.owner or risk.campaign.owner
    fields = {"title": (text.strip() or risk.title)[:160], "due": today()}
    made = add_task(risk.campaign, fields, by=by, to=[owner], accountable=owner)
    return gettext("%(who)s has the task “%(task)s”.") % {"who": owner, "task": made.title}


@step("call", _("Call people together"), _("e-mail addresses of colleagues, separated by commas"))
def call(risk: Risk, text: str, by: User | None) -> str:
    wanted = {address.strip().lower() for address in text.replace(";", ",").split(",")} - {""}
    users = list(User.objects.filter(is_active=True, email__in=wanted))
    unknown = sorted(wanted - {user.email for user in users})
    if unknown or not users:
        raise Refused(
            marked("Nobody here has the address %(addresses)s. Mend the list of the plan."),
            addresses=", ".join(unknown) or "–",
        )
    notify(
        "risk_fired",
        risk,
        users,
        marked("“%(risk)s” has come true in “%(campaign)s”. You are asked to help now."),
        url=reverse("plan:risks", args=[risk.campaign_id]),
        params={"risk": risk.title, "campaign": risk.campaign.name},
        by=by,
        campaign=risk.campaign_id,
    )
    return gettext("Told: %(names)s.") % {"names": ", ".join(user.name for user in users)}


@step("backup_vendor", _("Let another vendor step in"), _("the vendor who drops out"))
def backup_vendor(risk: Risk, text: str, by: User | None) -> str:
    vendor = Vendor.objects.select_related("backup").filter(name=text.strip()).first()
    if vendor is None or vendor.backup is None:
        raise Refused(
            marked("Nobody steps in for “%(vendor)s”. Name a vendor who does first."),
            vendor=text.strip(),
        )
    moved = vendor.deliveries.filter(campaign=risk.campaign, state="planned").update(
        vendor=vendor.backup
    )
    return gettext("%(backup)s takes over from %(vendor)s: %(count)s deliveries, %(contact)s") % {
        "backup": vendor.backup,
        "vendor": vendor,
        "count": moved,
        "contact": vendor.backup.contact or "–",
    }
