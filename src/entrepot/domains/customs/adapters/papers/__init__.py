"""Papers as PDF: typst with the shipped CJK font; bar codes and QR codes as drawings."""

from entrepot.domains.customs.adapters.papers.pdf import PaperPrinter, paper_data

__all__ = ["PaperPrinter", "paper_data"]
