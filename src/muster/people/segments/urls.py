"""Addresses of segments."""

from __future__ import annotations

from django.urls import path

from muster.people.segments import views

urlpatterns = [
    path("segments", views.segments, name="segments"),
    path("segments/new", views.add, name="add_segment"),
    path("segments/list", views.add_list, name="add_list"),
    path("segments/<seg:segment_id>/people", views.add_people, name="add_to_list"),
    path("segments/<seg:segment_id>/save", views.save, name="save_segment"),
    path("segments/<seg:segment_id>/discard", views.discard, name="discard_segment"),
    path("segments/<seg:segment_id>/overlap", views.overlap, name="overlap_segment"),
    path("segments/<seg:segment_id>", views.segment, name="segment"),
    path("segments/<seg:segment_id>/write", views.write, name="write_segment"),
    path("segments/<seg:segment_id>/arrange", views.arrange, name="arrange_segment"),
    path("segments/<seg:segment_id>/head", views.head, name="name_segment"),
    path("segments/<seg:segment_id>/paste", views.paste, name="paste_segment"),
    path("segments/<seg:segment_id>/hear", views.hear, name="hear_segment"),
    path("segments/<seg:segment_id>/freeze", views.freeze, name="freeze_segment"),
    path("segments/<seg:segment_id>/copy", views.copy, name="copy_segment"),
    path("segments/<seg:segment_id>/delete", views.delete, name="delete_segment"),
    path("segments/<seg:segment_id>/why", views.why, name="why_segment"),
]
