"""Signing in: nobody signs up by themselves, colleagues are invited."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from set-up and invitations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
