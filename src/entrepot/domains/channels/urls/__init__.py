"""Addresses of the import pages."""

from django.urls import path

from entrepot.domains.channels.views import columns, listing, money, reports, running

app_name = "channels"
urlpatterns = [
    path("", listing.import_list, name="list"),
    path("settlements/", money.settlements, name="settlements"),
    path("settlements/<int:settlement_id>/", money.settlement, name="settlement"),
    path("new/", listing.upload, name="upload"),
    path("profiles/<int:profile_id>/delete/", listing.delete_profile, name="delete_profile"),
    path("<int:run_id>/", running.import_page, name="detail"),
    path("<int:run_id>/progress/", running.progress, name="progress"),
    path("<int:run_id>/stop/", running.stop, name="stop"),
    path("<int:run_id>/resume/", running.resume, name="resume"),
    path("<int:run_id>/columns/", columns.columns, name="columns"),
    path("<int:run_id>/columns/check/", columns.check, name="check"),
    path("<int:run_id>/columns/problems.csv", columns.problems, name="problems"),
    path("<int:run_id>/charts/<slug:name>.json", reports.chart, name="chart"),
    path("<int:run_id>/report.json", reports.report_json, name="report"),
    path("<int:run_id>/rejects.csv", reports.rejects, name="rejects"),
    path("<int:run_id>/lines/<slug:outcome>.csv", reports.lines, name="lines"),
]
