"""Addresses of content: e-mails, their editor and their preview."""

from __future__ import annotations

from django.urls import path

from muster.content.emails import views

app_name = "content"
urlpatterns = [
    path("content", views.emails, name="content"),
    path("c/<cmp:campaign_id>/content", views.of_campaign, name="campaign"),
    path("emails/new", views.add, name="add"),
    path("emails/<eml:email_id>/edit", views.edit, name="edit"),
    path("emails/<eml:email_id>/head", views.head, name="head"),
    path("emails/<eml:email_id>/arrange", views.arrange, name="arrange"),
    path("emails/<eml:email_id>/blocks/<str:block_id>", views.write_block, name="write_block"),
    path("emails/<eml:email_id>/preview", views.show_preview, name="preview"),
    path("emails/<eml:email_id>/test", views.test, name="test"),
    path("emails/<eml:email_id>/copy", views.copy, name="copy"),
    path("emails/<eml:email_id>/remove", views.remove, name="remove"),
]
