"""Addresses of tracking: short links, codes, and the tags of links."""

from __future__ import annotations

from django.urls import path

from muster.track.links import views as links

app_name = "track"
urlpatterns = [
    path("links", links.links_page, name="links"),
    path("links/new", links.add, name="link_add"),
    path("links/check", links.check_page, name="link_check"),
    path("links/<lnk:link_id>/remove", links.remove, name="link_remove"),
    path("links/<lnk:link_id>/code.<str:kind>", links.code, name="link_code"),
]
