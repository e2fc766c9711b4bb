"""What is wrong with a row of the matrix, in a few words."""

from __future__ import annotations

from muster.kit.words import _
from muster.plan.raci.rules import Fault

VERDICTS = {
    Fault.NO_A: _("nobody answers for it (A)"),
    Fault.MANY_A: _("more than one A"),
    Fault.NO_R: _("nobody does it (R)"),
    Fault.GUEST_A: _("a guest answers for it"),
    Fault.AWAY: _("somebody is away"),
    Fault.MANY_C: _("more than four are asked"),
}
