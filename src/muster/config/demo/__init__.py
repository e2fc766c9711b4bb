"""The sample workspace: invented people live through campaigns, by the real engine, seeded.

Nothing here writes results: people are imported, mails are sent to the built-in inbox, opens,
clicks, visits and orders come in as events, and every number on the pages is computed from them.
"""
