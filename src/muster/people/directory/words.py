"""What events are called in front of people (PE1)."""

from __future__ import annotations

from muster.events import names
from muster.kit.words import _

EVENTS = {
    names.PRODUCT_VIEWED: _("Looked at a product"),
    names.PRODUCT_ADDED: _("Put a product into the cart"),
    names.CHECKOUT_STARTED: _("Began to check out"),
    names.ORDER_COMPLETED: _("Ordered"),
    names.ORDER_REFUNDED: _("Got money back"),
    names.MESSAGE_QUEUED: _("A message was prepared"),
    names.MESSAGE_SENT: _("A message was sent"),
    names.MESSAGE_DELIVERED: _("A message was delivered"),
    names.MESSAGE_OPENED: _("Opened a message"),
    names.MESSAGE_CLICKED: _("Clicked in a message"),
    names.MESSAGE_BOUNCED: _("A message came back"),
    names.MESSAGE_COMPLAINED: _("Complained about a message"),
    names.MESSAGE_FAILED: _("A message could not be sent"),
    names.UNSUBSCRIBED: _("Unsubscribed"),
    names.CONSENT_GIVEN: _("Gave consent"),
    names.CONSENT_WITHDRAWN: _("Withdrew consent"),
    names.PERSON_TAGGED: _("Was tagged"),
    names.PERSON_UNTAGGED: _("Lost a tag"),
    names.PERSON_MERGED: _("Was merged with another person"),
    names.PERSON_UNMERGED: _("Was told apart again"),
    names.PAGE_VIEWED: _("Visited a page"),
    names.SCREEN_VIEWED: _("Visited a screen"),
    names.PROFILE_UPDATED: _("Profile was updated"),
    names.ALIAS_MADE: _("Was recognised as the same person"),
    names.GROUP_JOINED: _("Joined a group"),
}
"""Event → how the time line says it; others keep their own name."""
