"""The nomenclature as a tree, the lines of national tariffs, and the codes chosen for SKUs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from entrepot.domains.customs.adapters.hs_search import HsIndex, Suggestion
from entrepot.domains.customs.models import CodeChoice, CodeRefusal, HsCode, HsSection, NationalCode

CHAPTER, HEADING, SUBHEADING = 2, 4, 6
SHOWN = 8


@dataclass(frozen=True)
class CodeState:
    """Whether a code may be used on a day: unknown codes and expired ones come with what stands instead."""

    code: str
    is_known: bool
    is_valid: bool
    description: str = ""
    ended_on: date | None = None
    instead: tuple[str, ...] = ()


def in_force(on: date) -> Q:
    """The condition that a dated row holds on a day."""
    return Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gte=on))


def sections() -> list[HsSection]:
    """The sections of the nomenclature, in order."""
    return list(HsSection.objects.order_by("first_chapter"))


def hs_children(code: str, on: date) -> list[HsCode]:
    """Chapters ('' asked), headings of a chapter, subheadings of a heading."""
    length = len(code) + 2
    found = HsCode.objects.filter(in_force(on), code__startswith=code, code__regex=f"^[0-9]{{{length}}}$")
    return list(found.order_by("code"))


def hs_path(code: str, on: date) -> list[HsCode]:
    """The chapter, heading and subheading a code stands under, itself last."""
    levels = [code[:length] for length in (CHAPTER, HEADING, SUBHEADING) if len(code) >= length]
    return list(HsCode.objects.filter(in_force(on), code__in=levels).order_by("code"))


def national_lines(country: str, under: str, on: date) -> QuerySet[NationalCode]:
    """The lines of a country's tariff under a code."""
    found = NationalCode.objects.filter(in_force(on), country=country, code__startswith=under)
    return found.order_by("code")


def tariff_countries() -> list[str]:
    """Countries whose tariff lines are here."""
    return list(NationalCode.objects.order_by("country").values_list("country", flat=True).distinct())


def find_codes(text: str, on: date, limit: int = 20) -> list[tuple[HsCode, Suggestion]]:
    """Codes for a description in English or Chinese, best first, with how sure each is."""
    found = hs_index().suggest(text, limit=limit)
    rows = {
        row.code: row for row in HsCode.objects.filter(in_force(on), code__in=[one.code for one in found])
    }
    return [(rows[one.code], one) for one in found if one.code in rows]


def suggestions(texts: dict[str, str], limit: int = 3) -> dict[str, list[Suggestion]]:
    """Codes for the description of each SKU; what somebody refused for it is not suggested again."""
    refused: dict[str, list[str]] = {}
    for sku, code in CodeRefusal.objects.filter(sku__in=texts).values_list("sku", "code"):
        refused.setdefault(sku, []).append(code)
    index = hs_index()
    return {sku: index.suggest(text, limit=limit, apart=refused.get(sku, ())) for sku, text in texts.items()}


def descriptions(codes: Iterable[str]) -> dict[str, HsCode]:
    """The rows of some codes in force today, by code."""
    today = timezone.localdate()
    return {row.code: row for row in HsCode.objects.filter(in_force(today), code__in=set(codes))}


def choices(skus: Sequence[str]) -> dict[str, CodeChoice]:
    """The code that counts for each SKU everywhere, where one was chosen."""
    found = CodeChoice.objects.filter(sku__in=skus, country="", replaced_at=None).select_related("chosen_by")
    return {row.sku: row for row in found}


def choice_records() -> QuerySet[CodeChoice]:
    """Every code somebody chose, replaced ones among them, for a list taken away."""
    return CodeChoice.objects.select_related("chosen_by").order_by("sku", "country", "pk")


def chosen_skus() -> QuerySet[CodeChoice, str]:
    """SKUs somebody chose a code for."""
    return CodeChoice.objects.filter(country="", replaced_at=None).values_list("sku", flat=True)


def code_state(code: str, country: str = "", on: date | None = None) -> CodeState:
    """Whether a code holds on a day, by the nomenclature and, beyond six digits, by the country's tariff.

    An expired or unknown code comes with codes of the same heading that hold.
    """
    day = on or timezone.localdate()
    base = HsCode.objects.filter(code=code[:SUBHEADING])
    if len(code) > SUBHEADING and country:
        lines = NationalCode.objects.filter(country=country, code=code)
        if NationalCode.objects.filter(country=country).exists():
            return _state(code, lines, day, country)
    return _state(code, base, day, "")


def _state(code: str, rows: QuerySet[HsCode] | QuerySet[NationalCode], day: date, country: str) -> CodeState:
    row = rows.filter(in_force(day)).first()
    if row is not None:
        words = row.description if isinstance(row, NationalCode) else row.description_en
        return CodeState(code, is_known=True, is_valid=True, description=words)
    ended = rows.aggregate(last=Max("valid_to"))["last"]
    if country:
        near = list(national_lines(country, code[:SUBHEADING], day).values_list("code", flat=True)[:SHOWN])
    else:
        found = HsCode.objects.filter(in_force(day), code__regex=f"^{code[:HEADING]}[0-9]{{2}}$")
        near = list(found.values_list("code", flat=True)[:SHOWN])
    return CodeState(code, is_known=ended is not None, is_valid=False, ended_on=ended, instead=tuple(near))


_index: dict[str, HsIndex] = {}


def hs_index() -> HsIndex:
    """The nomenclature of today made searchable; built once per process and edition."""
    today = timezone.localdate()
    edition = HsCode.objects.filter(in_force(today)).aggregate(last=Max("pk"), first=Max("valid_from"))
    key = f"{edition['last']} {edition['first']}"
    if key not in _index:
        rows = HsCode.objects.filter(in_force(today)).values_list("code", "description_en")
        _index.clear()
        _index[key] = HsIndex(dict(rows))
    return _index[key]
