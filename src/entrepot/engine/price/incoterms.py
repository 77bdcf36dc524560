"""Incoterms: which costs of a delivery the seller bears, read from the table of terms."""

from __future__ import annotations

import polars as pl

from entrepot.engine.validity import in_force
from entrepot.engine.world import World

BEARS = ["seller_pays_carriage", "seller_pays_duty"]


def bearers(frame: pl.DataFrame, world: World) -> pl.DataFrame:
    """The frame with who pays by its `incoterm` in its `epoch`: the main carriage, and duty and tax of the import.

    Shapes: n rows in, n rows out, same order; adds BEARS. A term the table does not know is read as delivery to the
    place without duty: the seller pays the carriage, the buyer the import.
    Source: world table incoterms (ICC Incoterms 2020), docs/methods/incoterms.md.
    """
    terms = world["incoterms"].select(
        "valid_from", "valid_to", "main_carriage", "import_duty_tax", incoterm="term"
    )
    asked = frame.select("incoterm", "epoch").unique().join(terms, on="incoterm").filter(in_force("epoch"))
    known = asked.select(
        "incoterm", "epoch",
        seller_pays_carriage=pl.col("main_carriage") == "S", seller_pays_duty=pl.col("import_duty_tax") == "S",
    )  # fmt: skip
    frame = frame.join(known, on=["incoterm", "epoch"], how="left", maintain_order="left")
    return frame.with_columns(
        pl.col("seller_pays_carriage").fill_null(True), pl.col("seller_pays_duty").fill_null(False)
    )
