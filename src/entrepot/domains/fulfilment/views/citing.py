"""Rules behind figures, as pages list them: what each states, since when and until when, its source and certainty."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.kernel.money import to_major

Rule = Mapping[str, Any]
TABLES = {
    "import_rules": gettext_lazy("Import rule"),
    "territories": gettext_lazy("Customs territory"),
    "incoterms": gettext_lazy("Terms of delivery"),
    "roundings": gettext_lazy("Rounding"),
    "lanes": gettext_lazy("Lane"),
    "services": gettext_lazy("Service"),
    "surcharges": gettext_lazy("Surcharge"),
    "weighings": gettext_lazy("Weighing rule"),
    "contracts": gettext_lazy("Contract tier"),
    "payment_fees": gettext_lazy("Payment fee"),
    "channel_fees": gettext_lazy("Channel fee"),
    "vat_rates": gettext_lazy("Tax rate"),
    "duty_layers": gettext_lazy("Additional duty"),
    "import_fees": gettext_lazy("Import fee"),
    "rates": gettext_lazy("Rate card"),
    "duty_rates": gettext_lazy("Duty rate"),
    "fx": gettext_lazy("Exchange rate"),
    "warehouses": gettext_lazy("Handling"),
}
APART = ("valid_from", "on", "over_g", "over_minor", "hs_prefix", "fee_category", "reading")


def rules_shown(*parts: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules behind the figures, each once, with figure, version, source and certainty.

    Shapes: the rules of each shipment, as cited; `parts` of a result row are the numbers of the shipments it serves,
    empty where it serves all.
    """
    shown: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number, rules in enumerate(parts, start=1):
        currencies = {rule["service"]: rule["currency"] for rule in rules if rule["table"] == "services"}
        for rule in rules:
            mark = (rule["table"], rule["key"], *(rule.get(name) for name in APART))
            if mark not in shown:
                shown[mark] = _shown(rule, currencies)
            if number not in shown[mark]["parts"]:
                shown[mark]["parts"].append(number)
    for row in shown.values():
        row["parts"] = row["parts"] if len(row["parts"]) < len(parts) else []
    return list(shown.values())


def _shown(rule: Rule, currencies: dict[str, str]) -> dict[str, Any]:
    quoted = rule["table"] == "fx"
    own = rule["table"] == "warehouses"
    return {
        "title": TABLES.get(rule["table"], rule["table"]),
        "table": rule["table"],
        "key": rule["key"],
        "figure": figure(rule, currencies.get(rule.get("service", ""), "")),
        "reading": rule.get("reading", ""),
        "from": rule.get("valid_from") or rule.get("on"),
        "to": rule.get("valid_to"),
        "source": rule.get("source", "")
        or ("ECB" if quoted else _("as entered for the warehouse") if own else ""),
        "status": rule.get("status", "") or ("C" if quoted else ""),
        "parts": [],
    }


def figure(rule: Rule, currency: str = "") -> str:
    """What a rule states, in figures: `32.00 %`, `3.00 EUR per line`, `2.90 % + 0.30 USD`; nothing where no number is.

    currency: of a rate card, whose rows name none.
    """
    written = FIGURES.get(rule["table"])
    if written is not None:
        return written(rule, currency)
    return share(rule["rate_ppm"]) if rule.get("rate_ppm") is not None else ""


def share(ppm: int) -> str:
    """A rate with two decimals, with more where it has more: `19.00 %`, `0.3464 %`."""
    return f"{Decimal(ppm) / 10_000:,.{2 if ppm % 100 == 0 else 4}f} %"


def money(minor: int, currency: str) -> str:
    """An amount with its currency: `1,234.50 EUR`."""
    digits = minor_units_by_currency().get(currency, 2)
    return f"{to_major(minor, digits):,.{digits}f} {currency}"


def _added(*terms: str) -> str:
    return " + ".join(term for term in terms if term)


def _bounded(words: str, least: str, most: str) -> str:
    parts = [words] if words else []
    if least:
        parts.append(_("at least %(amount)s") % {"amount": least})
    if most:
        parts.append(_("at most %(amount)s") % {"amount": most})
    return ", ".join(parts)


def _money(rule: Rule, column: str, currency: str = "") -> str:
    return money(rule[column], rule.get("currency") or currency) if rule.get(column) else ""


def _regime(rule: Rule, _currency: str) -> str:
    """What an import rule states itself: a flat duty, a duty or tax of its own, else to which value it holds."""
    if rule["duty_mode"] == "flat":
        return _("%(amount)s per line") % {"amount": _money(rule, "flat_duty_minor")}
    if rule["duty_mode"] == "fixed":
        less = _money(rule, "duty_less_minor")
        return share(rule["duty_ppm"]) + (f" \N{MINUS SIGN} {less}" if less else "")
    if rule["tax_mode"] == "fixed":
        return share(rule["tax_ppm"])
    if rule["max_minor"] is None:
        return ""
    limit = {"amount": money(rule["max_minor"], rule["limit_currency"] or rule["currency"])}
    return (_("under %(amount)s") if rule["max_excluded"] else _("to %(amount)s")) % limit


PER = {"kg": gettext_lazy("%(amount)s per kg"), "line": gettext_lazy("%(amount)s per line")}


def _border_fee(rule: Rule, _currency: str) -> str:
    """A fee of the border: `2.69 USD`, `2.00 EUR per line`, `0.3464 %, at least 33.58 USD, at most 651.50 USD`."""
    fixed = _money(rule, "fixed_minor")
    if fixed and rule["base"] in PER:
        fixed = str(PER[rule["base"]]) % {"amount": fixed}
    words = _added(share(rule["rate_ppm"]) if rule["rate_ppm"] else "", fixed)
    return _bounded(words, _money(rule, "min_minor"), _money(rule, "max_minor"))


def _payment_fee(rule: Rule, _currency: str) -> str:
    return _added(share(rule["rate_ppm"]), _money(rule, "fixed_minor"))


def _channel_fee(rule: Rule, _currency: str) -> str:
    fixed = _added(*(_money(rule, name) for name in ("carry_minor", "fixed_minor")))
    words = _bounded(_added(share(rule["rate_ppm"]), fixed), _money(rule, "min_minor"), "")
    if rule["over_minor"]:
        words += " (" + _("over %(amount)s") % {"amount": _money(rule, "over_minor")} + ")"
    elif rule["to_minor"]:
        words += " (" + _("to %(amount)s") % {"amount": _money(rule, "to_minor")} + ")"
    return words


def _handling(rule: Rule, _currency: str) -> str:
    piece = _money(rule, "piece_fee_minor")
    return _added(
        _money(rule, "order_fee_minor"), _("%(amount)s per piece") % {"amount": piece} if piece else ""
    )


def _rate_card(rule: Rule, currency: str) -> str:
    step = _money(rule, "step_minor", currency)
    more = f"{step} / {rule['step_g']:,} g" if step and rule["step_g"] else ""
    return _added(_money(rule, "base_minor", currency), more)


def _lane(rule: Rule, _currency: str) -> str:
    days = f"{rule['min_days']}–{rule['max_days']}"
    return ngettext("%(days)s day", "%(days)s days", rule["max_days"]) % {"days": days}


def _tier(rule: Rule, _currency: str) -> str:
    return str(rule["tier"])


def _exchange(rule: Rule, _currency: str) -> str:
    return f"{Decimal(rule['rate_e6']).scaleb(-6).normalize():f}"


def _duty(rule: Rule, _currency: str) -> str:
    """A duty of the tariff, also where it is no plain share of the value: `5.00 % + 1.20 USD/kg, at least 8.00 %`."""
    if not any(
        rule.get(name) for name in ("specific_e4", "floor_ppm", "ceiling_ppm", "floor_e4", "ceiling_e4")
    ):
        return share(rule["rate_ppm"])
    signs = {"greater": _("or, if more,"), "lesser": _("or, if less,")}
    terms = [share(rule["rate_ppm"])] if rule["rate_ppm"] or not rule["specific_e4"] else []
    if rule["specific_e4"]:
        terms.append(_per_unit(rule, rule["specific_e4"]))
    words = f" {signs.get(rule.get('combine', 'sum'), '+')} ".join(terms)
    kinds: tuple[tuple[str, Callable[[int], str]], ...] = (("ppm", share), ("e4", partial(_per_unit, rule)))
    for text, name in ((_("at least %(amount)s"), "floor"), (_("at most %(amount)s"), "ceiling")):
        for unit, told in kinds:
            value = rule.get(f"{name}_{unit}")
            if value is not None:
                words += ", " + text % {"amount": told(value)}
    return words


def _per_unit(rule: Rule, e4: int) -> str:
    currency = rule.get("currency") or ""
    digits = minor_units_by_currency().get(currency, 2)
    return f"{Decimal(e4).scaleb(-4 - digits).normalize():f} {currency}/{rule['unit']}"


FIGURES: dict[str, Callable[[Rule, str], str]] = {
    "import_rules": _regime,
    "import_fees": _border_fee,
    "payment_fees": _payment_fee,
    "channel_fees": _channel_fee,
    "warehouses": _handling,
    "rates": _rate_card,
    "lanes": _lane,
    "contracts": _tier,
    "fx": _exchange,
    "duty_rates": _duty,
    "duty_layers": _duty,
}
