"""Tables of goods and of stock that a seller keeps: fields, columns, what is wrong in them."""

from entrepot.domains.channels.adapters.sheets import goods, stock
from entrepot.domains.channels.adapters.sheets.shape import Known, Reading, Rows, Sheet, suggest_mapping

SHEETS: dict[str, Sheet] = {"products": goods.SHEET, "stock": stock.SHEET}

__all__ = ["SHEETS", "Known", "Reading", "Rows", "Sheet", "suggest_mapping"]
