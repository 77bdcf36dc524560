"""Pages of tokens, webhooks and jobs: secrets are shown once, people see what failed and can put it right."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from entrepot.core import jobboard, webhooks
from entrepot.core.models import ApiToken, JobLog, WebhookEndpoint
from tests.callers import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_ada(ada: Any, client: Client) -> Client:
    client.force_login(ada)
    return client


def end(job_id: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
        cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job_id])


def test_a_token_is_made_on_the_page_shown_once_and_revoked(as_ada: Client):
    given = {"name": "Warehouse scale", "lives": "30", "per_minute": "60", "scopes": ["orders.view"]}

    shown = as_ada.post("/integration/tokens/add/", given)

    text = shown.context["secret"]
    assert as_ada.get("/integration/tokens/").status_code == 200  # not used yet
    assert text in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store"
    assert Caller(text).get("/orders").status_code == 200
    listed = as_ada.get("/integration/tokens/").content.decode()
    assert "Warehouse scale" in listed
    assert text not in listed
    as_ada.post(f"/integration/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert Caller(text).get("/orders").status_code == 401


def test_a_token_without_a_scope_or_with_a_strange_one_is_not_made(as_ada: Client):
    for scopes in ([], ["moon.view"]):
        given = {"name": "x", "lives": "", "per_minute": "60", "scopes": scopes}
        assert as_ada.post("/integration/tokens/add/", given).status_code == 200
    assert ApiToken.objects.count() == 0


def test_keys_of_the_house_are_the_owners(client: Client, make_user: Any, bo: Any):
    client.force_login(make_user("mo", "manager"))
    assert client.get("/integration/tokens/").status_code == 200
    assert client.get("/integration/tokens/add/").status_code == 403
    client.force_login(bo)
    assert client.get("/integration/tokens/").status_code == 403
    assert client.get("/integration/jobs/").status_code == 200
    assert client.post("/integration/jobs/1/retry/").status_code == 403


def test_a_webhook_is_added_tested_and_its_delivery_read(as_ada: Client):
    refused = as_ada.post("/integration/webhooks/add/", {"name": "x", "url": "http://127.0.0.1/"})
    assert "private" in refused.content.decode()
    given = {"name": "ERP", "url": "https://erp.example/h", "events": ["orders.shipped"]}
    secret = as_ada.post("/integration/webhooks/add/", given).context["secret"]
    endpoint = WebhookEndpoint.objects.get()
    assert secret.startswith("whsec_")

    as_ada.post(f"/integration/webhooks/{endpoint.pk}/test/")
    delivery = webhooks.list_deliveries().get()

    for page in (
        "webhooks/",
        f"webhooks/{endpoint.pk}/",
        "deliveries/?state=waiting",
        f"deliveries/{delivery.pk}/",
    ):
        text = as_ada.get(f"/integration/{page}").content.decode()
        assert "ERP" in text
        assert secret not in text
    assert as_ada.post("/integration/deliveries/replay/", {"ids": [delivery.pk, "x"]}).status_code == 302
    as_ada.post(f"/integration/webhooks/{endpoint.pk}/off/")
    assert not WebhookEndpoint.objects.get().is_active


def test_a_failed_job_is_seen_at_home_read_and_run_again(as_ada: Client):
    job_id = app.configure_task("fulfilment.work_run").defer(run_id=1)
    end(job_id, "failed")
    JobLog.objects.create(job_id=job_id, level="ERROR", text="Traceback: no such <luck>")

    assert "1 job failed" in as_ada.get("/").content.decode()
    page = as_ada.get(f"/integration/jobs/{job_id}/").content.decode()
    assert "no such &lt;luck&gt;" in page
    as_ada.post(f"/integration/jobs/{job_id}/retry/")

    again = ProcrastinateJob.objects.latest("pk")
    assert (again.pk > job_id, again.status, again.args) == (True, "todo", {"run_id": 1})


def test_a_waiting_job_is_cancelled_and_no_work_is_asked_for_twice(as_ada: Client):
    job_id = app.configure_task("core.tidy_up", queueing_lock="core.tidy_up").defer(timestamp=0)
    as_ada.post(f"/integration/jobs/{job_id}/cancel/")
    assert ProcrastinateJob.objects.get(pk=job_id).status == "cancelled"
    assert jobboard.retry_job(job_id, None)
    assert not jobboard.retry_job(job_id, None)


def test_the_list_asks_as_much_for_many_jobs_as_for_one(as_ada: Client):
    app.configure_task("fulfilment.work_run").defer(run_id=1)
    as_ada.get("/integration/jobs/")
    with CaptureQueriesContext(connection) as one:
        as_ada.get("/integration/jobs/")
    for run_id in range(2, 12):
        app.configure_task("fulfilment.work_run").defer(run_id=run_id)
    with CaptureQueriesContext(connection) as many:
        as_ada.get("/integration/jobs/")
    assert len(many) == len(one)


def test_the_schedule_tells_the_next_run(as_ada: Client):
    planned = {one.task: one for one in jobboard.planned_tasks()}
    assert planned["core.deliver_events"].queueing_lock == "core.deliver_events"
    assert "core.send_webhooks" in as_ada.get("/integration/jobs/schedule/").content.decode()


def test_the_page_about_the_api_comes_from_this_house_only(as_ada: Client):
    page = as_ada.get("/integration/api/")
    text = page.content.decode()
    assert "http" not in text.replace("http-equiv", "")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
