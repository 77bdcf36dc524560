"""Addresses of tokens, webhooks, deliveries, jobs and the page about the API."""

from django.urls import path

from entrepot.web.integration import docs, jobs, tokens, webhooks

app_name = "integration"
urlpatterns = [
    path("tokens/", tokens.token_list, name="tokens"),
    path("tokens/add/", tokens.add, name="token_add"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token_revoke"),
    path("webhooks/", webhooks.endpoint_list, name="webhooks"),
    path("webhooks/add/", webhooks.add, name="webhook_add"),
    path("webhooks/<int:endpoint_id>/", webhooks.endpoint_page, name="webhook"),
    path("webhooks/<int:endpoint_id>/<slug:action>/", webhooks.act, name="webhook_act"),
    path("deliveries/", webhooks.delivery_list, name="deliveries"),
    path("deliveries/replay/", webhooks.replay, name="replay"),
    path("deliveries/<int:delivery_id>/", webhooks.delivery_page, name="delivery"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/schedule/", jobs.schedule, name="schedule"),
    path("jobs/<int:job_id>/", jobs.job_page, name="job"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job_retry"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("api/", docs.api_page, name="docs"),
]
