"""An import rule in words: to which value it holds, what it asks, and on what the tax stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from entrepot.domains.ledger.queries import minor_units_by_currency
from entrepot.kernel.money import to_major

BASES = {
    "PRICE": gettext_lazy("price and carriage charged, with duties charged on"),
    "GOODS": gettext_lazy("goods"),
    "CV": gettext_lazy("customs value"),
    "CV+D": gettext_lazy("customs value and duties"),
    "CV+D+T": gettext_lazy("customs value, duties and carriage to the door"),
    "INSIDE": gettext_lazy("customs value and duties, the tax inside"),
}
MEASURES = {
    "goods": gettext_lazy("value of the goods"),
    "item": gettext_lazy("value of a piece"),
    "cif": gettext_lazy("goods, freight and insurance"),
    "retail60": gettext_lazy("60 % of the retail price"),
}


def rule_in_words(rules: Sequence[dict[str, Any]], way: dict[str, Any] | None) -> list[str]:
    """What the import rule of a way says, a sentence each; nothing where no border is crossed.

    Shapes: rules as cited, way one traced row of a priced way or quote.
    """
    rule = next((rule for rule in rules if rule["table"] == "import_rules"), None)
    if rule is None or way is None:
        return []
    return [*_limits(rule), *_duty(rule, way), *_tax(rule, way)]


def _limits(rule: dict[str, Any]) -> Iterator[str]:
    currency = rule["limit_currency"] or rule["currency"]
    measure = MEASURES.get(rule["measured"], rule["measured"])
    words = {"rule": rule["rule"], "measure": measure}
    if rule["max_minor"] is not None:
        limit = {**words, "limit": _money(rule["max_minor"], currency)}
        if rule["max_excluded"]:
            yield _("%(rule)s holds below %(limit)s (%(measure)s).") % limit
        else:
            yield _("%(rule)s holds up to %(limit)s inclusive (%(measure)s).") % limit
    if rule["min_minor"] is not None:
        yield _("%(rule)s holds above %(limit)s (%(measure)s).") % {
            **words,
            "limit": _money(rule["min_minor"], currency),
        }


def _duty(rule: dict[str, Any], way: dict[str, Any]) -> Iterator[str]:
    mode = rule["duty_mode"]
    if mode == "none":
        yield _("No duty.")
    elif mode == "flat":
        lines = way["tariff_lines"]
        yield ngettext(
            "Duty: %(amount)s for each tariff line, %(lines)s line.",
            "Duty: %(amount)s for each tariff line, %(lines)s lines.",
            lines,
        ) % {"amount": _money(rule["flat_duty_minor"], rule["currency"]), "lines": lines}
    if rule["duty_less_minor"]:
        yield _("%(amount)s is taken off the duty.") % {
            "amount": _money(rule["duty_less_minor"], rule["currency"])
        }


def _tax(rule: dict[str, Any], way: dict[str, Any]) -> Iterator[str]:
    if rule["tax_mode"] == "none":
        if rule["buyer_kind"] == "vat":
            yield _("No tax is levied: the buyer has a VAT number and accounts for it (reverse charge).")
        else:
            yield _("No tax is levied.")
        return
    yield _("Tax base: %(base)s.") % {"base": BASES.get(rule["tax_base"], rule["tax_base"])}
    if rule["tax_waived_minor"]:
        yield _("A tax of at most %(amount)s is not levied.") % {
            "amount": _money(rule["tax_waived_minor"], rule["currency"])
        }


def _money(minor: int, currency: str) -> str:
    digits = minor_units_by_currency().get(currency, 2)
    return f"{to_major(minor, digits):,.{digits}f} {currency}"
