"""Addresses of the ledger room."""

from django.urls import path

from entrepot.domains.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.trial_balance, name="list"),
    path("check/", views.check, name="check"),
    path("entries/", views.journal, name="journal"),
    path("entries/<int:entry_id>/", views.entry, name="entry"),
    path("accounts/<slug:code>/", views.account, name="account"),
    path("accounts/<slug:code>/chart.json", views.account_chart, name="account_chart"),
]
