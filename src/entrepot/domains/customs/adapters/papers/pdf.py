"""From papers to PDF: the facts are written out once, and one typst program draws every document from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from entrepot.domains.customs.adapters.papers.codes import code128, qr
from entrepot.domains.customs.rules.papers import Item, Papers, Party, kinds_of

PREVIEW_PPI = 80
TEMPLATE = Path(__file__).with_name("papers.typ")


class PaperPrinter:
    """A typst compiler that is kept: fonts are read once. One document at a time."""

    def __init__(self) -> None:
        import manimgx_fonts_cjk
        import typst

        fonts = Path(manimgx_fonts_cjk.__file__ or "").parent
        self.lock = Lock()
        self.compiler = typst.Compiler(
            str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[str(fonts)], ignore_system_fonts=True
        )

    def pdf(self, shipments: Sequence[Papers], kinds: Sequence[str] = ()) -> bytes:
        """One PDF of several shipments' papers, one after the other; `kinds` names documents, else all each needs.

        Errors: typst's TypstError when the template is broken.
        """
        data = [paper_data(one, kinds or kinds_of(one)) for one in shipments]
        with self.lock:
            made = self.compiler.compile(
                format="pdf", sys_inputs={"papers": json.dumps(data, ensure_ascii=False)}, timestamp=0
            )
        if not isinstance(made, bytes):
            raise TypeError("typst gave pages instead of a document")
        return made

    def picture(self, one: Papers, kind: str) -> bytes:
        """The first page of one document as PNG."""
        data = json.dumps([paper_data(one, (kind,))], ensure_ascii=False)
        with self.lock:
            made = self.compiler.compile(format="png", ppi=PREVIEW_PPI, sys_inputs={"papers": data})
        pages = made if isinstance(made, list) else [made]
        if not pages or pages[0] is None:
            raise TypeError("typst gave no page")
        return pages[0]


def paper_data(papers: Papers, kinds: Sequence[str]) -> dict[str, Any]:
    """Everything the documents print, as texts; numbers are written out here and nowhere else."""

    def money(minor: int) -> str:
        sign, whole = "-" if minor < 0 else "", f"{abs(minor) // 10**papers.digits:,}"
        return (
            f"{sign}{whole}.{abs(minor) % 10**papers.digits:0{papers.digits}}"
            if papers.digits
            else sign + whole
        )

    code = papers.tracking or papers.number
    return {
        "kinds": list(kinds),
        "number": papers.number,
        "order": papers.order_number,
        "date": papers.on.isoformat(),
        "seller": _party(papers.seller),
        "buyer": _party(papers.buyer),
        "incoterm": papers.incoterm,
        "currency": papers.currency,
        "items": [
            {
                "n": str(item.number), "sku": item.sku, "en": item.name_en, "zh": item.name_zh, "hs": item.hs_code,
                "origin": item.origin, "quantity": f"{item.quantity:,}", "net": _kilos(item.net_g),
                "value": money(item.value_minor),
                "unit": money(item.value_minor // item.quantity) if _is_even(item) else "",
            }
            for item in papers.items
        ],
        "goods": money(papers.goods_minor),
        "shipping": money(papers.shipping_minor),
        "total": money(papers.total_minor),
        "tax": money(papers.tax_minor) if papers.tax_minor else "",
        "payable": money(papers.total_minor + papers.tax_minor),
        "pieces": f"{sum(item.quantity for item in papers.items):,}",
        "net": _kilos(papers.net_g),
        "gross": _kilos(papers.gross_g),
        "parcels": str(papers.parcels),
        "service": papers.service,
        "from": papers.ship_from,
        "scheme": papers.scheme,
        "tracking": code,
        "bars": code128(code) if "label" in kinds else "",
        "qr": qr(f"{code}|{papers.order_number}|{papers.buyer.country}") if "label" in kinds else "",
    }  # fmt: skip


def _is_even(item: Item) -> bool:
    """Whether a line's value is so much apiece to the smallest unit; otherwise no unit price is printed."""
    return bool(item.quantity) and item.value_minor % item.quantity == 0


def _party(party: Party) -> dict[str, Any]:
    numbers = [f"{name} {number}" for name, number in sorted(party.numbers.items()) if number]
    return {
        "name": party.name,
        "address": [a for a in party.address if a],
        "country": party.country,
        "numbers": numbers,
    }


def _kilos(grams: int) -> str:
    return f"{grams // 1000:,}.{grams % 1000:03}"
