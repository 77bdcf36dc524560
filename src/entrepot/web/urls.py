"""Addresses of the shell."""

from django.urls import path
from django.views.i18n import set_language

from entrepot.web import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("language/", set_language, name="set_language"),
]
