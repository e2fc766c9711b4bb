"""The names of events: one spelling for the whole house (TR1)."""

from __future__ import annotations

from typing import Final

PRODUCT_VIEWED: Final = "Product Viewed"
PRODUCT_ADDED: Final = "Product Added"
CHECKOUT_STARTED: Final = "Checkout Started"
ORDER_COMPLETED: Final = "Order Completed"
ORDER_REPEATED: Final = "Order Repeated"
"""What the warehouse calls a further report of an order, so that it counts once."""
ORDER_REFUNDED: Final = "Order Refunded"
ORDER_UPDATED: Final = "Order Updated"
ORDER_CANCELLED: Final = "Order Cancelled"
ORDER_SHIPPED: Final = "Order Shipped"
PRODUCT_REMOVED: Final = "Product Removed"
CART_VIEWED: Final = "Cart Viewed"
CART_ABANDONED: Final = "Cart Abandoned"

TICKET_OPENED: Final = "Ticket Opened"
TICKET_ANSWERED: Final = "Ticket Answered"
TICKET_CLOSED: Final = "Ticket Closed"
TICKET_RATED: Final = "Ticket Rated"

DEAL_CREATED: Final = "Deal Created"
DEAL_STAGE_CHANGED: Final = "Deal Stage Changed"
DEAL_WON: Final = "Deal Won"
DEAL_LOST: Final = "Deal Lost"

LEAD_CREATED: Final = "Lead Created"
LEAD_SCORED: Final = "Lead Scored"
LEAD_HANDED_OVER: Final = "Lead Handed Over"
LEAD_STAGE_CHANGED: Final = "Lead Stage Changed"

MESSAGE_QUEUED: Final = "Message Queued"
MESSAGE_SENT: Final = "Message Sent"
MESSAGE_DELIVERED: Final = "Message Delivered"
MESSAGE_OPENED: Final = "Message Opened"
MESSAGE_CLICKED: Final = "Message Clicked"
MESSAGE_BOUNCED: Final = "Message Bounced"
MESSAGE_COMPLAINED: Final = "Message Complained"
MESSAGE_FAILED: Final = "Message Failed"

UNSUBSCRIBED: Final = "Unsubscribed"
CONSENT_GIVEN: Final = "Consent Given"
CONSENT_WITHDRAWN: Final = "Consent Withdrawn"
CONSENT_RETRACTED: Final = "Consent Retracted"
"""What was said in somebody's name is taken back: nothing is known of their will again."""
PERSON_TAGGED: Final = "Person Tagged"
PERSON_UNTAGGED: Final = "Person Untagged"
PERSON_ERASED: Final = "Person Erased"
PERSON_MERGED: Final = "Person Merged"
PERSON_UNMERGED: Final = "Person Unmerged"

SEGMENT_ENTERED: Final = "Segment Entered"
SEGMENT_LEFT: Final = "Segment Left"

PAGE_VIEWED: Final = "Page Viewed"
PAGE_LEFT: Final = "Page Left"
ELEMENT_CLICKED: Final = "Element Clicked"
SHORT_LINK_FOLLOWED: Final = "Short Link Followed"
CODE_SCANNED: Final = "Code Scanned"
SCREEN_VIEWED: Final = "Screen Viewed"
PROFILE_UPDATED: Final = "Profile Updated"
GROUP_JOINED: Final = "Group Joined"
ALIAS_MADE: Final = "Alias Made"
COST_BOOKED: Final = "Cost Booked"

NAME_OF_CALL: Final = {
    "page": PAGE_VIEWED,
    "screen": SCREEN_VIEWED,
    "identify": PROFILE_UPDATED,
    "group": GROUP_JOINED,
    "alias": ALIAS_MADE,
}
"""What the calls that carry no event name of their own are called in the warehouse."""

OF_MESSAGES: Final = (
    MESSAGE_QUEUED,
    MESSAGE_SENT,
    MESSAGE_DELIVERED,
    MESSAGE_OPENED,
    MESSAGE_CLICKED,
    MESSAGE_BOUNCED,
    MESSAGE_COMPLAINED,
    MESSAGE_FAILED,
    UNSUBSCRIBED,
)
"""Events that belong to one message, and so to one send and one campaign."""

ON_PAGES: Final = (PAGE_VIEWED, SCREEN_VIEWED, PAGE_LEFT, ELEMENT_CLICKED)
"""What the tracker tells of pages: of these, visits are made."""

OF_CARTS: Final = (PRODUCT_ADDED, PRODUCT_REMOVED, CART_VIEWED, CART_ABANDONED, CHECKOUT_STARTED)
OF_ORDERS: Final = (
    ORDER_COMPLETED,
    ORDER_REPEATED,
    ORDER_UPDATED,
    ORDER_SHIPPED,
    ORDER_CANCELLED,
    ORDER_REFUNDED,
)
OF_TICKETS: Final = (TICKET_OPENED, TICKET_ANSWERED, TICKET_CLOSED, TICKET_RATED)
OF_DEALS: Final = (DEAL_CREATED, DEAL_STAGE_CHANGED, DEAL_WON, DEAL_LOST)

OF_LEADS: Final = (LEAD_CREATED, LEAD_SCORED, LEAD_HANDED_OVER, LEAD_STAGE_CHANGED)

CONSENT_EVENTS: Final = (CONSENT_GIVEN, CONSENT_WITHDRAWN, CONSENT_RETRACTED, UNSUBSCRIBED)
PAUSE: Final = "pause"
FREQUENCY: Final = "frequency"
WISHES: Final = (PAUSE, FREQUENCY)
"""Purposes of consent events that allow nothing: until when nothing is to be sent on a channel,
and how often at most."""
TAG_EVENTS: Final = (PERSON_TAGGED, PERSON_UNTAGGED)
MERGE_EVENTS: Final = (PERSON_MERGED, PERSON_UNMERGED)

SAID_BY_US: Final = (
    MESSAGE_QUEUED,
    MESSAGE_SENT,
    MESSAGE_DELIVERED,
    MESSAGE_BOUNCED,
    MESSAGE_FAILED,
    CONSENT_RETRACTED,
    PERSON_TAGGED,
    PERSON_UNTAGGED,
    PERSON_ERASED,
    PERSON_MERGED,
    PERSON_UNMERGED,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    *OF_LEADS,
)
"""What happened to a person without their doing: it does not count as having been seen."""

OURS_ALONE: Final = tuple(
    dict.fromkeys([*OF_MESSAGES, *CONSENT_EVENTS, *SAID_BY_US, SHORT_LINK_FOLLOWED, CODE_SCANNED])
)
"""What only Muster itself can know: write keys are public, so from elsewhere it is mere hearsay."""
