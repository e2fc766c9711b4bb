"""What channels can do when a risk has come true: hold every send of the campaign."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.channels.sending import actions
from muster.channels.sending.models import Send
from muster.kit.errors import Refused
from muster.kit.words import _ as marked
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import step
from muster.team.users.models import User


@step("pause_sends", _("Pause all sends of the campaign"), _("nothing to write"))
def pause_sends(risk: Risk, text: str, by: User | None) -> str:
    if by is None or not by.may("sends.pause"):
        raise Refused(marked("You may not pause sends. Ask a channel operator to do it."))
    paused = 0
    for send in Send.objects.filter(campaign=risk.campaign, status=Send.Status.SENDING):
        actions.pause(send, by=by)
        paused += 1
    waiting = Send.objects.filter(campaign=risk.campaign, status=Send.Status.SCHEDULED)
    for send in waiting:
        actions.unschedule(send, by=by)
        paused += 1
    return gettext("%(count)s sends are held.") % {"count": paused}
