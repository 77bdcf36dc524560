"""Units of tariffs by one name each, whatever a tariff calls them."""

from __future__ import annotations

import re

UNITS = {
    "kg": "kg", "kilogram": "kg", "g": "g", "gram": "g", "t": "t", "tonne": "t", "tonnes": "t", "head": "no",
    "each": "no", "item": "no", "items": "no", "article": "no", "no": "no", "no.": "no", "piece": "no", "unit": "no",
    "pack": "pack", "pr": "pr", "pr.": "pr", "pair": "pr", "prs.": "pr", "doz": "doz", "doz.": "doz", "dozen": "doz",
    "gross": "gross", "thousand": "thousand", "jewel": "jewel", "liter": "l", "litre": "l", "liters": "l", "l": "l",
    "hl": "hl", "pf.liter": "pf_l", "pf. liter": "pf_l", "proof liter": "pf_l", "bbl": "bbl", "m": "m", "lin. m": "m",
    "m2": "m2", "m²": "m2", "m3": "m3", "m³": "m3", "% vol / hl": "pct_hl", "carat": "carat",
    "line / gross": "line_gross",
}  # fmt: skip
PARTS = {"doz": ("no", 12), "gross": ("no", 144), "thousand": ("no", 1_000), "hl": ("l", 100)}
QUALIFIED = re.compile(
    r"(kg|t|g|l|hl|gross|m2)\b[\s/,]*(?:on the|on|of the|of|net ?/|net|including|/)?[\s/]*(.*)"
)
ALIKE = {
    "": "", "net": "", "contents and container": "gross", "entire contents of container": "gross", "br": "gross",
    "weight of container": "gross", "gross": "gross", "net drained wt": "drained_weight",
    "drained wt": "drained_weight", "eda": "drained_weight", "net dry": "dry", "% sacchar": "pct_sugar",
    "%sacchar": "pct_sugar", "tot alc": "alcohol", "ethyl alcohol content": "alcohol", "mas": "dry",
}  # fmt: skip
COUNTED = re.compile(r"([\d,]+)\s*(.*)")


def unit_of(text: str) -> tuple[str, int] | None:
    """The unit's own name, and how many of it the amount is for: `100 kg` gives kg and 100; None for an unknown one.

    A kilogram of something in the goods (drained weight, lead content, total sugars) is a unit of its own.
    """
    text = " ".join(text.lower().split()).strip(" /")
    count = 1
    if counted := COUNTED.fullmatch(text):
        count, text = int(counted[1].replace(",", "")), counted[2].strip()
        text = "no" if text in ("", "pins") else text
    if text.startswith("clean kg"):
        return "kg_clean", count
    plain = UNITS.get(text.replace("%vol/hl", "% vol / hl").replace("line/ gross", "line / gross"))
    if plain:
        return plain, count
    found = QUALIFIED.fullmatch(text)
    if not found:
        return None
    what = ALIKE.get(found[2].strip(), re.sub(r"[^a-z0-9]+", "_", found[2]).strip("_"))
    base = UNITS[found[1]]
    return (f"{base}_{what}" if what else base), count
