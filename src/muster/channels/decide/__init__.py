"""Deciding (CH8): one ordered list of reasons not to send, asked before and during a send."""
