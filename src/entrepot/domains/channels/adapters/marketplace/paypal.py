"""PayPal's movements as settlements: one a currency, from the balance it begins with to the one it ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from entrepot.domains.channels.adapters.leftover import watching
from entrepot.domains.channels.adapters.marketplace.cells import Surroundings, to_minor
from entrepot.domains.channels.adapters.marketplace.parsed import (
    FileLine,
    IncomingSettlement,
    ParsedFile,
    Problem,
    SettlementRow,
)
from entrepot.domains.channels.adapters.marketplace.settlement import keep, kind_of
from entrepot.domains.channels.adapters.marketplace.values import Unreadable, moment_of
from entrepot.domains.channels.rules.incoming import to_e4

KIND, PLATFORM = "paypal-transactions", "paypal"
COUNTED = ("S", "V")  # done, and done and taken back by a movement of its own
Data = Mapping[str, Any]


def parse_transactions(document: Data, around: Surroundings) -> ParsedFile:
    """Every movement is a line (its gross) and another for its fee; balances carried are lines of their own.

    The total is what went to the bank. Where PayPal tells the balance after each movement, lines and total agree only
    if no movement is missing; where it does not, what was not paid out is the balance that is carried on.
    """
    out = ParsedFile(KIND, PLATFORM, "settlement", "utf-8", "json")
    period = str(document.get("start_date", ""))[:10], str(document.get("end_date", ""))[:10]
    found: dict[str, list[Data]] = {}
    told = watching(document.get("transaction_details") or (), out.leftovers)
    for row_no, each in enumerate(told, start=1):
        info = each.get("transaction_info") or {} if isinstance(each, dict) else {}
        try:
            _line(out, row_no, info, found, around)
        except (Unreadable, ValueError, ArithmeticError, KeyError, TypeError) as error:
            out.lines.append(FileLine(row_no, "rejected", "value.unreadable"))
            value = f"{info.get('transaction_id', '')} {error}"[:200]
            out.problems.append(Problem(row_no, "amount", value, "value.unreadable"))
    for currency, rows in found.items():
        key = ":".join(filter(None, (str(document.get("account_number") or PLATFORM), *period, currency)))
        out.settlements.append(_settlement(key, currency, rows, around))
    out.currency = out.settlements[0].currency if out.settlements else ""
    return out


def _line(
    out: ParsedFile, row_no: int, info: Data, found: dict[str, list[Data]], around: Surroundings
) -> None:
    amount = info["transaction_amount"]
    currency = str(amount["currency_code"])
    if currency not in around.minor_units:
        raise Unreadable("currency.unknown")
    gross, fee = to_e4(amount["value"]), to_e4((info.get("fee_amount") or {}).get("value") or "0")
    code, order = str(info.get("transaction_event_code", "")), str(info.get("invoice_id") or "")
    if info.get("transaction_status", "S") not in COUNTED:
        out.lines.append(FileLine(row_no, "note", "file.note", currency, 0, 0, order))
        return
    kind = kind_of(PLATFORM, code, "", "")
    keep(out, row_no, kind, (currency, gross + (fee if kind != "transfer" else 0)), order)
    moment = moment_of(str(info.get("transaction_initiation_date", "")), "ymd")
    balance = (info.get("ending_balance") or {}).get("value")
    found.setdefault(currency, []).append(
        {
            "row_no": row_no, "kind": kind, "code": code, "id": str(info.get("transaction_id", "")), "gross": gross,
            "fee": fee, "order": order, "on": moment.date() if moment else None, "at": moment,
            "balance": None if balance is None else to_e4(balance),
        }
    )  # fmt: skip


def _settlement(key: str, currency: str, rows: Sequence[Data], around: Surroundings) -> IncomingSettlement:
    units = around.minor_units[currency]
    days: list[date] = sorted(row["on"] for row in rows if row["on"])
    first, last = (days[0], days[-1]) if days else (None, None)
    settlement = IncomingSettlement(key, currency, start_on=first, end_on=last, paid_on=last)
    for row in rows:
        what = f"{row['code']} {row['id']}".strip()
        settlement.rows.append(_row(row, row["kind"], what, to_minor(row["gross"], units)))
        if row["fee"]:
            settlement.rows.append(_row(row, "fee", f"{what} fee", to_minor(row["fee"], units)))
    paid = -sum(row["gross"] for row in rows if row["kind"] == "transfer")
    settlement.total_minor = to_minor(paid, units)
    begin, end = rows[0], rows[-1]
    if begin["balance"] is not None and end["balance"] is not None:
        carried = begin["balance"] - begin["gross"] - begin["fee"], -end["balance"]
    else:
        carried = 0, paid - sum(row["gross"] + row["fee"] for row in rows if row["kind"] != "transfer")
    for row, what, amount in ((begin, "opening balance", carried[0]), (end, "closing balance", carried[1])):
        if amount:
            settlement.rows.append(_row({**row, "order": ""}, "reserve", what, to_minor(amount, units)))
    return settlement


def _row(row: Data, kind: str, what: str, minor: int) -> SettlementRow:
    return SettlementRow(row["row_no"], kind, what, minor, row["order"], row["id"], "", 0, row["on"])
