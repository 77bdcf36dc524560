"""Cases of dangerous goods: how batteries travel by air."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported
from entrepot.config.golden.fx import last_day
from entrepot.config.golden.methods import Method
from entrepot.config.golden.words import meant
from entrepot.engine.dangerous import battery_class
from entrepot.engine.world import World

Figures = dict[str, Any]


def _batteries(case: Case, world: World) -> Figures:
    items = case.value("items?|goods|batteries")
    texts = [
        one[0] if isinstance(one, list) and one else one
        for one in (items if isinstance(items, list) else [items])
    ]
    rows = [_described(case, str(text)) for text in texts]
    frame = pl.DataFrame(
        rows,
        schema={"battery_kind": pl.String, "battery": pl.String, "battery_wh_e3": pl.Int64},
        orient="row",
    ).with_columns(placed_on=pl.lit(case.day(last_day(world))))
    found = battery_class(frame, world)
    if found["un"].null_count():
        raise Unsupported("no rule for one of the batteries")
    names = {
        "un": "un|un_number", "instruction": "pi|instruction|packing_instruction", "passenger": "passenger|pax",
        "charge": "soc30|soc|state_of_charge",
    }  # fmt: skip
    columns = {words: found[name].to_list() for name, words in names.items()}
    return columns if isinstance(items, list) else {words: values[0] for words, values in columns.items()}


def _described(case: Case, text: str) -> tuple[str, str, int | None]:
    """Chemistry, packing and size of a battery, by the words it is described with."""
    packing = meant(case, "battery", text=f" {text} ")
    if not packing:
        raise Unsupported(f"how {text!r} is packed is not said")
    kind = meant(case, "chemistry", text=f" {text} {case.text}") or "ion"
    size = re.search(r"(\d+(?:\.\d+)?) ?(wh|g)\b", text.lower())
    return kind, packing, int(Decimal(size.group(1)) * 1000) if size else None


METHODS = [
    Method(
        "batteries by air", ("items?|goods|batteries",), _batteries, (), ("lithium", "dangerous", "battery")
    ),
]
