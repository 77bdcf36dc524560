"""Documents: a hundred PDFs of two pages each (commercial invoice of 45 lines), one after the other; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import perf_counter

from entrepot.domains.customs.adapters.papers import PaperPrinter
from entrepot.domains.customs.rules.papers import Item, Limits, Papers, Party


def run(documents: int = 100) -> dict[str, float]:
    """Seconds for so many two-page invoices with Chinese and English text, and for as many labels with bar codes."""
    print_papers = PaperPrinter().pdf
    one = shipment(45)
    print_papers([one], ("invoice",))  # the first call reads template and fonts
    begun = perf_counter()
    made = [print_papers([replace(one, number=f"S{n}-1")], ("invoice",)) for n in range(documents)]
    invoices = perf_counter() - begun
    small = shipment(2)
    print_papers([small], ("label",))
    begun = perf_counter()
    for n in range(documents):
        print_papers([replace(small, number=f"S{n}-1", tracking=f"RR{n:08}5CN")], ("label",))
    labels = perf_counter() - begun
    begun = perf_counter()
    print_papers([replace(small, number=f"S{n}-1") for n in range(documents)])
    merged = perf_counter() - begun
    return {
        "documents.pdfs": documents,
        "documents.two_page_pdfs_s": invoices,
        "documents.kb_each": sum(map(len, made)) / len(made) / 1000,
        "documents.labels_s": labels,
        "documents.all_papers_merged_s": merged,
    }


def shipment(lines: int) -> Papers:
    """A shipment to Germany with so many lines."""
    items = tuple(
        Item(n, f"TEE-{n:03}", "Cotton T-shirt, size M", "棉质 T 恤 M 码", "61091000", "CN", 2, 360, 3998)
        for n in range(1, lines + 1)
    )
    seller = Party("转口港 Entrepot Trading", ("1 Harbour Road 港湾路 1 号",), "CN", {"IOSS": "IM5280000012"})
    return Papers(
        number="S1-1", order_number="A-1", on=date(2026, 5, 4), seller=seller,
        buyer=Party("Jürgen Müller", ("10115 Berlin",), "DE"), buyer_kind="b2c", incoterm="DDP",
        currency="EUR", digits=2, items=items, shipping_minor=490, tax_minor=1090, euro_minor=lines * 3998,
        parcels=1, gross_g=lines * 360 + 60, service="China Post registered packet", mode="post",
        ship_from="CN", to_union=True, from_union=False, import_rule="EU-IOSS", scheme="IOSS",
        collector="seller", tracking="RR473124829CN", limits=Limits(35_100, 2_000, 15_000),
    )  # fmt: skip


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:40} {figure:14,.3f}")
