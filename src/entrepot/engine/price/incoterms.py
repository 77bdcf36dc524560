"""Incoterms: which costs of a delivery the seller bears, read from the table of terms."""

from __future__ import annotations

from entrepot.engine import few as pl
from entrepot.engine.answers import answered
from entrepot.engine.price.regime import territories
from entrepot.engine.validity import in_force
from entrepot.engine.world import World

BEARS = ["seller_pays_carriage", "seller_pays_duty"]


def bearers(frame: pl.DataFrame, world: World) -> pl.DataFrame:
    """The frame with who pays by its `incoterm` in its `epoch`: the main carriage, and duty and tax of the import.

    Shapes: n rows in, n rows out, same order; adds BEARS. A term the table does not know is read as delivery to the
    place without duty: the seller pays the carriage, the buyer the import.
    Source: world table incoterms (ICC Incoterms 2020), docs/methods/incoterms.md.
    """
    return frame.hstack(
        answered(frame, ["incoterm", "epoch"], world, "bearers", lambda new: _borne(new, world))
    )


def _borne(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """One row per kind, in the kinds' order."""
    terms = world["incoterms"].select(
        "valid_from", "valid_to", "main_carriage", "import_duty_tax", incoterm="term"
    )
    found = kinds.join(terms, on="incoterm").filter(in_force("epoch"))
    known = kinds.select("kind").join(found, on="kind", how="left", maintain_order="left")
    return known.select(
        "kind",
        seller_pays_carriage=(pl.col("main_carriage") == "S").fill_null(True),
        seller_pays_duty=(pl.col("import_duty_tax") == "S").fill_null(False),
    )


def placed(heads: pl.DataFrame, world: World) -> pl.DataFrame:
    """Heads with their customs territory, the number of their place (country, territory, epoch) and who bears what.

    Shapes: h rows in, h rows out, same order.
    """
    heads = territories(heads, world, "dest_country", "dest_territory")
    place = pl.struct("dest_country", "dest_territory", "epoch").rank("dense").cast(pl.Int64) - 1
    return bearers(heads.with_columns(place=place), world)
