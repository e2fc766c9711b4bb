"""What events are called in front of people (PE1)."""

from __future__ import annotations

from muster.events import names
from muster.kit.words import _

EVENTS = {
    names.PRODUCT_VIEWED: _("Looked at a product"),
    names.PRODUCT_ADDED: _("Put a product into the cart"),
    names.CHECKOUT_STARTED: _("Began to check out"),
    names.ORDER_COMPLETED: _("Ordered"),
    names.ORDER_REPEATED: _("An order was reported again"),
    names.ORDER_REFUNDED: _("Got money back"),
    names.ORDER_UPDATED: _("An order was changed"),
    names.ORDER_SHIPPED: _("An order was shipped"),
    names.ORDER_CANCELLED: _("An order was cancelled"),
    names.PRODUCT_REMOVED: _("Took a product out of the cart"),
    names.CART_VIEWED: _("Looked at the cart"),
    names.CART_ABANDONED: _("Left the cart behind"),
    names.TICKET_OPENED: _("Asked the service for help"),
    names.TICKET_ANSWERED: _("Got an answer from the service"),
    names.TICKET_CLOSED: _("A service request was closed"),
    names.TICKET_RATED: _("Rated the service"),
    names.DEAL_CREATED: _("A deal was begun"),
    names.DEAL_STAGE_CHANGED: _("A deal reached another stage"),
    names.DEAL_WON: _("A deal was won"),
    names.DEAL_LOST: _("A deal was lost"),
    names.LEAD_CREATED: _("Became a lead"),
    names.LEAD_SCORED: _("The lead score changed what they are"),
    names.LEAD_HANDED_OVER: _("Was handed over to sales"),
    names.LEAD_STAGE_CHANGED: _("The lead reached another stage"),
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
    names.CONSENT_RETRACTED: _("What was said on consent was taken back"),
    names.PERSON_TAGGED: _("Was tagged"),
    names.PERSON_UNTAGGED: _("Lost a tag"),
    names.PERSON_MERGED: _("Was merged with another person"),
    names.PERSON_UNMERGED: _("Was told apart again"),
    "Form Submitted": _("Submitted a form"),
    names.PAGE_VIEWED: _("Visited a page"),
    names.SCREEN_VIEWED: _("Visited a screen"),
    names.PAGE_LEFT: _("Left a page"),
    names.ELEMENT_CLICKED: _("Clicked on a page"),
    names.SHORT_LINK_FOLLOWED: _("Followed a short link"),
    names.CODE_SCANNED: _("Scanned a code"),
    names.PROFILE_UPDATED: _("Profile was updated"),
    names.ALIAS_MADE: _("Was recognised as the same person"),
    names.GROUP_JOINED: _("Joined a group"),
}
"""Event → how the time line says it; others keep their own name."""

STAGES = {
    "new": _("New lead"),
    "accepted": _("Taken on"),
    "working": _("In contact"),
    "qualified": _("Sales opportunity"),
    "won": _("Won"),
    "lost": _("Lost"),
    "recycled": _("Given back"),
}
"""Stage of a lead → how the time line says it."""
