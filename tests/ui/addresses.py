"""Addresses that refuse, break and answer, for the tests of the frame."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from muster.kit.errors import Forbidden, Invalid, NotFound, Problem, Refused


def refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("This send needs %(n)s approvals.", code="needs_approvals", n=2)


def refuse_input(request: HttpRequest) -> HttpResponse:
    raise Invalid(
        errors=[
            Problem(
                "row 12, column email",
                "bad_address",
                "%(address)s is no address.",
                {"address": "<wang@"},
            ),
            Problem("row 13", "empty", "The row is empty."),
        ]
    )


def forbid(request: HttpRequest) -> HttpResponse:
    raise Forbidden


def lose(request: HttpRequest) -> HttpResponse:
    raise NotFound


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


def bell(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/components/bell.html")


def live(request: HttpRequest) -> HttpResponse:
    """Nothing is news here; the browser asks again in a minute."""
    return HttpResponse("retry: 60000\n\n", content_type="text/event-stream")


urlpatterns = [
    path("notices/bell", bell),
    path("live", live),
    path("", include("muster.ui.urls")),
    path("refuse", refuse),
    path("refuse-input", refuse_input),
    path("forbid", forbid),
    path("lose", lose),
    path("fail", fail),
]
handler404 = "muster.ui.views.not_found"
handler500 = "muster.ui.views.broken"
