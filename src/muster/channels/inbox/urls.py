"""Addresses of the built-in inbox."""

from __future__ import annotations

from django.urls import path

from muster.channels.inbox import views

app_name = "inbox"
urlpatterns = [
    path("sink", views.mails, name="mails"),
    path("sink/<str:name>", views.mail, name="mail"),
    path("sink/<str:name>/html", views.html, name="html"),
    path("sink/<str:name>/raw", views.raw, name="raw"),
]
