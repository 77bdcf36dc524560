"""Parcels of ways: the goods of each order in cartons of the warehouse, within what the service takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from entrepot.engine.answers import at, consult, numbered
from entrepot.engine.batch import Batch
from entrepot.engine.measure import to_send
from entrepot.engine.validity import with_epoch
from entrepot.engine.world import World, frame_hash

if TYPE_CHECKING:
    from entrepot.engine.cartons import Kit

OTHER = {
    "alike": pl.Int64, "weight": pl.Int64, "long": pl.Int64, "mid": pl.Int64, "short": pl.Int64, "carton": pl.String,
}  # fmt: skip
LIMITS = ("max_g", "max_side_mm", "max_girth_mm", "max_sum_mm")
SIZES = (
    "parcels", "parcel_g", "weight_g", "alike", "long", "mid", "short", "packing_minor", "girth_mm", "sum_mm"
)  # fmt: skip
SCALARS: dict[str, pl.DataType] = {**dict.fromkeys(SIZES, pl.Int64()), "carton": pl.String()}
REACH = {"max_side_mm": "top_side", "max_girth_mm": "girth_mm", "max_sum_mm": "sum_mm"}
FACTS: dict[str, pl.DataType] = {**SCALARS, "others": pl.List(pl.Struct(OTHER))}


def with_parcels(ways: pl.DataFrame, batch: Batch, world: World) -> pl.DataFrame:
    """Each way with its parcels: in cartons where the warehouse has any that day, else by weight and void.

    Shapes: n rows in (order_id, warehouse, placed_on, the service's limits, net_g, longest_mm, tare_g), n rows out,
    same order, with the columns of FACTS: number of parcels, gross weight of the heaviest, of all; kind and size of
    the first, the other kinds as a list; costs of the cartons; longest_mm becomes the longest parcel's or piece's side.
    Units: g, mm, minor units of the warehouse's currency. Source: docs/methods/freight.md.
    """
    kits, ways = _kits(ways, world)
    fits = ways["kit"].is_not_null()
    plain = by_weight(ways)
    if not fits.any():
        return plain.drop("kit")
    rows = ways.select("order_id", "kit", *LIMITS, "longest_mm").with_row_index("nth").filter(fits)
    places, packs = _boxed(rows, batch, kits, world)
    if rows.height < ways.height:
        places = pl.repeat(None, ways.height, dtype=pl.Int64, eager=True).scatter(rows["nth"], places)
    boxed = at(packs.select(*SCALARS, "top_side"), places)
    longest = pl.max_horizontal("longest_mm", boxed["top_side"])
    own: dict[str, pl.Series | pl.Expr] = {**{name: boxed[name] for name in SCALARS}, "longest_mm": longest}
    if not fits.all():
        own = {name: pl.when(fits).then(value).otherwise(name) for name, value in own.items()}
    several = packs.select(pl.col("others").list.len() > 0).to_series().gather(places).fill_null(False)
    others = pl.select(pl.when(several).then(places)).to_series()
    return plain.with_columns(**own, others=at(packs.select("others"), others)["others"]).drop("kit")


def by_weight(ways: pl.DataFrame) -> pl.DataFrame:
    """Ways without cartons: as many parcels as the weight asks for, alike, of unknown sides.

    Shapes: as `with_parcels`, without the columns of sizes and days. Units: g.
    """
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
        own = world.once(f"cartons of {warehouse} on {day}", partial(_kit, cartons, warehouse, day))
        if own.is_empty():
            continue
        known = next((nth for nth, kit in enumerate(kits) if kit is own or kit.equals(own)), len(kits))
        if known == len(kits):
            kits.append(own)
        rows.append((warehouse, day, known))
    schema = {"warehouse": pl.String, "epoch": pl.Date, "kit": pl.Int64}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    ways = ways.join(table, on=["warehouse", "epoch"], how="left", maintain_order="left").drop("epoch")
    return kits, ways


def _kit(cartons: pl.DataFrame, warehouse: str, day: date) -> pl.DataFrame:
    """A warehouse's cartons on a day."""
    ended = pl.col("valid_to").is_null() | (pl.col("valid_to") >= day)
    own = cartons.filter(pl.col("warehouse") == warehouse, pl.col("valid_from") <= day, ended)
    return own.drop("warehouse", "valid_from", "valid_to", "source", "status")


def _contents(batch: Batch, orders: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is in each order, as a text: orders of the same goods are packed the same way, once.

    Gives order_id with the number of its content, and the contents in the order of their numbers with one order each.
    """
    lines = to_send(batch).join(orders, on="order_id", how="semi")
    content = pl.concat_str(pl.col("sku"), pl.lit("*"), pl.col("quantity"))
    lines = lines.sort("order_id", "sku", "quantity").select("order_id", content=content)
    several = lines.select(
        (
            (pl.col("order_id") == pl.col("order_id").shift())
            | (pl.col("order_id") == pl.col("order_id").shift(-1))
        ).fill_null(False)
    ).to_series()
    texts = (
        lines.filter(several).group_by("order_id", maintain_order=True).agg(pl.col("content").str.join("|"))
    )
    held = pl.concat([lines.filter(~several), texts]).sort("order_id")
    contents = held.unique("content", keep="first", maintain_order=True)
    numbers = contents.select("content").with_row_index("number")
    held = held.join(numbers, on="content", how="left", maintain_order="left")
    return held.select("order_id", pl.col("number").cast(pl.Int64)), contents


def _goods(batch: Batch, packs: pl.DataFrame, world: World) -> pl.DataFrame:
    """Lines of one order of each content, summed up by SKU."""
    facts = world["skus"].select("sku", "weight_g", "length_mm", "width_mm", "height_mm", "upright")
    lines = to_send(batch).filter(pl.col("quantity") > 0)
    lines = lines.join(packs, on="order_id").group_by("pack", "sku").agg(pl.col("quantity").sum())
    return lines.join(facts, on="sku").sort("pack", "sku")


def _boxed(
    rows: pl.DataFrame, batch: Batch, kits: list[pl.DataFrame], world: World
) -> tuple[pl.Series, pl.DataFrame]:
    """Packed once for each warehouse's cartons, and again within a service's limits where that is too much for it.

    Shapes: one place per row in a table of packages, null for an order without content; and that table.
    """
    held, contents = _contents(batch, rows.select("order_id").unique())
    numbers = rows.select("order_id").join(held, on="order_id", how="left", maintain_order="left")["number"]
    asked = _Asked(contents, batch, kits, world)
    places, packs = asked.places(rows.select("kit", number=numbers), ["kit"])
    sizes = at(packs.select("parcel_g", *REACH.values()), places)
    beyond = rows.select(*LIMITS).hstack(sizes).select(_beyond().fill_null(False)).to_series()
    if beyond.any():
        again = rows.select("kit", *LIMITS, number=numbers).filter(beyond)
        tighter, more = asked.places(again, ["kit", *LIMITS])
        places = places.scatter(beyond.arg_true(), tighter + packs.height)
        packs = pl.concat([packs, more])
    return places, packs


@dataclass(frozen=True)
class _Asked:
    """The contents of a batch, and what its parcels are worked out from."""

    contents: pl.DataFrame
    batch: Batch
    kits: list[pl.DataFrame]
    world: World

    def places(self, rows: pl.DataFrame, keys: list[str]) -> tuple[pl.Series, pl.DataFrame]:
        """Where each way's parcels stand in a table of parcels, and that table.

        Each content is worked out once per world, set of cartons and limits of a service.
        Shapes: rows with keys and the number of their content; as many places, null for a way without content.
        """
        from entrepot.engine.cartons import Kit  # brings the compiler: a second that only packing needs

        found = pl.repeat(None, rows.height, dtype=pl.Int64, eager=True)
        tables, first = [], 0
        parts = rows.with_row_index("at").partition_by(keys, as_dict=True, maintain_order=True)
        for key in sorted(parts):
            some, limits = parts[key], key[1:]
            kit = Kit.of(self.kits[key[0]])
            work = partial(self._answer, kit=kit.within(*limits) if limits else kit)
            wanted = some["number"].drop_nulls().unique().sort()
            texts = at(self.contents.select("content"), wanted)
            question = f"parcels.{frame_hash('kit', self.kits[key[0]])}.{limits}"
            book = consult(self.world, question, texts, work)
            kinds = pl.repeat(None, self.contents.height, dtype=pl.Int64, eager=True)
            kinds = kinds.scatter(wanted, numbered(texts, book)["kind"])
            found.scatter(some["at"], kinds.gather(some["number"]) + first)
            tables.append(book.answers.drop("kind"))
            first += book.answers.height
        return found, pl.concat(tables)

    def _answer(self, kinds: pl.DataFrame, *, kit: Kit) -> pl.DataFrame:
        from entrepot.engine.cartons import cartonise

        packs = kinds.join(self.contents, on="content").select("order_id", pack="kind")
        parcels = _summed(cartonise(_goods(self.batch, packs, self.world), kit))
        return kinds.select("kind").join(
            parcels, left_on="kind", right_on="pack", how="left", maintain_order="left"
        )


def _beyond() -> pl.Expr:
    """A parcel the service does not take, packed as the warehouse would by itself."""
    over = pl.col("parcel_g") > pl.col("max_g")
    for limit, size in REACH.items():
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
