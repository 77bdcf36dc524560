"""What was earned by order line: the booked figures of orders, split as a replay splits them."""

from __future__ import annotations

import polars as pl

from entrepot.core.frames import Frame
from entrepot.domains.fulfilment import world
from entrepot.domains.fulfilment.frames.lines import on_order_lines, shares_of

AT_ONCE = 50_000


def figures_on_lines(orders: Frame, lines: Frame) -> Frame:
    """Booked figures on lines, each order under the world it was decided in, undecided ones under today's.

    Shapes, units: as `frames.lines.on_order_lines`; orders also carry world_hash (null or empty: not decided).
    Errors: UnknownWorld for a world that was not kept.
    """
    rows = orders.with_columns(pl.col("world_hash").fill_null(""))
    found: list[Frame] = []
    for digest in rows["world_hash"].unique().sort().to_list():
        own = rows.filter(pl.col("world_hash") == digest)
        found += [_of_world(part, lines, digest) for part in own.iter_slices(AT_ONCE)]
    return pl.concat(found).sort("order_id", "line_no") if found else pl.DataFrame()


def _of_world(orders: Frame, lines: Frame, digest: str) -> Frame:
    own = lines.join(orders.select("order_id"), on="order_id", how="semi")
    if not digest:
        return on_order_lines(orders, own, world.current())
    known = world.load(digest)
    several = own.group_by("order_id").len().filter(pl.col("len") > 1)["order_id"].sort().to_list()
    return on_order_lines(orders, own, known, shares_of(several, known) if several else None)
