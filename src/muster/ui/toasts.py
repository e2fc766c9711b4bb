"""Toasts (PF7): what was done, said once, with a way back for ten seconds."""

from __future__ import annotations

import json

from django.http import HttpResponse


def toast(response: HttpResponse, text: str, *, undo: str = "") -> HttpResponse:
    """Let the page say `text` when this answer arrives; `undo` is an address that takes it back."""
    return trigger(response, "toast", {"text": str(text), **({"undo": undo} if undo else {})})


def close_dialog(response: HttpResponse) -> HttpResponse:
    """Close the dialog or drawer that sent this request."""
    return trigger(response, "close-dialog", {})


def trigger(response: HttpResponse, event: str, detail: dict[str, str]) -> HttpResponse:
    """Fire an event in the page when this answer arrives; several events add up."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    events[event] = detail
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
