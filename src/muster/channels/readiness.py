"""What the channels ask before a launch (PL8): is there a send that could go out?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from muster.channels.domain.asking import asked_of, selectors, sending_domain
from muster.channels.domain.rules import Verdict
from muster.channels.pressure import meeting
from muster.channels.pressure.rules import reads
from muster.channels.sending.checks import checks
from muster.channels.sending.models import Send, Variant
from muster.channels.sending.speed import ASSUMED_PER_CONNECTION, open_for
from muster.kit.words import _
from muster.people.consent.terms import terms
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import once
from muster.plan.readiness.checks import Dial, Finding, Note, Severity, check, dial
from muster.plan.readiness.looking import is_seen, look, seen
from muster.team.users.models import Workspace
from muster.ui import formats

_FRESH = Dial(
    "hours",
    _("Counted within so many hours"),
    Dial.Unit.HOURS,
    Decimal(24),
    least=Decimal(1),
    most=Decimal(24 * 30),
)
_SHARED = Dial(
    "share",
    _("People shared with another campaign, below"),
    Dial.Unit.PERCENT,
    Decimal("0.2"),
    least=Decimal("0.01"),
)
_READERS = Dial(
    "readers",
    _("Readers of a language who ask for a mail of their own, from"),
    Dial.Unit.PERCENT,
    Decimal("0.01"),
)


@once
def _waiting(campaign: Campaign) -> list[Send]:
    sends = Send.objects.filter(campaign=campaign, frozen_at=None).select_related("segment")
    return list(sends.order_by("pk"))


@once
def _checked(campaign: Campaign) -> list[tuple[Send, list[Finding]]]:
    return [(send, checks(send, with_approval=True)) for send in _waiting(campaign)]


def sends_something(campaign: Campaign) -> bool:
    """Whether something of this campaign is still to go out."""
    return bool(_waiting(campaign))


def sends_mail(campaign: Campaign) -> bool:
    """Whether the campaign means to send e-mails."""
    return "email" in campaign.channels


@check("audience", _("Every send has people to go to"), fits=sends_something)
def audience_is_not_empty(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        # What was counted last is good enough here: the review counts anew.
        if send.segment is not None and send.segment.last_count == 0:
            yield Finding(
                _("“%(name)s” goes to the segment “%(segment)s”, which has nobody in it."),
                reverse("channels:review", args=[send.pk]),
                params={"name": send.name, "segment": send.segment.name},
            )


@check(
    "audience",
    _("The people of every segment were counted lately"),
    fits=sends_something,
    dials=(_FRESH,),
)
def audience_is_fresh(campaign: Campaign) -> Iterator[Finding]:
    hours = dial(campaign, "audience.audience_is_fresh", _FRESH.name)
    for segment in {s.segment.pk: s.segment for s in _waiting(campaign) if s.segment}.values():
        counted = segment.last_counted_at
        if not segment.is_frozen and (
            counted is None or timezone.now() - counted > timedelta(hours=float(hours))
        ):
            yield Finding(
                _("The segment “%(segment)s” was not counted for %(hours)s hours. Open it once."),
                reverse("people:segment", args=[segment.pk]),
                params={
                    "segment": segment.name,
                    "hours": formats.number(hours, get_language() or "en"),
                },
                one=_("The segment “%(segment)s” was not counted for an hour. Open it once."),
                count=hours,
            )


@check("audience", _("Somebody can be reached in every channel"), fits=sends_something)
def somebody_is_reachable(campaign: Campaign) -> Iterator[Finding]:
    for send in _waiting(campaign):
        reachable = send.segment.last_reachable.get(send.channel) if send.segment else None
        if reachable == 0 and send.segment is not None and send.segment.last_count:
            yield Finding(
                _("Nobody of “%(segment)s” can be reached by “%(name)s”: consent is missing."),
                reverse("channels:review", args=[send.pk]),
                params={"name": send.name, "segment": send.segment.name},
            )


@check(
    "audience",
    _("It is decided who gets nothing, to compare"),
    fits=sends_something,
    severity=Severity.WARN,
)
def holdout_is_decided(campaign: Campaign) -> Iterator[Finding]:
    if campaign.holdout.strip():
        return
    for send in _waiting(campaign):
        if not send.holdout and send.holdout_rule is None:
            yield Finding(
                _(
                    "“%(name)s” has no hold-out, so nobody will know what it brought. Hold some "
                    "people out, or say in the brief how you will know."
                ),
                reverse("channels:review", args=[send.pk]),
                Severity.WARN,
                {"name": send.name},
            )


@check("channels", _("A message is prepared"), fits=sends_mail, severity=Severity.WARN)
def something_is_sent(campaign: Campaign) -> Iterator[Finding]:
    if not _waiting(campaign) and not campaign.sends.exists():
        yield Finding(
            _("The campaign uses e-mail, but no send is prepared. Say who gets what, and when."),
            reverse("channels:new") + f"?campaign={campaign.public_id}",
            Severity.WARN,
        )


@check("channels", _("Nothing stands in the way of the sends"), fits=sends_something, severity=None)
def sends_are_right(campaign: Campaign) -> Iterator[Finding]:
    seen = set()
    for send, found in _checked(campaign):
        own = reverse("channels:review", args=[send.pk])
        for finding in found:
            key = (finding.text, str(finding.params))
            # The mails themselves are asked about under content, the approval under compliance.
            if finding.fix_at.startswith("/emails/") or finding.fix_at == own or key in seen:
                continue
            seen.add(key)
            yield finding


@check(
    "compliance",
    _("Every send is approved as it is now"),
    fits=sends_something,
    may_be_waived=False,
)
def sends_are_approved(campaign: Campaign) -> Iterator[Finding]:
    for send, found in _checked(campaign):
        own = reverse("channels:review", args=[send.pk])
        yield from (finding for finding in found if finding.fix_at == own)


def _is_footing_known(campaign: Campaign) -> bool:
    return sends_something(campaign) and is_seen(campaign, "audience")


def _footings(campaign: Campaign) -> list[tuple[Send, dict[str, int]]]:
    """The sends of which it is known on what ground they reach their people."""
    found = (seen(campaign, "audience") or {}).get("footing", {})
    known = ((send, found.get(f"sends:{send.public_id}")) for send in _waiting(campaign))
    return [(send, footing) for send, footing in known if footing]


def _not_counted(campaign: Campaign) -> Iterator[Finding]:
    """A send whose people were not looked at yet says nothing."""
    known = {send.pk for send, _footing in _footings(campaign)}
    for send in _waiting(campaign):
        if send.pk not in known:
            yield Finding(
                _("The people of “%(name)s” are being looked at. Come back in a minute."),
                reverse("channels:review", args=[send.pk]),
                Severity.WARN,
                {"name": send.name},
            )


@check(
    "audience",
    _("Nobody on the suppression list gets anything"),
    fits=_is_footing_known,
    severity=None,
    look="audience",
)
def suppression_is_applied(campaign: Campaign) -> Iterator[Finding | Note]:
    language = get_language() or "en"
    for send, footing in _footings(campaign):
        if footing["suppressed"]:
            yield Finding(
                _("“%(name)s” would go to %(people)s people who are on the suppression list."),
                reverse("channels:review", args=[send.pk]),
                params={
                    "name": send.name,
                    "people": formats.number(footing["suppressed"], language),
                },
                one=_("“%(name)s” would go to one person who is on the suppression list."),
                count=footing["suppressed"],
            )
        yield Note(
            _("“%(name)s”: people left out because of the list: %(people)s."),
            {"name": send.name, "people": formats.number(footing["left_out"], language)},
        )
    yield from _not_counted(campaign)


@check(
    "compliance",
    _("Every channel stands on recorded consent"),
    fits=_is_footing_known,
    severity=None,
    look="audience",
)
def consent_has_a_basis(campaign: Campaign) -> Iterator[Finding | Note]:
    language = get_language() or "en"
    for send, footing in _footings(campaign):
        said = {
            name: formats.number(footing[name], language)
            for name in ("proven", "unproven", "silent")
        }
        rule = terms().rule(send.purpose)
        if footing["unproven"] and rule.consent != "none":
            yield Finding(
                _(
                    "%(unproven)s people of “%(name)s” said yes to %(channel)s, but neither a "
                    "proof nor the words they agreed to are recorded. Record them, or leave these "
                    "people out."
                ),
                reverse("people:consent"),
                # Where the law wants the proof, such a yes counts as none.
                Severity.BLOCK if rule.explicit else Severity.WARN,
                {**said, "name": send.name, "channel": channel_name(send.channel)},
                about=send.public_id,
                one=_(
                    "One person of “%(name)s” said yes to %(channel)s, but neither a proof nor the "
                    "words they agreed to are recorded. Record them, or leave this person out."
                ),
                count=footing["unproven"],
            )
        yield Note(
            _(
                "“%(name)s” by %(channel)s: %(proven)s people with a proven yes, %(silent)s who "
                "may be written to by law."
            ),
            {**said, "name": send.name, "channel": channel_name(send.channel)},
        )
    yield from _not_counted(campaign)


# What is looked at beside the pages: the DNS, and everybody who is meant.


def _domain_mark(campaign: Campaign) -> str:
    # Into the built-in inbox no domain is ever asked for.
    if settings.INBOX or not sends_mail(campaign):
        return ""
    return " ".join([sending_domain(), *selectors()])[:64]


def _domain_is_good_for(found: dict[str, Any]) -> timedelta:
    well = all(found.get(record) == Verdict.PASS for record in RECORDS)
    return timedelta(hours=6) if well else timedelta(minutes=10)


@look("domain", mark=_domain_mark, good_for=_domain_is_good_for)
def look_at_the_domain(campaign: Campaign) -> dict[str, Any]:
    domain = sending_domain()
    return {"domain": domain, **asked_of(domain)}


@look("audience", mark=meeting.mark, good_for=lambda found: timedelta(hours=1))
def look_at_the_audience(campaign: Campaign) -> dict[str, Any]:
    return meeting.meeting(campaign)


RECORDS: dict[str, dict[Verdict, str]] = {
    "spf": {
        Verdict.MISSING: _(
            "%(domain)s has no SPF record, so mail servers distrust our mail. Publish a TXT record "
            "“v=spf1 … -all” that names your mail server."
        ),
        Verdict.TWICE: _(
            "%(domain)s has more than one SPF record, which counts as none. Put them into one."
        ),
        Verdict.OPEN: _(
            "The SPF record of %(domain)s lets everybody send in its name. End it with “-all”."
        ),
    },
    "dkim": {
        Verdict.MISSING: _(
            "The DKIM key of %(domain)s is not in the DNS under %(selectors)s. Publish it, or name "
            "the right selector in MUSTER_DKIM_SELECTORS."
        ),
        Verdict.REVOKED: _("The DKIM key of %(domain)s is revoked. Publish a new one."),
        Verdict.NOT_FOUND: _(
            "No DKIM key of %(domain)s was found under the usual names. Name its selector in "
            "MUSTER_DKIM_SELECTORS; without a key most mail ends up as spam."
        ),
    },
    "dmarc": {
        Verdict.MISSING: _(
            "%(domain)s has no DMARC record. Publish a TXT record at _dmarc.%(domain)s, to begin "
            "with “v=DMARC1; p=none”."
        ),
        Verdict.TWICE: _("%(domain)s has more than one DMARC record. Keep one."),
        Verdict.BROKEN: _(
            "The DMARC record of %(domain)s names no policy. Add p=none, p=quarantine or p=reject."
        ),
    },
}
"""Record → verdict → what to say; what is not here is right, or was not answered."""


def sends_real_mail(campaign: Campaign) -> bool:
    """Whether e-mails of this campaign leave the house."""
    return sends_mail(campaign) and not settings.INBOX


@check(
    "channels",
    _("Mail servers can tell that our mail is ours"),
    fits=sends_real_mail,
    severity=None,
    look="domain",
)
def domain_is_trusted(campaign: Campaign) -> Iterator[Finding]:
    found, fix = seen(campaign, "domain"), reverse("team:general")
    if found is None or found["domain"] != sending_domain():
        yield Finding(
            _("The records of the sending domain are being looked at. Come back in a minute."),
            fix,
            Severity.WARN,
        )
        return
    params = {"domain": found["domain"], "selectors": ", ".join(selectors())}
    for record, texts in RECORDS.items():
        verdict = Verdict(found[record])
        if verdict in texts:
            may_be_elsewhere = verdict is Verdict.NOT_FOUND
            severity = Severity.WARN if may_be_elsewhere else Severity.BLOCK
            yield Finding(texts[verdict], fix, severity, params, about=found["domain"])
    unanswered = [record for record in RECORDS if found[record] == Verdict.UNANSWERED]
    if unanswered:
        yield Finding(
            _(
                "%(records)s of %(domain)s could not be checked: no name server answers. See that "
                "this machine reaches one; it is asked again every ten minutes."
            ),
            fix,
            Severity.WARN,
            {**params, "records": ", ".join(record.upper() for record in unanswered)},
        )


@check(
    "channels",
    _("The messages leave in time"),
    fits=sends_something,
    severity=Severity.WARN,
    look="audience",
    estimates=True,
)
def messages_leave_in_time(campaign: Campaign) -> Iterator[Finding]:
    found = seen(campaign, "audience") or {}
    speed = found.get("per_second") or ASSUMED_PER_CONNECTION * settings.SENDER_CONNECTIONS
    workspace = Workspace.here()
    last = datetime.combine(campaign.ends + timedelta(days=1), time.min, workspace.zone)
    first = datetime.combine(campaign.starts, time.min, workspace.zone)
    language = get_language() or "en"
    for send in _waiting(campaign):
        people = _people_of(send, found)
        start = (send.starts_at or max(first, timezone.now())).astimezone(workspace.zone)
        left = open_for(start, workspace.quiet_from, workspace.quiet_until, last).total_seconds()
        if people / speed > left:
            yield Finding(
                _(
                    "“%(name)s” goes to %(people)s people. At %(speed)s messages a second that "
                    "takes %(needs)s hours, but the quiet hours or the end come after %(left)s. "
                    "Begin earlier, or divide it."
                ),
                reverse("channels:review", args=[send.pk]),
                Severity.WARN,
                {
                    "name": send.name,
                    "people": formats.number(people, language),
                    "speed": formats.number(speed, language, digits=1),
                    "needs": formats.number(people / speed / 3600, language, digits=1),
                    "left": formats.number(left / 3600, language, digits=1),
                },
            )


def _people_of(send: Send, found: dict[str, Any]) -> int:
    """How many get it: as looked at, or as its segment was counted last."""
    if f"sends:{send.public_id}" in found.get("people", {}):
        return int(found["people"][f"sends:{send.public_id}"])
    if send.segment is None:
        return 0
    return int(send.segment.last_reachable.get(send.channel) or send.segment.last_count or 0)


@check(
    "audience",
    _("Other campaigns leave its people alone on these days"),
    fits=sends_something,
    severity=Severity.WARN,
    dials=(_SHARED,),
    look="audience",
)
def people_are_its_own(campaign: Campaign) -> Iterator[Finding]:
    language = get_language() or "en"
    for one in (seen(campaign, "audience") or {}).get("overlaps", ()):
        if one["share"] >= float(dial(campaign, "audience.people_are_its_own", _SHARED.name)):
            yield Finding(
                _(
                    "%(people)s people of “%(name)s” (%(share)s) also get a message of "
                    "“%(campaign)s” around %(day)s. Move one of the two, or accept it."
                ),
                reverse("plan:calendar") + f"?day={one['day']}",
                Severity.WARN,
                {
                    "people": formats.number(one["people"], language),
                    "name": one["title"],
                    "share": formats.percent(one["share"], language, digits=0),
                    "campaign": one["campaign"],
                    "day": one["day"],
                },
                about=f"{one['title']} / {one['campaign']}",
                one=_(
                    "One person of “%(name)s” (%(share)s) also gets a message of “%(campaign)s” "
                    "around %(day)s. Move one of the two, or accept it."
                ),
                count=one["people"],
            )


@check(
    "content",
    _("Everybody can read the e-mail in their language"),
    fits=sends_something,
    dials=(_READERS,),
    look="audience",
)
def speaks_their_languages(campaign: Campaign) -> Iterator[Finding]:
    counted = (seen(campaign, "audience") or {}).get("languages", {})
    spoken: dict[int, set[str]] = {}
    rows = Variant.objects.filter(send__in=_waiting(campaign))
    for number, code in rows.values_list("send", "email__language"):
        spoken.setdefault(number, set()).add(reads(code))
    language = get_language() or "en"
    for send in _waiting(campaign):
        readers: Counter[str] = Counter()
        for code, count in counted.get(f"sends:{send.public_id}", {}).items():
            readers[reads(code)] += count
        for code, count in readers.most_common():
            least = float(dial(campaign, "content.speaks_their_languages", _READERS.name))
            is_told = not code or code in spoken.get(send.pk, {code})
            if not is_told and count >= least * readers.total():
                yield Finding(
                    _(
                        "%(people)s people of “%(name)s” read %(language)s, and it has no e-mail "
                        "in that language. Write one and add it as a variant for them."
                    ),
                    reverse("channels:review", args=[send.pk]),
                    params={
                        "people": formats.number(count, language),
                        "name": send.name,
                        "language": _language(code, language),
                    },
                    about=code,
                    one=_(
                        "One person of “%(name)s” reads %(language)s, and it has no e-mail in that "
                        "language. Write one and add it as a variant for them."
                    ),
                    count=count,
                )


def _language(code: str, reader: str) -> str:
    """What a language is called."""
    if code in dict(settings.LANGUAGES):
        return formats.language_name(code)
    return str(Locale.parse(formats.style(reader).locale).languages.get(code, code))
