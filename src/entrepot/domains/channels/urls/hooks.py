"""The address at which channels tell us of orders; open to all, each message is judged by its signature."""

from django.urls import path

from entrepot.domains.channels.views import hooks

app_name = "hooks"
urlpatterns = [path("<slug:hook_key>/", hooks.receive, name="receive")]
