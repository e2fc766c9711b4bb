"""Answers of the campaign's pages to a change: say it, offer the way back, let the page refresh."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext

from muster.kit.errors import Invalid
from muster.team.changes.models import Change
from muster.team.changes.offering import way_back
from muster.team.users.models import User
from muster.ui.toasts import toast, trigger

CHANGED = "plan-changed"
"""The event on which the parts of a campaign's page fetch themselves again."""


def said(
    response: HttpResponse, text: str, change: Change | None = None, by: User | None = None
) -> HttpResponse:
    """Say what was done, with a way back where there is one (for `by`, if given), and refresh."""
    undo = way_back(change, by)
    return trigger(toast(response, text, undo=undo), CHANGED, {})


def explain(form: forms.BaseForm, invalid: Invalid) -> None:
    """Put what an action found wrong beside the fields of the form."""
    problems = invalid.errors
    for problem in problems:
        name = problem.at.strip("/").replace("/", "_")
        words = gettext(problem.text)
        text = words % problem.params if problem.params else words
        form.add_error(name if name in form.fields else None, text)
    if not problems:
        form.add_error(None, gettext(invalid.text) % invalid.params)
