"""Addresses of the spine."""

from django.urls import path

from entrepot.domains.fulfilment.views import explanation, lookup, papers, runs

app_name = "fulfilment"
urlpatterns = [
    path("", runs.run_list, name="list"),
    path("start/", runs.start, name="start"),
    path("decide/", runs.decide_orders, name="decide_orders"),
    path("runs/<int:run_id>/", runs.run_page, name="run"),
    path("runs/<int:run_id>/progress/", runs.run_progress, name="progress"),
    path("runs/<int:run_id>/stop/", runs.stop, name="stop"),
    path("runs/<int:run_id>/resume/", runs.resume, name="resume"),
    path("landed-cost/", lookup.landed_cost, name="lookup"),
    path("orders/<int:order_id>/papers/", papers.panel, name="papers_panel"),
    path("orders/<int:order_id>/papers/<slug:kind>.pdf", papers.document, name="papers"),
    path("orders/<int:order_id>/papers/<slug:kind>.png", papers.picture, name="papers_picture"),
    path(
        "orders/<int:order_id>/data/<slug:name>.json",
        papers.data_set,
        {"file_format": "json"},
        name="papers_json",
    ),
    path(
        "orders/<int:order_id>/data/<slug:name>.csv",
        papers.data_set,
        {"file_format": "csv"},
        name="papers_csv",
    ),
    path("papers/", papers.start, name="papers_start"),
    path("papers/<int:job_id>/", papers.job_page, name="papers_job"),
    path("papers/<int:job_id>/progress/", papers.job_progress, name="papers_progress"),
    path("papers/<int:job_id>/papers.pdf", papers.job_file, name="papers_file"),
    path("orders/<int:order_id>/explanation/", explanation.explanation, name="explanation"),
]
