"""What was earned by order line: the booked figures of orders, split as a replay splits them."""

from __future__ import annotations

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames.lines import on_order_lines


def figures_on_lines(orders: Frame, lines: Frame) -> Frame:
    """Booked figures on lines, each order under the world it was decided in, undecided ones under today's.

    Shapes, units: as `frames.lines.on_order_lines`; orders also carry world_hash (null or empty: not decided).
    Errors: UnknownWorld for a world that was not kept.
    """
    rows = orders.with_columns(pl.col("world_hash").fill_null(""))
    found = []
    for digest in rows["world_hash"].unique().sort().to_list():
        own = rows.filter(pl.col("world_hash") == digest)
        of_own = lines.join(own.select("order_id"), on="order_id", how="semi")
        found.append(on_order_lines(own, of_own, world.load(digest) if digest else world.current()))
    return pl.concat(found).sort("order_id", "line_no") if found else pl.DataFrame()
