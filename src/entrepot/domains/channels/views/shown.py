"""A report in the reader's words: codes become texts, figures get their separators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from entrepot.domains.channels.forms import MEASURES, OUTCOMES, REASONS, STAGES, word
from entrepot.kernel.issue import ISSUES

CONTROLS: dict[str, str | Promise] = {
    "lines": gettext_lazy("Lines"),
    "amount": gettext_lazy("Sum of quantity × unit price"),
    "cancelled_amount": gettext_lazy("Of it on C-invoices"),
    "cancelled_invoices": gettext_lazy("C-invoices"),
    "invoices": gettext_lazy("Invoices"),
    "stock_codes": gettext_lazy("Stock codes"),
    "customers": gettext_lazy("Customers"),
    "countries": gettext_lazy("Countries as written"),
    "duplicates": gettext_lazy("Repeated lines"),
    "without_customer": gettext_lazy("Lines without a customer"),
    "without_description": gettext_lazy("Lines without a description"),
    "negative_quantities": gettext_lazy("Lines with a negative quantity"),
}
INVOICE_TYPES: dict[str, str | Promise] = {
    "sale": gettext_lazy("Invoices"),
    "cancellation": gettext_lazy("C-invoices"),
    "adjustment": gettext_lazy("A-invoices"),
}
ASSUMED: dict[str, str | Promise] = {
    "weight": gettext_lazy("Weight"),
    "size": gettext_lazy("Size"),
    "hs": gettext_lazy("HS code"),
    "origin": gettext_lazy("Origin"),
    "cost": gettext_lazy("Cost"),
}
PROFIT: dict[str, str | Promise] = {
    "revenue": gettext_lazy("Revenue"),
    "cogs": gettext_lazy("Cost of goods"),
    "freight": gettext_lazy("Freight"),
    "handling": gettext_lazy("Handling"),
    "channel_fee": gettext_lazy("Channel fees"),
    "payment_fee": gettext_lazy("Payment fees"),
    "duty": gettext_lazy("Duty"),
    "import_tax": gettext_lazy("Import tax"),
    "profit": gettext_lazy("Profit"),
}
SPREAD: dict[str, str | Promise] = {
    "mean": gettext_lazy("Mean"),
    "median": gettext_lazy("Median"),
    "p25": gettext_lazy("Lower quarter"),
    "p75": gettext_lazy("Upper quarter"),
    "p90": gettext_lazy("90th percentile"),
    "least": gettext_lazy("Least"),
    "most": gettext_lazy("Most"),
}
NOUGHT = ("0", "0.00", None)
MINUS = "\N{MINUS SIGN}"


def shown_sheet(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a table of goods or stock: rows by what became of them."""
    counts = dict.fromkeys(("added", "changed", "same", "rejected"), 0)
    for row in report["outcomes"]:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + row["lines"]
    return {
        "kind": report["kind"],
        "lines": report["lines"],
        **counts,
        "not_kept": report.get("not_kept", ()),
        "pieces": sum(row["quantity"] for row in report["outcomes"]),
        "outcomes": [
            {
                "name": word(OUTCOMES, row["outcome"]),
                "reason": word(REASONS, row["reason"]) if row["reason"] else "",
                "lines": row["lines"],
                "quantity": row["quantity"],
                "slug": row["outcome"].replace("_", "-"),
            }
            for row in report["outcomes"]
        ],
    }


def shown_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report for its page; sections that this kind of file has not are absent."""
    shown: dict[str, Any] = {
        "kind": report["kind"],
        "currency": report.get("currency", ""),
        "first_day": report.get("first_day"),
        "last_day": report.get("last_day"),
        "lines": report["lines"],
        "orders": report["orders"],
        "outcomes": [_outcome(row) for row in report["outcomes"]],
        "states": report["states"],
        "state_currency": report.get("currency", ""),
        "holds": [{**row, "text": _issue(row["code"])} for row in report["holds"]],
        "profit": _profit(report["profit"]),
        "seconds": [(word(STAGES, name), seconds) for name, seconds in _in_order(report.get("seconds", {}))],
        "total_seconds": round(sum(report.get("seconds", {}).values()), 1),
    }
    if report["kind"] == "online-retail":
        shown["delivery"] = _(
            "The file says nothing of parcels: each is taken to have arrived on the promised day."
        )
    for name, make in _SECTIONS.items():
        if name in report:
            shown[name] = make(report[name])
    return shown


def figure(text: str | int | None) -> str:
    """A figure of the report with separators, all its decimals kept."""
    if text is None:
        return ""
    value = Decimal(str(text))
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{value:,.{places}f}".replace("-", MINUS)


def _outcome(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "slug": row["outcome"].replace("_", "-"),
        "name": word(OUTCOMES, row["outcome"]),
        "reason": word(REASONS, row["reason"]) if row.get("reason") else "",
        "amount": figure(row["amount"]),
        "reasons": [
            {**each, "name": word(REASONS, each["reason"]), "amount": figure(each["amount"])}
            for each in row.get("reasons", [])
        ],
    }


def _issue(code: str) -> str:
    return ISSUES[code].text(get_language() or "en") if code in ISSUES else code


def _profit(row: Mapping[str, Any]) -> dict[str, Any]:
    revenue = row["revenue_minor"]
    return {
        "currency": row["currency"],
        "orders": row["orders"],
        "profit_minor": row["profit_minor"],
        "revenue_minor": revenue,
        "margin_ppm": row["profit_minor"] * 1_000_000 // revenue if revenue else None,
        "rows": [(label, row[f"{name}_minor"]) for name, label in PROFIT.items()],
    }


def _in_order(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(name, seconds[name]) for name in STAGES if name in seconds]


def _controls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": word(CONTROLS, row["name"]),
            "computed": figure(row["computed"]),
            "expected": figure(row["expected"]),
            "difference": figure(row["difference"]),
            "is_right": row["difference"] in NOUGHT,
            "is_known": row["expected"] is not None,
        }
        for row in rows
    ]


def _books(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = ("file", "booked", "waiting", "not_booked", "difference")
    return [
        {
            "name": word(OUTCOMES, row["name"]),
            "is_total": row["name"] == "total",
            "is_right": row["difference"] in NOUGHT,
            **{column: figure(row[column]) for column in columns},
        }
        for row in rows
    ]


def _countries(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "amount": figure(row["amount"]),
            "cells": [
                (word(OUTCOMES, name), row["outcomes"].get(name, {}).get("lines", 0))
                for name in COUNTRY_OUTCOMES
            ],
        }
        for row in rows
    ]


COUNTRY_OUTCOMES = ("order_line", "return", "write_off", "fee", "adjustment", "duplicate", "rejected")


def _types(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **row,
            "key": word(INVOICE_TYPES, row["key"]),
            "outcome": word(OUTCOMES, row["outcome"]),
            "amount": figure(row["amount"]),
        }
        for row in rows
    ]


def _assumptions(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "assumed": [(label, row["assumed"].get(name, 0)) for name, label in ASSUMED.items()],
    }


def _stock(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Assumed opening stock, pieces"), figure(row["opening_pieces"])),
        (_("Articles with assumed opening stock"), figure(row["opening_skus"])),
        (_("Its worth at the assumed cost"), figure(row["opening_worth"])),
        (_("Pieces that came back"), figure(row["returned_pieces"])),
        (_("Pieces found"), figure(row["found_pieces"])),
        (_("Pieces written off"), figure(row["written_off_pieces"])),
        (_("Pieces ordered"), figure(row["sold_pieces"])),
        (_("Pieces left when all are shipped"), figure(row["left_pieces"])),
    ]


def _returns(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("Lines"), figure(row["lines"])),
        (_("Tied to their order"), figure(row["tied"])),
        (_("Tied in part"), figure(row["partly"])),
        (_("No earlier purchase found"), figure(row["untied"])),
        (_("Cancelled on the day of the order"), figure(row["cancellations"])),
        (_("Pieces"), figure(row["pieces"])),
        (_("Of them tied"), figure(row["tied_pieces"])),
        (_("Orders with returns"), figure(row["orders"])),
    ]


def _compared(section: Mapping[str, Any]) -> dict[str, Any]:
    """Spread of theirs, ours and the difference, as table rows."""
    columns = [name for name in ("theirs", "ours", "real", "difference") if name in section]
    rows = [
        (label, [figure(section[column].get(name)) for column in columns])
        for name, label in SPREAD.items()
        if all(section[column].get("count") for column in columns)
    ]
    heads = {"theirs": _("Theirs"), "ours": _("Ours"), "real": _("Real"), "difference": _("Ours − theirs")}
    shown: dict[str, Any] = {"heads": [heads[column] for column in columns], "rows": rows}
    if section.get("arrived"):
        shown["arrived"] = section["arrived"]
        for name in ("theirs_on_time", "ours_on_time"):
            shown[name] = section[name]
            shown[f"{name}_ppm"] = section[name] * 1_000_000 // section["arrived"]
    return shown


FILE_COLUMNS = ("file", "orders", "cancelled", "duplicate", "rejected", "apart", "difference")


def _reconciliation(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "currency": row["currency"],
            "name": word(MEASURES, row["measure"]),
            "is_total": row["measure"] == "total",
            "is_right": row["difference"] in NOUGHT,
            **{column: figure(row[column]) for column in FILE_COLUMNS},
        }
        for row in rows
    ]


def _records(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "currency": row["currency"],
            "name": word(MEASURES, row["measure"]),
            "is_right": row["difference"] in NOUGHT,
            **{column: figure(row[column]) for column in ("file", "records", "difference")},
        }
        for row in rows
    ]


_SECTIONS: dict[str, Callable[[Any], Any]] = {
    "controls": _controls,
    "books": _books,
    "countries": _countries,
    "invoice_types": _types,
    "assumptions": _assumptions,
    "stock": _stock,
    "returns": _returns,
    "freight": _compared,
    "promise": _compared,
    "rounding": lambda row: {name: figure(text) for name, text in row.items()},
    "amounts": lambda rows: rows,
    "compared": lambda count: count,
    "freight_charged": figure,
    "goods": figure,
    "reconciliation": _reconciliation,
    "records": _records,
    "settlements": lambda rows: rows,
    "apart": lambda rows: rows,
    "not_kept": lambda rows: rows,
    "arrivals": lambda row: row,
    "account": lambda row: row,
    "file_kind": lambda name: name,
}
