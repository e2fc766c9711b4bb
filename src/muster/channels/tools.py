"""How the wires of the channels stand: the mail server, and the domain that vouches for us."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from muster.channels.domain.asking import selectors, sending_domain
from muster.channels.domain.rules import Verdict
from muster.channels.readiness import RECORDS
from muster.channels.sending.models import Send
from muster.kit.words import _
from muster.plan.readiness.models import Sighting
from muster.plan.tools.own import spoken
from muster.plan.tools.registry import Fix, State, Wire, connection


@connection("mail", _("Mail server"), _("brings our e-mails to people"), 10)
def mail_server() -> Iterator[Wire]:
    """Where mail goes, and when the last send was over."""
    if settings.INBOX:
        text = _("Mail goes into the built-in inbox and leaves nobody. Set MUSTER_SMTP_URL.")
        yield Wire(State.OFF, text)
        return
    last = Send.objects.filter(status=Send.Status.DONE, channel="email").order_by("-ended_at")
    ended = last.values_list("ended_at", flat=True).first()
    if ended is None:
        text = _("%(host)s is set; nothing was sent through it yet.")
        yield Wire(State.CONNECTED, text, {"host": settings.EMAIL_HOST})
    else:
        text = _("%(host)s; the last send was over %(when)s.")
        yield Wire(State.CONNECTED, text, {"host": settings.EMAIL_HOST, "when": spoken(ended)})


@connection("domain", _("Sender domain"), _("tells mail servers that our mail is ours"), 11)
def sender_domain() -> Iterator[Wire]:
    """What the records of the domain were worth when they were looked at last."""
    domain = sending_domain()
    fix = Fix(reverse("team:general"), "settings.manage")
    params = {"domain": domain, "selectors": ", ".join(selectors())}
    if domain.rpartition(".")[2] in {"example", "test", "invalid", "localhost"}:
        text = _("%(domain)s is a sample. Set the sender address of the workspace.")
        yield Wire(State.OFF, text, params, fix=fix)
        return
    rows = Sighting.objects.filter(what="domain", found__domain=domain).order_by("-at")
    seen = rows.values_list("found", flat=True).first()
    if seen is None:
        text = _("%(domain)s was not looked at yet: that happens before the launch of a campaign.")
        yield Wire(State.OFF, text, params, fix=fix)
        return
    wrong = [
        texts[Verdict(seen[record])]
        for record, texts in RECORDS.items()
        if Verdict(seen[record]) in texts
    ]
    if wrong:
        yield Wire(State.TROUBLE, wrong[0], params, fix=fix)
    elif any(seen[record] == Verdict.UNANSWERED for record in RECORDS):
        text = _("The records of %(domain)s could not be checked: no name server answers.")
        yield Wire(State.TROUBLE, text, params, fix=fix)
    else:
        text = _("SPF, DKIM and DMARC of %(domain)s are right.")
        yield Wire(State.CONNECTED, text, params, fix=fix)
