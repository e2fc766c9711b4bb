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
