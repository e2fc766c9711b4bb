"""Orders, carts, service and CRM on the time line (TR5), sent like any program sends them."""

from __future__ import annotations

import pytest

from muster.events import names
from muster.events.shape import event
from muster.people.directory.timeline import lines_of
from muster.people.directory.words import EVENTS
from muster.people.profile.models import Person

pytestmark = pytest.mark.django_db


def test_what_shops_service_and_crm_send_stands_on_the_time_line(workspace, stores):
    told = [
        (names.PRODUCT_REMOVED, {"products": [{"name": "龙井"}]}, "orders", "龙井"),
        (names.ORDER_CANCELLED, {"order_id": "SO7"}, "orders", "#SO7"),
        (names.TICKET_OPENED, {"subject": "Where is my parcel?"}, "service", "Where is my parcel?"),
        (names.TICKET_RATED, {"rating": 5}, "service", "5"),
        (names.DEAL_STAGE_CHANGED, {"name": "Hotel", "stage": "offer"}, "deals", "offer"),
    ]
    for name, properties, _kind, _detail in told:
        one = event(name, user_id="u1", properties=properties)
        stores.stores.spool.append("key:crm", [one])
    stores.settle()
    person = Person.objects.get()
    found = {line.moment.name: line for line in lines_of(person.pk, clear=True)}
    for name, _properties, kind, detail in told:
        assert found[name].kind.key == kind
        assert found[name].title == EVENTS[name]
        assert detail in found[name].details
    service = lines_of(person.pk, kind="service", clear=True)
    assert {line.moment.name for line in service} == {names.TICKET_OPENED, names.TICKET_RATED}


FORGED = [
    (names.CONSENT_GIVEN, {"channel": "email", "purpose": "marketing"}),
    (names.UNSUBSCRIBED, {}),
    (names.SEGMENT_ENTERED, {"segment": "vip"}),
    (names.MESSAGE_OPENED, {}),
    (names.PERSON_MERGED, {}),
]


def test_what_only_muster_can_know_is_no_fact_when_another_says_it(workspace, stores):
    for name, properties in FORGED:
        one = event(name, user_id="u1", properties=properties)
        stores.stores.spool.append("key:shop", [one])
    stores.settle()
    person = Person.objects.get()
    lines = lines_of(person.pk, clear=True)
    assert {line.title for line in lines} == {name for name, _properties in FORGED}
    assert all(line.details[0] == "reported by shop" for line in lines)
    for kind, count in [("behaviour", len(FORGED)), ("consent", 0), ("messages", 0), ("system", 0)]:
        assert len(lines_of(person.pk, kind=kind, clear=True)) == count
    stores.stores.spool.append("muster", [event(names.CONSENT_GIVEN, person_id=person.pk)])
    stores.settle()
    [ours] = lines_of(person.pk, kind="consent", clear=True)
    assert (ours.title, ours.details) == (EVENTS[names.CONSENT_GIVEN], ())
