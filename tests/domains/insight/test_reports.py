"""Reports by mail through a real SMTP server: due in their own time zone, once a period, tried again when refused."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from entrepot.core import reference
from entrepot.domains.insight import jobs, services
from entrepot.domains.insight.models import ReportSend, Subscription
from entrepot.domains.insight.rules.due import days_told, last_due, next_attempt

MORNING = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai, a Wednesday
pytestmark = pytest.mark.django_db


class Letterbox:
    """A mail server that keeps what it takes; `refuse` answers a message with its text instead."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refuse = ""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def letterbox(settings: Any) -> Iterator[Letterbox]:
    """An SMTP server on this machine, and Django told to send by it."""
    box = Letterbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    server.stop()


@pytest.fixture
def report(trade: dict[int, int], export: Callable[[], Any], ada: Any) -> Subscription:
    """The profit of the month before, to Ada, on the first at eight in Shanghai."""
    export()
    reference.load(["kpis"])
    made = Subscription(
        name="Month", what="profit", every="month", day=1, hour=8, language="en", since=DAY_BEFORE
    )
    return services.save_report(made, [ada], ada)


DAY_BEFORE = MORNING - timedelta(days=1)


def send_at(now: datetime, time_machine: Any) -> int:
    time_machine.move_to(now, tick=False)
    return jobs.send_reports(0)


def test_a_report_goes_out_once_a_period_with_html_text_and_file(
    report: Subscription, letterbox: Letterbox, time_machine: Any
):
    assert send_at(MORNING - timedelta(hours=3), time_machine) == 0
    assert send_at(MORNING, time_machine) == 1
    assert send_at(MORNING + timedelta(minutes=1), time_machine) == 0
    assert send_at(MORNING + timedelta(days=20), time_machine) == 0

    (mail,) = letterbox.taken
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Month · 2026-03-01 – 2026-03-31"
    text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (text, page):
        assert "Profit" in body
        assert "Net sales" in body
    assert "bgcolor" in page
    assert "<script" not in page
    (file,) = mail.iter_attachments()
    assert file.get_filename() == "profit-20260401.xlsx"
    rows = CalamineWorkbook.from_filelike(BytesIO(file.get_content())).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Market", "Name"]
    sent = ReportSend.objects.get()
    assert (sent.state, sent.attempts, sent.period) == ("sent", 1, "2026-04-01")
    assert sent.message_id == mail["Message-ID"]
    assert send_at(datetime(2026, 5, 1, 1, tzinfo=UTC), time_machine) == 1


def test_a_report_speaks_the_readers_language_and_holds_csv(
    report: Subscription, letterbox: Letterbox, time_machine: Any
):
    Subscription.objects.update(what="kpis", language="zh-hans", attachment="csv")

    send_at(MORNING, time_machine)

    (mail,) = letterbox.taken
    assert "利润" in mail.get_body(("html",)).get_content()
    (file,) = mail.iter_attachments()
    assert "margin" in file.get_content()


def test_a_refused_mail_is_tried_again_by_the_schedule_and_given_up(
    report: Subscription, letterbox: Letterbox, time_machine: Any
):
    letterbox.refuse = "451 come back later"
    now = MORNING
    send_at(now, time_machine)
    first = ReportSend.objects.get()
    assert (first.state, first.attempts, first.next_at) == ("waiting", 1, now + timedelta(minutes=1))
    assert "come back later" in first.error
    assert send_at(now + timedelta(seconds=30), time_machine) == 0
    assert ReportSend.objects.get().attempts == 1

    for _again in range(10):
        waiting = ReportSend.objects.get()
        if waiting.state != "waiting":
            break
        send_at(waiting.next_at, time_machine)
    assert (waiting.state, waiting.attempts) == ("failed", 6)

    letterbox.refuse = ""
    assert services.send_again(waiting, None)
    assert send_at(timezone.now() + timedelta(minutes=1), time_machine) == 1
    assert len(letterbox.taken) == 1


def test_no_server_is_an_attempt_like_any_other(report: Subscription, settings: Any, time_machine: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False

    assert send_at(MORNING, time_machine) == 0
    assert ReportSend.objects.get().state == "waiting"
    assert "ConnectionRefusedError" in ReportSend.objects.get().error


def test_a_mail_whose_fate_is_unknown_is_never_sent_twice_by_itself(
    report: Subscription, letterbox: Letterbox, time_machine: Any, monkeypatch: pytest.MonkeyPatch
):
    real = services.record_sent

    def dies(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(services, "record_sent", dies)
    with pytest.raises(KeyboardInterrupt):
        send_at(MORNING, time_machine)
    monkeypatch.setattr(services, "record_sent", real)
    assert ReportSend.objects.get().state == "sending"

    assert send_at(MORNING + timedelta(minutes=5), time_machine) == 0
    assert send_at(MORNING + timedelta(minutes=30), time_machine) == 0
    assert ReportSend.objects.get().state == "unsure"
    assert len(letterbox.taken) == 1


def test_a_line_that_breaks_while_sending_leaves_the_mail_unsure(
    report: Subscription, letterbox: Letterbox, time_machine: Any, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_arguments: Any) -> None:
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.send_messages", breaks)
    send_at(MORNING, time_machine)

    assert ReportSend.objects.get().state == "unsure"


def test_who_lost_the_right_or_left_gets_no_mail(
    report: Subscription, letterbox: Letterbox, time_machine: Any, ada: Any, cy: Any, make_user: Any
):
    gone = make_user("gone", "viewer")
    gone.is_active = False
    gone.save()
    report.members.set([ada, cy, gone])

    assert send_at(MORNING, time_machine) == 1
    assert sorted(ReportSend.objects.values_list("member__username", "state")) == [
        ("ada", "sent"), ("cy", "skipped"), ("gone", "skipped"),
    ]  # fmt: skip


def test_a_paused_report_rests_and_what_was_due_meanwhile_is_not_sent(
    report: Subscription, letterbox: Letterbox, time_machine: Any, ada: Any
):
    services.pause_report(report, ada, is_active=False)
    assert send_at(MORNING, time_machine) == 0

    services.pause_report(report, ada, is_active=True)
    assert send_at(MORNING + timedelta(hours=1), time_machine) == 0
    assert send_at(datetime(2026, 5, 1, 1, tzinfo=UTC), time_machine) == 1


def test_due_days_follow_the_clock_of_the_place():
    def due(every: str, day: int, zone: str, now: datetime) -> tuple[date, datetime]:
        on, at = last_due(every, day, 8, zone, now)
        return on, at.astimezone(UTC)

    assert due("day", 1, "Asia/Shanghai", MORNING) == (date(2026, 4, 1), datetime(2026, 4, 1, 0, tzinfo=UTC))
    assert due("day", 1, "America/New_York", MORNING)[0] == date(2026, 3, 31)
    assert due("week", 3, "Asia/Shanghai", MORNING)[0] == date(2026, 4, 1)
    assert due("week", 4, "Asia/Shanghai", MORNING)[0] == date(2026, 3, 26)
    assert due("month", 31, "UTC", datetime(2026, 3, 1, 12, tzinfo=UTC))[0] == date(2026, 2, 28)
    # the hour before and after clocks go forward
    assert due("day", 1, "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC))[1].hour == 7
    assert due("day", 1, "Europe/Berlin", datetime(2026, 3, 29, 12, tzinfo=UTC))[1].hour == 6
    assert days_told("week", date(2026, 4, 1)) == (date(2026, 3, 25), date(2026, 3, 31))
    assert days_told("month", date(2026, 4, 1)) == (date(2026, 3, 1), date(2026, 3, 31))
    assert next_attempt(6, MORNING) is None


def test_reports_are_ordered_paused_and_deleted_on_the_page(
    report: Subscription, letterbox: Letterbox, ada: Any, cy: Any, client: Client
):
    client.force_login(ada)
    order = {"name": "Days", "what": "kpis", "query": "/insight/?n=3", "every": "day", "day": 1, "hour": 7,
             "time_zone": "Europe/Berlin", "language": "en", "attachment": "", "members": [ada.pk]}  # fmt: skip

    assert client.post("/insight/reports/new/", order).status_code == 302
    made = Subscription.objects.get(name="Days")
    assert (made.query, list(made.members.all()), made.created_by) == ("n=3", [ada], ada)
    wrong = client.post(
        "/insight/reports/new/",
        {**order, "time_zone": "Mars/Base", "members": [cy.pk], "every": "week", "day": 9},
    )
    assert wrong.status_code == 422
    assert "no such time zone" in wrong.content.decode()
    assert Subscription.objects.count() == 2

    client.post(f"/insight/reports/{made.pk}/now/")
    jobs.send_reports(0)
    assert ReportSend.objects.get(subscription=made).state == "sent"
    assert "Days" in client.get("/insight/reports/").content.decode()
    client.post(f"/insight/reports/{made.pk}/pause/")
    made.refresh_from_db()
    assert not made.is_active
    client.post(f"/insight/reports/{made.pk}/delete/")
    assert Subscription.objects.count() == 1
    assert client.post("/insight/reports/mails/99/again/").status_code == 404
