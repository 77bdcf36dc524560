"""Addresses of the lists as files."""

from django.urls import path

from entrepot.web.lists import views

app_name = "lists"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:name>.<str:file_format>", views.export, name="export"),
]
