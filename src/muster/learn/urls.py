"""Addresses of learning: the retrospective of a campaign, and the library."""

from __future__ import annotations

from django.urls import path

from muster.learn.retros import views as retros

app_name = "learn"
urlpatterns = [
    path("library", retros.library, name="library"),
    path("c/<cmp:campaign_id>/retro", retros.retro_page, name="retro"),
    path("c/<cmp:campaign_id>/retro/cards", retros.add_card, name="add_card"),
    path("c/<cmp:campaign_id>/retro/cards/<crd:card_id>", retros.edit_card, name="card"),
    path(
        "c/<cmp:campaign_id>/retro/cards/<crd:card_id>/remove",
        retros.remove_card,
        name="remove_card",
    ),
    path("c/<cmp:campaign_id>/retro/judge", retros.judge, name="judge"),
    path("c/<cmp:campaign_id>/retro/complete", retros.complete, name="complete"),
]
