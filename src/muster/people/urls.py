"""Addresses of people: who they are, what they allowed, how they came in."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import path

from muster.people.consent import doors
from muster.people.consent import views as consent
from muster.people.directory import views as directory
from muster.people.identity import views as identity
from muster.people.imports import views as imports
from muster.people.personas import views as personas
from muster.people.quality import views as quality

app_name = "people"
urlpatterns = [
    path("people", directory.people, name="people"),
    path("people/new", directory.new, name="new"),
    path("people/import", imports.begin, name="import"),
    path("people/import/sample.csv", imports.sample, name="sample"),
    path("imports", imports.imports, name="imports"),
    path("imports/<imp:import_id>", imports.one, name="one_import"),
    path("imports/<imp:import_id>/format", imports.reread, name="reread"),
    path("imports/<imp:import_id>/match", imports.match, name="match"),
    path("imports/<imp:import_id>/run", imports.run, name="run_import"),
    path("imports/<imp:import_id>/cancel", imports.cancel, name="cancel_import"),
    path("imports/<imp:import_id>/undo", imports.undo, name="undo_import"),
    path("imports/<imp:import_id>/report", imports.report, name="import_report"),
    path("imports/<imp:import_id>/errors", imports.errors, name="import_errors"),
    path("people/<per:person_id>", directory.person, name="person"),
    path("people/<per:person_id>/timeline", directory.timeline, name="timeline"),
    path("people/<per:person_id>/reveal", directory.reveal, name="reveal"),
    path("people/<per:person_id>/tags", directory.tag, name="tags"),
    path("people/<per:person_id>/erase", directory.erase, name="erase"),
    path("people/<per:person_id>/merge", identity.merge, name="merge"),
    path("people/<per:person_id>/unmerge", identity.unmerge, name="unmerge"),
    path("people/quality", quality.quality, name="quality"),
    path("people/duplicates", identity.likenesses, name="likenesses"),
    path("people/duplicates/search", identity.search, name="search_likenesses"),
    path("people/duplicates/<lik:likeness_id>", identity.likeness, name="likeness"),
    path("people/duplicates/<lik:likeness_id>/decide", identity.decide, name="decide_likeness"),
    path("people/<per:person_id>/consent", consent.change, name="change_consent"),
    path("personas", personas.personas, name="personas"),
    path("personas/new", personas.add, name="add_persona"),
    path("personas/<psn:persona_id>", personas.persona, name="persona"),
    path("personas/<psn:persona_id>/write", personas.write, name="write_persona"),
    path("personas/<psn:persona_id>/numbers", personas.numbers, name="persona_numbers"),
    path("personas/<psn:persona_id>/remove", personas.remove, name="remove_persona"),
    path("people/<per:person_id>/ask", consent.ask, name="ask_consent"),
    path("people/<per:person_id>/access", identity.access, name="access"),
    path("confirm/<str:token>", doors.confirm, name="confirm"),
    path("consent", consent.consent, name="consent"),
    path("consent/suppress", consent.keep_out, name="suppress"),
]
if find_spec("muster.people.segments.urls"):
    urlpatterns += import_module("muster.people.segments.urls").urlpatterns
