"""Addresses of the border."""

from django.urls import path

from entrepot.domains.customs.views import changes, codes, imports, screening, tariffs

app_name = "customs"
urlpatterns = [
    path("tariffs/", tariffs.tariff_page, name="tariffs"),
    path("tariffs/<str:code>/", tariffs.code_page, name="code"),
    path("codes/", codes.queue, name="codes"),
    path("codes/choose/", codes.choose, name="choose"),
    path("codes/refuse/", codes.refuse, name="refuse"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<slug:name>/<int:pk>/", changes.periods, name="periods"),
    path("imports/", imports.run_list, name="runs"),
    path("imports/new/", imports.upload, name="upload"),
    path("imports/<int:run_id>/", imports.run_page, name="run"),
    path("imports/<int:run_id>/progress/", imports.progress, name="progress"),
    path("imports/<int:run_id>/report.json", imports.report, name="report"),
    path("imports/<int:run_id>/problems.csv", imports.problems, name="problems"),
    path("screening/", screening.page, name="screening"),
    path("screening/upload/", screening.upload, name="screening_upload"),
]
