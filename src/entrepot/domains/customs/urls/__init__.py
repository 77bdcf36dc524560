"""Addresses of the border."""

from django.urls import path

from entrepot.domains.customs.views import screening

app_name = "customs"
urlpatterns = [
    path("screening/", screening.page, name="screening"),
    path("screening/upload/", screening.upload, name="screening_upload"),
]
