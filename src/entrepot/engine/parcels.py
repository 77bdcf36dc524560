"""Parcels of ways: the goods of each order in cartons of the warehouse, within what the service takes."""

from __future__ import annotations

from functools import partial

import polars as pl

from entrepot.engine.answers import at, consult, numbered
from entrepot.engine.batch import Batch
from entrepot.engine.cartons import OTHER, Kit, cartonise
from entrepot.engine.validity import with_epoch
from entrepot.engine.world import World, frame_hash

LIMITS = ("max_g", "max_side_mm", "max_girth_mm", "max_sum_mm")
SIZES = (
    "parcels", "parcel_g", "weight_g", "alike", "long", "mid", "short", "packing_minor", "girth_mm", "sum_mm"
)  # fmt: skip
SCALARS: dict[str, pl.DataType] = {**dict.fromkeys(SIZES, pl.Int64()), "carton": pl.String()}
FACTS: dict[str, pl.DataType] = {**SCALARS, "others": pl.List(pl.Struct(OTHER))}


def with_parcels(ways: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """Each way with its parcels: in cartons where the warehouse has any that day, else by weight and void.

    Shapes: n rows in (order_id, warehouse, placed_on, the service's limits, net_g, longest_mm, tare_g, code: ways
    that have
    one are impossible anyway and are reckoned by weight), n rows out, same order, with the columns of FACTS: number
    of parcels, gross weight of the heaviest, of all; kind and size of the first,
    the other kinds as a list; costs of the cartons; longest_mm becomes the longest parcel's or piece's side.
    Units: g, mm, minor units of the warehouse's currency. Source: docs/methods/freight.md.
    """
    kits, ways = _kits(ways, world)
    fits = ways.select(pl.col("code").is_null() & pl.col("kit").is_not_null()).to_series()
    plain = _by_weight(ways)
    if not fits.any():
        return plain.drop("kit")
    rows = ways.select("order_id", "kit", *LIMITS, "longest_mm").with_row_index("nth").filter(fits)
    contents = _contents(batch, rows.select("order_id").unique())
    boxed = _boxed(rows.join(contents, on="order_id", how="left", maintain_order="left"), batch, kits, world)
    if boxed.height == plain.height:
        return plain.drop("kit").with_columns(boxed.select(*FACTS, "longest_mm"))
    own = [plain[name].scatter(boxed["nth"], boxed[name]) for name in (*SCALARS, "longest_mm")]
    others = boxed.select("nth", "others").filter(pl.col("others").list.len() > 0)
    plain = plain.with_columns(own).with_row_index("nth").drop("others")
    return plain.join(others, on="nth", how="left", maintain_order="left").drop("nth", "kit")


def _by_weight(ways: pl.DataFrame) -> pl.DataFrame:
    """Without cartons: as many parcels as the weight asks for, alike, of unknown sides."""
    room = (pl.col("max_g") - pl.col("tare_g")).clip(lower_bound=1)
    many = pl.when(pl.col("multi_parcel")).then(-(-pl.col("net_g") // room)).otherwise(1).clip(lower_bound=1)
    ways = ways.with_columns(parcels=many.cast(pl.Int64))
    known = {
        "parcel_g": -(-pl.col("net_g") // pl.col("parcels")) + pl.col("tare_g"),
        "weight_g": pl.col("net_g") + pl.col("tare_g") * pl.col("parcels"),
        "alike": pl.col("parcels"), "packing_minor": pl.lit(0), "carton": pl.lit(""),
        "heaviest_g": pl.col("heaviest_g") + pl.col("tare_g"),
    }  # fmt: skip
    empty = {name: pl.lit(None) for name in FACTS if name not in known and name != "parcels"}
    ways = ways.with_columns(**known, **empty)
    return ways.with_columns([pl.col(name).cast(dtype) for name, dtype in FACTS.items()])


def _kits(ways: pl.DataFrame, world: World) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """Sets of cartons in force, and the ways with the number of theirs (null: none)."""
    cartons = world["cartons"]
    if cartons.is_empty() or ways.is_empty():
        return [], ways.with_columns(kit=pl.lit(None, dtype=pl.Int64))
    ways = with_epoch(ways, world)
    kits: list[pl.DataFrame] = []
    rows = []
    for warehouse, day in ways.select("warehouse", "epoch").unique().sort("warehouse", "epoch").iter_rows():
        ended = pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
        own = cartons.filter(pl.col("warehouse") == warehouse, pl.col("valid_from") <= day, ended)
        own = own.drop("warehouse", "valid_from", "valid_to", "source", "status")
        if own.is_empty():
            continue
        known = next((nth for nth, kit in enumerate(kits) if kit.equals(own)), len(kits))
        if known == len(kits):
            kits.append(own)
        rows.append((warehouse, day, known))
    schema = {"warehouse": pl.String, "epoch": pl.Date, "kit": pl.Int64}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    ways = ways.join(table, on=["warehouse", "epoch"], how="left", maintain_order="left").drop("epoch")
    return kits, ways


def _contents(batch: Batch, orders: pl.DataFrame) -> pl.DataFrame:
    """What is in each order, as a text: orders of the same goods are packed the same way, once."""
    lines = batch.lines.select("order_id", "sku", "quantity").join(orders, on="order_id", how="semi")
    content = pl.concat_str(pl.col("sku"), pl.lit("*"), pl.col("quantity"))
    lines = lines.sort("order_id", "sku", "quantity").select("order_id", content=content)
    return lines.group_by("order_id", maintain_order=True).agg(pl.col("content").str.join("|"))


def _goods(batch: Batch, packs: pl.DataFrame, world: World) -> pl.DataFrame:
    """Lines of one order of each content, summed up by SKU."""
    facts = world["skus"].select("sku", "weight_g", "length_mm", "width_mm", "height_mm", "upright")
    lines = batch.lines.select("order_id", "sku", "quantity").filter(pl.col("quantity") > 0)
    lines = lines.join(packs, on="order_id").group_by("pack", "sku").agg(pl.col("quantity").sum())
    return lines.join(facts, on="sku").sort("pack", "sku")


def _boxed(ways: pl.DataFrame, batch: Batch, kits: list[pl.DataFrame], world: World) -> pl.DataFrame:
    """Packed once for each warehouse's cartons, and again within a service's limits where that is too much for it.

    Shapes: as many rows as ways, sorted by nth.
    """
    first = _packed(ways, ["kit"], batch, kits, world)
    beyond = first.select(_beyond().fill_null(False)).to_series()
    if beyond.any():
        again = _packed(first.filter(beyond).select(ways.columns), ["kit", *LIMITS], batch, kits, world)
        first = pl.concat([first.filter(~beyond), again.select(first.columns)]).sort("nth")
    return first.with_columns(longest_mm=pl.max_horizontal("longest_mm", "top_side"))


def _packed(
    ways: pl.DataFrame, keys: list[str], batch: Batch, kits: list[pl.DataFrame], world: World
) -> pl.DataFrame:
    """Ways with their parcels, each content worked out once per world, set of cartons and limits of a service.

    The lists of further kinds of parcel are put beside the few ways that have some.
    """
    done = []
    parts = ways.partition_by(keys, as_dict=True, maintain_order=True)
    for key in sorted(parts):
        some, kit = parts[key], Kit.of(kits[key[0]])
        limits = key[1:]
        question = f"parcels.{frame_hash('kit', kits[key[0]])}.{limits}"
        work = partial(
            _answer, ways=some, batch=batch, world=world, kit=kit.within(*limits) if limits else kit
        )
        book = consult(world, question, some.select("content").unique(maintain_order=True), work)
        kinds = numbered(some.select("content"), book)["kind"]
        known = some.drop("content").hstack(at(book.answers.drop("kind", "others"), kinds))
        more = book.answers.select("kind", "others").filter(pl.col("others").list.len() > 0)
        done.append(
            known.with_columns(kinds).join(more, on="kind", how="left", maintain_order="left").drop("kind")
        )
        done[-1] = done[-1].with_columns(some["content"])
    return pl.concat(done).sort("nth")


def _answer(kinds: pl.DataFrame, *, ways: pl.DataFrame, batch: Batch, world: World, kit: Kit) -> pl.DataFrame:
    one = ways.select("order_id", "content").unique("content", keep="first", maintain_order=True)
    packs = kinds.join(one, on="content").select("order_id", pack="kind")
    parcels = _summed(cartonise(_goods(batch, packs, world), kit))
    return kinds.select("kind").join(
        parcels, left_on="kind", right_on="pack", how="left", maintain_order="left"
    )


def _beyond() -> pl.Expr:
    """A parcel the service does not take, packed as the warehouse would by itself."""
    limited = {"max_side_mm": "top_side", "max_girth_mm": "girth_mm", "max_sum_mm": "sum_mm"}
    over = pl.col("parcel_g") > pl.col("max_g")
    for limit, size in limited.items():
        over |= (pl.col(limit) > 0) & (pl.col(size) > pl.col(limit))
    return over


def _summed(parcels: pl.DataFrame) -> pl.DataFrame:
    """One row per package from its kinds of parcel, the heaviest first."""
    girth = pl.col("long") + 2 * (pl.col("mid") + pl.col("short"))
    sides = pl.col("long") + pl.col("mid") + pl.col("short")
    other = pl.struct([pl.col(name) for name in OTHER])
    return (
        parcels.group_by("pack", maintain_order=True)
        .agg(
            parcels=pl.col("alike").sum(),
            parcel_g=pl.col("weight").max(),
            weight_g=(pl.col("weight") * pl.col("alike")).sum(),
            packing_minor=(pl.col("cost_minor") * pl.col("alike")).sum(),
            top_side=pl.col("long").max(),
            girth_mm=girth.max(),
            sum_mm=sides.max(),
            others=other.slice(1),
            **{name: pl.col(name).first() for name in ("alike", "long", "mid", "short", "carton")},
        )
        .with_columns(pl.col("others").cast(pl.List(pl.Struct(OTHER))))
    )
