"""Reports: the form that orders them, and the mail as it goes out (HTML, plain text, a file)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.core.mail.utils import DNS_NAME
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext, pgettext_lazy

from entrepot.core.exports import as_file
from entrepot.domains.insight.forms.figures import figure, shown
from entrepot.domains.insight.forms.kpis import members
from entrepot.domains.insight.forms.profit import read_state
from entrepot.domains.insight.forms.sheets import (
    kpi_table,
    name_of,
    names_of,
    period_words,
    ranked_rows,
    table,
)
from entrepot.domains.insight.forms.words import DIMENSIONS, MEASURES, STEPS
from entrepot.domains.insight.models import ReportSend, Subscription
from entrepot.domains.insight.queries import kpis, pivot
from entrepot.domains.insight.rules.due import days_told
from entrepot.domains.insight.rules.pivot import waterfall
from entrepot.domains.ledger.queries import minor_units_by_currency

MOST_ROWS, BAR = 30, 100
STATUS = {"good": gettext_lazy("on goal"), "warn": gettext_lazy("just off"), "bad": gettext_lazy("off goal")}


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]
    """What goes out, how often, to whom."""

    members = forms.ModelMultipleChoiceField(
        label=pgettext_lazy("mail", "To"),
        queryset=User.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )

    class Meta:
        model = Subscription
        fields = (
            "name",
            "what",
            "query",
            "every",
            "day",
            "hour",
            "time_zone",
            "language",
            "attachment",
            "members",
        )
        help_texts = {
            "query": gettext_lazy(
                "filters and columns: what follows the question mark in the page's address; empty: as it opens"
            ),
            "day": gettext_lazy("of the week (1 is Monday) or of the month; a short month has its last day"),
        }

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["members"].queryset = members()  # type: ignore[attr-defined]

    def clean_query(self) -> str:
        """Without the question mark and what stands before it."""
        text = str(self.cleaned_data["query"]).strip()
        return text.rpartition("?")[2]

    def clean_time_zone(self) -> str:
        """A zone the clock knows."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone; an example is Asia/Shanghai."))
        return zone

    def clean(self) -> dict[str, Any]:
        """A weekday is 1 to 7."""
        values = super().clean() or {}
        if values.get("every") == Subscription.Every.WEEK and (values.get("day") or 0) > 7:
            self.add_error("day", _("A week has the days 1 to 7."))
        return values


def message(send: ReportSend, on: date) -> EmailMultiAlternatives:
    """The mail of a report that is due on a day, in the report's language. Errors: NoMarts."""
    report = send.subscription
    with override(report.language):
        context, rows = _kpis(report, on) if report.what == Subscription.What.KPIS else _profit(report, on)
        context |= {
            "report": report,
            "title": f"{report.name} · {context['period']}",
            "url": settings.PUBLIC_URL,
        }
        mail = EmailMultiAlternatives(
            subject=context["title"].replace("\n", " "),
            body=render_to_string("insight/mail_report.txt", context),
            to=[send.member.email],
            headers={
                "Message-ID": f"<report-{send.pk}-{send.attempts}@{DNS_NAME}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        mail.attach_alternative(render_to_string("insight/mail_report.html", context), "text/html")
        if report.attachment:
            file = as_file(rows, report.what, report.attachment, sheet=context["heading"])
            content = b"".join(file.streaming_content)  # type: ignore[attr-defined]
            mail.attach(
                f"{report.what}-{on:%Y%m%d}.{report.attachment}", content, file.headers["Content-Type"]
            )
    return mail


def due_day(send: ReportSend, today: date) -> date:
    """The day a mail's period is named by; today for one that was sent out of turn."""
    try:
        return date.fromisoformat(send.period)
    except ValueError:
        return today


def _kpis(report: Subscription, on: date) -> tuple[dict[str, Any], Any]:
    data = QueryDict(report.query)
    last = days_told(report.every, on)[1].replace(day=1)
    count = int(data["n"]) if data.get("n", "") in ("1", "3", "12") else 1
    view = kpis.View(last, count, data.get("market", "")[:64], data.get("channel", "")[:64])
    currency = pivot.books_currency()
    digits = minor_units_by_currency().get(currency, 2)
    rows = [
        [
            ("\N{NO-BREAK SPACE}" * 4 * one.level) + name_of(one.kpi),
            figure(one.kpi.unit, one.value, digits, currency),
            _percent(one.change_ppm),
            figure(one.kpi.unit, one.goal, digits, currency),
            str(STATUS.get(one.status, "")),
        ]
        for one in kpis.kpi_tree(view)
        if one.value is not None or one.goal is not None
    ]
    heads = [_("KPI"), pgettext("kpi", "Value"), _("Against the period before"), _("Goal"), _("Status")]
    context = {"heading": _("KPIs"), "period": period_words(view), "heads": heads, "rows": rows, "bars": [],
               "path": f"/insight/?month={last:%Y-%m}&n={count}"}  # fmt: skip
    return context, kpi_table(view)


def _profit(report: Subscription, on: date) -> tuple[dict[str, Any], Any]:
    first, last = days_told(report.every, on)
    state = read_state(QueryDict(report.query), (first, last))
    state = replace(state, question=replace(state.question, first=first, last=last, column=""))
    found = pivot.pivot(state.question)
    currency = pivot.books_currency()
    digits = minor_units_by_currency().get(currency, 2)
    names, ranked = names_of(state, found.rows), ranked_rows(found, state)
    rows = [
        [" · ".join(names.of(name, code) for name, code in zip(state.question.rows, key, strict=True))]
        + [shown(name, sums.measure(name), digits) for name in state.measures]
        for key, sums in ranked[:MOST_ROWS]
    ]
    rows.append([_("All"), *(shown(name, found.total.measure(name), digits) for name in state.measures)])
    heads = [
        " · ".join(str(DIMENSIONS[name]) for name in state.question.rows),
        *(str(MEASURES[name]) for name in state.measures),
    ]
    context = {
        "heading": _("Profit"), "period": _days(first, last), "heads": heads, "rows": rows,
        "bars": _bars(found.total, digits),
        "currency": currency, "left": max(len(ranked) - MOST_ROWS, 0), "path": f"/insight/profit/?{state.query}",
    }  # fmt: skip
    return context, table(state)


def _bars(total: Any, digits: int) -> list[dict[str, Any]]:
    """From price to profit as bars, the longest of the whole width (per cent)."""
    steps = waterfall(total)
    most = max((abs(amount) for _name, amount, _is_level in steps), default=0) or 1
    return [
        {"label": str(STEPS[name]), "text": figure("money", amount, digits), "width": abs(amount) * BAR // most,
         "colour": "#1f6fb2" if is_level else "#c4553b" if amount < 0 else "#2e8b57"}
        for name, amount, is_level in steps
    ]  # fmt: skip


def _percent(ppm: int | None) -> str:
    return "" if ppm is None else ("+" if ppm > 0 else "") + figure("ppm", ppm, 2)


def _days(first: date, last: date) -> str:
    words = [date_format(day, "Y-m-d") for day in (first, last)]
    return words[0] if first == last else " – ".join(words)
