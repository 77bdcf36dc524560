"""Rate texts of tariffs: Free, ad valorem, specific, compound, mixed, with floor and ceiling, or why they are none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from entrepot.domains.customs.rules.units import PARTS, unit_of

PERCENT = re.compile(r"(?:(\d+)\s+)?(\d[\d,]*(?:\.\d+)?)(?:\s*/\s*(\d+))?\s*(?:%|percent)\s*(.*)", re.I)
DOLLARS = re.compile(r"\$\s*(\d[\d,]*(?:\.\d+)?)\s*(?:/|per\s)?\s*(.*)")
CENTS = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*¢\s*(?:/|per\s)?\s*(.*)")
COINED = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([A-Z]{3})\s*(?:/|per\s)\s*(.*)", re.S)
BARE = re.compile(r"(\d+(?:\.\d+)?)")
WHOLE = ("", "on the entire set", "on the full value of the imported article", "ad val.", "ad valorem")
LEAST = re.compile(r"\s*(?:,|\bbut)?\s*\b(?:not less than|MIN)\b\s*", re.I)
MOST = re.compile(r"\s*(?:,|\bbut)?\s*\b(?:not more than|MAX)\b\s*", re.I)
CHOICE = re.compile(
    r"(.+?)\s+or\s+(.+?),?\s+whichever is (?:the )?(higher|greater|lower|lesser|less)\.?", re.I
)
MONTHS = re.compile(r"\b\d{1,2}\s*[A-Z]{3,}\s*-", re.I)
LEVY = re.compile(r"the (?:duty|rate)(?: of duty)? provided (?:for )?in\s?the applicable subheading", re.I)
ADDED = re.compile(r"(?:\+|plus)\s*(?:a duty of\s*)?(\d+(?:\.\d+)?)\s*%\.?$", re.I)
REASONS = (  # the first that is found in the text says why no rate can be computed from it
    (re.compile(r"entry price", re.I), "entry_price"),
    (re.compile(r"\bEA\b|ADSZ|ADFM"), "agricultural"),
    (re.compile(r"no (?:additional duty|change)\.?$", re.I), "no_change"),
    (LEVY, "on_top"),
    (re.compile(r"provided in such subheading|duty rate provided", re.I), "on_top"),
    (re.compile(r"^see\b|see (?:additional )?u\.s\. note", re.I), "see_note"),
    (re.compile(r"\brate\b.*\b(?:applicable|provided)\b|\brate of duty applicable", re.I), "other_line"),
    (re.compile(r"^a duty\b|fair retail value|cost of such", re.I), "own_base"),
    (re.compile(r"for each degree", re.I), "formula"),
    (re.compile(r"jewel|for each other piece", re.I), "parts"),
    (re.compile(r"^free,", re.I), "conditional"),
)
PART = re.compile(
    r"% (?:on|upon) (?:the )?(?:value|case|movement|strap|battery|apparatus|plates?)|%\s*on the", re.I
)


class NotComputable(ValueError):
    """A rate text no duty can be computed from; `reason` is a code, `added_ppm` what it puts on top of another rate."""

    def __init__(self, reason: str, added_ppm: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.added_ppm = reason, added_ppm


@dataclass(frozen=True)
class Rate:
    """A duty: a share of the customs value, an amount per unit, how both combine, floor and ceiling.

    Units: ppm of the value; e4 are ten-thousandths of a minor unit of `currency` per `unit`.
    """

    rate_ppm: int = 0
    specific_e4: int = 0
    unit: str = ""
    currency: str = ""
    combine: str = "sum"
    floor_ppm: int | None = None
    ceiling_ppm: int | None = None
    floor_e4: int | None = None
    ceiling_e4: int | None = None


FREE = Rate()


def duty_rate(text: str, *, minor_units: int = 2) -> Rate:
    """What a rate text of the US, UK or EU tariff says.

    Units: as in `Rate`; `minor_units` are the decimals of the currency it names.
    Errors: NotComputable with the reason, never a guess.
    Source: docs/methods/tariffs.md.
    """
    text = _tidy(text)
    if text.lower() in ("free", "nil"):
        return FREE
    _refuse(text)
    if choice := CHOICE.fullmatch(text):
        return _either(choice, minor_units)
    head, most = _split(text, MOST)
    head, least = _split(head, LEAST)
    if least and "MAX" in least.upper():
        raise NotComputable("unknown")
    rate = _sum(head, minor_units)
    if least:
        rate = _bound(rate, _sum(least, minor_units), "floor")
    if most:
        rate = _bound(rate, _sum(most, minor_units), "ceiling")
    return rate


def _tidy(text: str) -> str:
    text = text.replace("\u00a0", " ").replace("€", " EUR").replace("\u2013", "-")
    text = re.sub(r"([a-z])- ([a-z])", r"\1\2", text)  # words broken at the end of a printed line
    return " ".join(text.split()).strip().removesuffix(".")


def _refuse(text: str) -> None:
    if not text or text == ":":
        raise NotComputable("empty")
    for pattern, reason in REASONS:
        if pattern.search(text):
            added = ADDED.search(text) if reason == "on_top" else None
            raise NotComputable(reason, int(Decimal(added[1]) * 10_000) if added else None)
    if MONTHS.search(text):
        raise NotComputable("seasonal")


def _split(text: str, sign: re.Pattern[str]) -> tuple[str, str]:
    parts = sign.split(text, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) > 1 else (text, "")


def _sum(text: str, minor_units: int) -> Rate:
    """Terms joined by plus signs: any number of percentages, one amount per unit."""
    rate = FREE
    terms = [term.strip() for term in text.split("+")]
    for term in terms:
        more = _term(term, minor_units, beside=len(terms) > 1 or "EUR" in text)
        if more.specific_e4 and rate.specific_e4:
            raise NotComputable("two_amounts")
        if more.specific_e4:
            rate = replace(more, rate_ppm=rate.rate_ppm)
        else:
            rate = replace(rate, rate_ppm=rate.rate_ppm + more.rate_ppm)
    return rate


def _term(text: str, minor_units: int, *, beside: bool) -> Rate:
    if percent := PERCENT.fullmatch(text):
        return _percentage(percent)
    if bare := BARE.fullmatch(text):
        if beside:  # some tables leave the sign out where an amount per unit follows
            return Rate(rate_ppm=_whole(Fraction(bare[1]) * 10_000))
        raise NotComputable("sign_missing")
    for pattern, scale in ((DOLLARS, minor_units), (CENTS, 0)):
        if found := pattern.fullmatch(text):
            return _per_unit(Fraction(found[1].replace(",", "")) * 10**scale, found[2], "USD")
    if found := COINED.fullmatch(text):
        return _per_unit(Fraction(found[1].replace(",", "")) * 10**minor_units, found[3], found[2])
    raise NotComputable("unknown")


def _percentage(found: re.Match[str]) -> Rate:
    number = Fraction(found[2].replace(",", ""))
    if found[3]:
        number = number / int(found[3])
    if found[1]:
        if not found[3]:
            raise NotComputable("unknown")
        number += int(found[1])
    if found[4].strip().lower() not in WHOLE:
        raise NotComputable("parts")
    return Rate(rate_ppm=round(number * 10_000))


def _per_unit(minor: Fraction, unit_text: str, currency: str) -> Rate:
    unit = unit_of(unit_text)
    if unit is None:
        raise NotComputable("unit")
    name, count = unit
    if count == 0:
        raise NotComputable("unit")
    amount = minor * 10_000 / count
    smaller, parts = PARTS.get(name, (name, 1))
    if (amount / parts).denominator == 1:  # of a dozen only where it stays exact
        name, amount = smaller, amount / parts
    return Rate(specific_e4=_whole(amount), unit=name, currency=currency)


def _whole(number: Fraction) -> int:
    if number.denominator != 1:
        raise NotComputable("precision")
    return int(number)


def _bound(rate: Rate, bound: Rate, name: str) -> Rate:
    """A floor or ceiling, as a share of the value or as an amount for the same unit."""
    if bound.specific_e4 and bound.rate_ppm:
        raise NotComputable("compound_bound")
    if not bound.specific_e4:
        return replace(rate, **{f"{name}_ppm": bound.rate_ppm})  # type: ignore[arg-type]
    if rate.unit and (rate.unit, rate.currency) != (bound.unit, bound.currency):
        raise NotComputable("two_amounts")
    amount = {f"{name}_e4": bound.specific_e4}
    return replace(rate, unit=bound.unit, currency=bound.currency, **amount)  # type: ignore[arg-type]


def _either(choice: re.Match[str], minor_units: int) -> Rate:
    first, second = (_sum(choice[number], minor_units) for number in (1, 2))
    if bool(first.specific_e4) == bool(second.specific_e4) or (first.rate_ppm and first.specific_e4):
        raise NotComputable("compound_bound")
    share, amount = (second, first) if first.specific_e4 else (first, second)
    if amount.rate_ppm:
        raise NotComputable("compound_bound")
    word = "greater" if choice[3].lower() in ("higher", "greater") else "lesser"
    return replace(amount, rate_ppm=share.rate_ppm, combine=word)
