"""Marks a text for translation where no web framework is known.

The door that shows the text (page, API, command) translates it: here it stays English.
"""


def _(text: str) -> str:
    return text
