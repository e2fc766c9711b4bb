"""Addresses of the channels: sends, and the pages that people in the market see."""

from __future__ import annotations

from django.urls import path

from muster.channels.preferences import views as preferences
from muster.channels.sending import views as sending

app_name = "channels"
urlpatterns = [
    path("sends", sending.sends, name="sends"),
    path("sends/new", sending.new, name="new"),
    path("sends/release", sending.release, name="release"),
    path("c/<cmp:campaign_id>/sends", sending.of_campaign, name="campaign"),
    path("sends/<snd:send_id>", sending.send, name="send"),
    path("sends/<snd:send_id>/recipients", sending.recipients, name="recipients"),
    path("sends/<snd:send_id>/edit", sending.edit, name="edit"),
    path("sends/<snd:send_id>/remove", sending.remove, name="remove"),
    path("sends/<snd:send_id>/review", sending.show_review, name="review"),
    path("sends/<snd:send_id>/review/people", sending.people, name="people"),
    path("sends/<snd:send_id>/review/why", sending.why_one, name="why"),
    path("sends/<snd:send_id>/preview/<var:variant_id>", sending.preview, name="preview"),
    path("sends/<snd:send_id>/ask", sending.ask, name="ask"),
    path("sends/<snd:send_id>/approve", sending.approve, name="approve"),
    path("sends/<snd:send_id>/back", sending.send_back, name="back"),
    path("sends/<snd:send_id>/start", sending.start, name="start"),
    path("sends/<snd:send_id>/pause", sending.pause, name="pause"),
    path("sends/<snd:send_id>/resume", sending.resume, name="resume"),
    path("sends/<snd:send_id>/stop", sending.stop, name="stop"),
    path("u/<str:token>", preferences.preferences, name="preferences"),
    path("v/<str:token>", preferences.view_message, name="view_message"),
]
