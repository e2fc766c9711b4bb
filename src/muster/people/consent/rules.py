"""Which consent holds (PE3): the stricter word counts, and a file never undoes a refusal."""

from __future__ import annotations

from muster.kit.words import _

CHANNELS = {"email": _("E-mail"), "sms": _("SMS"), "wecom": _("WeCom"), "phone": _("Phone")}
PURPOSES = {
    "marketing": _("Offers and news"),
    "service": _("Service messages"),
    "personalisation": _("Personalised content"),
}
IMPORT = "import"
"""Sources that begin with this word are files."""
