"""An import rule in words: to which value it holds, what it asks, and on what the tax stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from entrepot.domains.fulfilment.views.citing import figure, share
from entrepot.domains.fulfilment.views.citing import money as _money

BASES = {
    "PRICE": gettext_lazy("price and carriage charged, with duties charged on"),
    "GOODS": gettext_lazy("goods"),
    "CV": gettext_lazy("customs value"),
    "CV+D": gettext_lazy("customs value and duties"),
    "CV+D+T": gettext_lazy("customs value, duties and carriage to the door"),
    "INSIDE": gettext_lazy("customs value and duties, the tax inside"),
}
VALUES = {
    "GOODS": gettext_lazy("goods alone"),
    "FOB": gettext_lazy("FOB, without carriage abroad"),
    "CIF": gettext_lazy("CIF, with freight and insurance"),
}
MEASURES = {
    "goods": gettext_lazy("value of the goods"),
    "item": gettext_lazy("value of a piece"),
    "cif": gettext_lazy("goods, freight and insurance"),
    "retail60": gettext_lazy("60 % of the retail price"),
}
STEPS = {
    "value_step": gettext_lazy("customs value"),
    "duty_base_step": gettext_lazy("value under duty"),
    "duty_step": pgettext_lazy("rounded", "duty"),
    "tax_base_step": gettext_lazy("tax base"),
    "tax_step": pgettext_lazy("rounded", "tax"),
}
ROUNDED = {
    "half_up": gettext_lazy("half up"),
    "half_even": gettext_lazy("half to even"),
    "truncate": gettext_lazy("the rest dropped"),
}


def value_in_words(way: dict[str, Any]) -> str:
    """On what basis customs takes the value of the goods."""
    if way["retail_ppm"]:
        return _("%(share)s of the retail price") % {"share": f"{way['retail_ppm'] / 10_000:g} %"}
    return str(VALUES.get(way["cv_basis"], way["cv_basis"] or ""))


def rule_in_words(rules: Sequence[dict[str, Any]], way: dict[str, Any] | None) -> list[str]:
    """What the import rule of a way says, a sentence each; nothing where no border is crossed.

    Shapes: rules as cited, way one traced row of a priced way or quote.
    """
    rule = next((rule for rule in rules if rule["table"] == "import_rules"), None)
    if rule is None or way is None:
        return []
    profile = next((row for row in rules if row["table"] == "roundings"), None)
    rounding = _rounding(profile, rule) if profile and way["charges_minor"] else []
    return [*_limits(rule), *_duty(rule, way), *_tax(rule, way), *rounding]


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
    if rule.get("beyond"):
        last = rule["beyond"][0]
        names = dict.fromkeys(one["rule"] for one in rule["beyond"] if one["max_minor"] == last["max_minor"])
        ends = _money(last["max_minor"], last["limit_currency"] or last["currency"])
        yield _("%(rule)s holds beyond the limit of %(rules)s, %(limit)s (%(measure)s).") % {
            "rule": rule["rule"], "rules": ", ".join(names), "limit": ends,
            "measure": MEASURES.get(last["measured"], last["measured"]),
        }  # fmt: skip


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
    if rule["duty_collector"] == "sale":
        yield _("Duty is collected at the sale, not at the border.")


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


def _rounding(profile: dict[str, Any], rule: dict[str, Any]) -> Iterator[str]:
    """How figures are rounded: to which step each, where it is coarser than a minor unit, and which way."""
    steps = [
        _("%(what)s to %(step)s") % {"what": label, "step": _money(profile[column], rule["currency"])}
        for column, label in STEPS.items()
        if profile[column] > 1
    ]
    ways = {profile[f"{what}_rounding"] for what in ("value", "duty", "tax")}
    parts = [str(ROUNDED.get(way, way)) for way in sorted(ways)] if len(ways) == 1 else []
    if steps or parts:
        yield _("Rounding: %(steps)s.") % {"steps": ", ".join([*steps, *parts])}


def charges_shown(
    charges: Sequence[dict[str, Any]], rules: Sequence[dict[str, Any]], way: dict[str, Any]
) -> list[dict[str, Any]]:
    """Each charge with its rate in words, the rule that states it and who collects it.

    Shapes: charges and rules of one way, as explained or quoted. Units: minor units of the declaration's currency.
    """
    collector = {"tax": "collector", "fee": "fee_collector"}
    return [
        {
            **charge,
            "rate": _rate(charge, rules, way),
            "rule": _stated_by(charge, way),
            "collector": way[collector.get(charge["kind"], "duty_collector")],
            "has_base": charge["rate_ppm"] is not None and bool(charge["rate_ppm"] or charge["taxable"]),
        }
        for charge in charges
    ]


def _stated_by(charge: dict[str, Any], way: dict[str, Any]) -> str:
    if charge["kind"] != "tax":
        return str(charge["code"])
    return str(way["rule"] if way["tax_mode"] == "fixed" else f"{way['tax_country']} · {charge['code']}")


def _rate(charge: dict[str, Any], rules: Sequence[dict[str, Any]], way: dict[str, Any]) -> str:
    """The rate of a charge as its rule states it, with how often an amount per line falls due."""
    kind, code = charge["kind"], charge["code"]
    table = {"duty": "duty_rates", "layer": "duty_layers", "fee": "import_fees"}.get(kind, "")
    if kind == "duty" and way["duty_mode"] in ("flat", "fixed"):
        table, code = "import_rules", way["rule"]
    named = [rule for rule in rules if rule["table"] == table and code in rule["key"].split(" · ")]
    # one layer may have several rates among the goods of a consignment: the charge's own comes first
    rule = min(named, key=lambda rule: rule.get("rate_ppm") != charge["rate_ppm"], default=None)
    if rule is None:
        return "" if charge["rate_ppm"] is None else share(charge["rate_ppm"])
    words = figure(rule)
    if (kind == "duty" and way["duty_mode"] == "flat") or rule.get("base") == "line":
        words = f"{words} × {way['tariff_lines']}"
    return words
