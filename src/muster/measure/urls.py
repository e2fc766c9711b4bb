"""Addresses of measuring: results of a campaign, and questions over all of them."""

from __future__ import annotations

from django.urls import path

from muster.measure.reports import views as reports
from muster.measure.results import views as results
from muster.measure.web import views as web

app_name = "measure"
urlpatterns = [
    path("c/<cmp:campaign_id>/results", results.results_page, name="results"),
    path("c/<cmp:campaign_id>/results/trace", results.trace_page, name="trace"),
    path("insights", reports.insights, name="insights"),
    path("insights/roi", reports.roi_page, name="roi"),
    path("insights/funnel", reports.funnel_page, name="funnel"),
    path("insights/web", web.web_page, name="web"),
    path("insights/web/why", web.why_page, name="web_why"),
    path("insights/web/heatmap/<path:page>", web.heatmap_page, name="heatmap"),
]
