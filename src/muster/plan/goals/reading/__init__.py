"""Reads a goal that was written as a sentence, in English or Chinese, by rules alone (PL2).

What cannot be read is shown as it stands; nothing is guessed.
"""
