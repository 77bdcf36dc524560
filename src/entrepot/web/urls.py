"""Addresses of the shell."""

from importlib.util import find_spec

from django.urls import include, path
from django.views.i18n import set_language

from entrepot.web import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("language/", set_language, name="set_language"),
    *([path("", include("entrepot.web.home.urls"))] if find_spec("entrepot.web.home") else []),
]
