"""Addresses of people: who they are, what they allowed, how they came in."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.urls import path

from muster.people.accounts import views as accounts
from muster.people.consent import choices, doors
from muster.people.consent import views as consent
from muster.people.directory import views as directory
from muster.people.identity import views as identity
from muster.people.imports import views as imports
from muster.people.leads import settings_views as lead_settings
from muster.people.leads import views as leads
from muster.people.personas import views as personas
from muster.people.quality import views as quality
from muster.people.requests import views as requests

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
    path("imports/<imp:import_id>/afresh", imports.afresh, name="match_afresh"),
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
    path("leads", leads.leads, name="leads"),
    path("leads/costs", leads.lead_costs, name="lead_costs"),
    path("leads/scoring", lead_settings.scoring, name="scoring"),
    path("leads/scoring/preview", lead_settings.preview, name="preview_scoring"),
    path("leads/scoring/switch", lead_settings.switch, name="switch_scoring"),
    path("leads/scoring/run", lead_settings.run, name="score_now"),
    path("leads/handover", lead_settings.handover, name="handover"),
    path("leads/<led:lead_id>", leads.lead, name="lead"),
    path("leads/<led:lead_id>/move", leads.move, name="move_lead"),
    path("leads/<led:lead_id>/note", leads.note, name="note_lead"),
    path("leads/<led:lead_id>/give", leads.give, name="give_lead"),
    path("people/<per:person_id>/lead", leads.add, name="add_lead"),
    path("accounts", accounts.accounts, name="accounts"),
    path("accounts/new", accounts.add, name="add_account"),
    path("accounts/<acc:account_id>", accounts.account, name="account"),
    path("accounts/<acc:account_id>/write", accounts.write, name="write_account"),
    path("accounts/<acc:account_id>/people", accounts.put, name="put_account_person"),
    path("accounts/<acc:account_id>/remove", accounts.remove, name="remove_account"),
    path("people/<per:person_id>/ask", consent.ask, name="ask_consent"),
    path("people/<per:person_id>/access", identity.access, name="access"),
    path("confirm/<str:token>", doors.confirm, name="confirm"),
    path("consent", consent.consent, name="consent"),
    path("consent/suppress", consent.keep_out, name="suppress"),
    path("consent/topics", choices.choices, name="choices"),
    path("consent/topics/add", choices.add_topic, name="add_topic"),
    path("consent/topics/<top:topic_id>", choices.change_topic, name="change_topic"),
    path("consent/topics/<top:topic_id>/remove", choices.remove_topic, name="remove_topic"),
    path("consent/texts", choices.add_text, name="add_text"),
    path("consent/law", choices.law, name="law"),
    path("consent/requests", requests.requests, name="requests"),
    path("consent/requests/<req:request_id>/access", requests.access, name="give_access"),
    path("consent/requests/<req:request_id>/erase", requests.erase, name="erase_asked"),
    path("consent/requests/<req:request_id>/decline", requests.decline, name="decline_request"),
    path("people/<per:person_id>/requests", requests.ask, name="ask_request"),
]
if find_spec("muster.people.segments.urls"):
    urlpatterns += import_module("muster.people.segments.urls").urlpatterns
