"""Advice: what each thing one could do about an article would bring, by replaying its orders with that change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from entrepot.engine.batch import Batch
from entrepot.engine.decide import price_ways
from entrepot.engine.price.shares import line_shares
from entrepot.engine.replay.frozen import Frozen, frozen
from entrepot.engine.replay.lines import FIGURES, line_figures
from entrepot.engine.replay.redecided import plenty
from entrepot.engine.scenario import Edit, changed_batch
from entrepot.engine.world import World

EFFECT = {"sku": pl.String, "kind": pl.String, "detail": pl.String, "profit": pl.Int64, "revenue": pl.Int64}


MOVED = {"sku": pl.String, "ship_from": pl.String, "warehouse": pl.String, "pieces": pl.Int64, "first": pl.Date,
         "last": pl.Date}  # fmt: skip


def effects(
    batch: Batch,
    booked: pl.DataFrame,
    world: World,
    skus: Sequence[str],
    prices: Mapping[str, int],
    origins: Sequence[str] = (),
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Profit of some articles under a (changed) world, as it is and with each thing one could do.

    Shapes: booked one row per order that holds one of the articles; rows of EFFECT: kind `none` as it is, then
    reprice (detail: change in ppm, as `prices` says), origin (detail: country, one of `origins` or of the company's
    goods), incoterm (detail: term), bundle, route, stock (detail: nothing). Articles share an order's figures as lines
    do; all articles are changed at once.
    And rows of MOVED: the pieces that `stock` brings near the buyers, by the country they come from and the warehouse,
    with the days of the first and the last order; what the first leg costs (`bulk.first_legs`) is not in the profit.
    Units: minor units of the books' currency.
    """
    batch = batch.only(booked["order_id"])
    was = frozen(batch, booked, world, by_line=True)
    found = _dearer(batch, booked, world, was, prices, skus)
    own = world["skus"].filter(pl.col("sku").is_in(list(skus)))
    for country in sorted({*world["skus"]["origin"], *origins} & {*world["countries"]["country"]}):
        if own.filter(pl.col("origin") != country).is_empty():
            continue
        there = pl.when(pl.col("sku").is_in(list(skus)))
        changed = world["skus"].with_columns(
            origin=there.then(pl.lit(country)).otherwise("origin"),
            proofs=there.then(pl.lit("")).otherwise("proofs"),
        )
        again = frozen(batch, booked, world.replace(skus=changed), was, by_line=True)
        found.append(_by_sku(again, batch, world, skus, "origin", country))
    for term in sorted(set(world["incoterms"]["term"]) & {"DAP", "DDP"}):
        if (batch.orders["incoterm"] != term).any():
            turned = changed_batch([Edit("incoterm", {"incoterm": term})], batch)
            again = frozen(turned, booked, world, was, by_line=True)
            found.append(_by_sku(again, turned, world, skus, "incoterm", term))
    others, moved = _other_ways(batch, booked, was, world, skus)
    found += [_bundled(batch, booked, world, skus), *others]
    return pl.concat([frame for frame in found if frame.height] or [pl.DataFrame(schema=EFFECT)]), moved


def repriced(
    batch: Batch, booked: pl.DataFrame, world: World, skus: Sequence[str], prices: Mapping[str, int]
) -> pl.DataFrame:
    """Of `effects` the rows of kinds `none` and `reprice` alone: what another price really brings."""
    batch = batch.only(booked["order_id"])
    return pl.concat(_dearer(batch, booked, world, frozen(batch, booked, world, by_line=True), prices, skus))


def _dearer(
    batch: Batch,
    booked: pl.DataFrame,
    world: World,
    was: Frozen,
    prices: Mapping[str, int],
    skus: Sequence[str],
) -> list[pl.DataFrame]:
    found = [_by_sku(was, batch, world, skus, "none")]
    edits = [Edit("price", {"sku": sku, "change_ppm": ppm}) for sku, ppm in prices.items() if ppm]
    if edits:
        dearer = changed_batch(edits, batch)
        again = frozen(dearer, booked, world, was, by_line=True)
        found.append(_by_sku(again, dearer, world, skus, "reprice"))
    return found


def without(batch: Batch, booked: pl.DataFrame, world: World, sku: str) -> int:
    """What the orders of an article earn without it; orders of nothing else do not exist.

    Shapes: booked the orders that hold the article. Units: minor units of the books' currency.
    """
    batch = batch.only(booked["order_id"])
    left = replace(batch, lines=batch.lines.filter(pl.col("sku") != sku))
    some = booked.join(left.lines.select("order_id").unique(), on="order_id", how="semi")
    if some.is_empty():
        return 0
    ways = frozen(left, some, world).ways
    return int(ways["profit_base_minor"].sum()) if ways.height else 0


def _by_sku(
    found: Frozen, batch: Batch, world: World, skus: Sequence[str], kind: str, detail: str = ""
) -> pl.DataFrame:
    """Profit and revenue of some articles on the ways found, each line with its own part of its order."""
    if found.ways.is_empty():
        return pl.DataFrame(schema=EFFECT)
    lines = line_figures(found.ways, batch.only(found.ways["order_id"]), world, found.shares)
    sums = lines.filter(pl.col("sku").is_in(list(skus))).group_by("sku").agg(
        profit=pl.col("profit_base_minor").sum(), revenue=pl.col("revenue_base_minor").sum()
    )  # fmt: skip
    return sums.select("sku", pl.lit(kind).alias("kind"), pl.lit(detail).alias("detail"), "profit", "revenue")


def _bundled(batch: Batch, booked: pl.DataFrame, world: World, skus: Sequence[str]) -> pl.DataFrame:
    """Orders of several articles sent as one set: one goods code and origin, those of its dearest line. What goes in
    parts cannot be one set."""
    booked = booked.filter(pl.col("parts").is_null())
    batch = batch.only(booked["order_id"])
    facts = world["skus"].select("sku", "hs_code", "origin")
    lines = batch.lines.join(facts, on="sku", how="left", maintain_order="left")
    dearest = lines.sort("order_id", "amount_minor").group_by("order_id", maintain_order=True).last()
    lines = lines.join(
        dearest.select("order_id", as_hs="hs_code", as_origin="origin"), on="order_id", maintain_order="left"
    )
    set_code = pl.concat_str("sku", pl.lit("|"), "as_hs", pl.lit("|"), "as_origin")
    other = (pl.col("hs_code") != pl.col("as_hs")) | (pl.col("origin") != pl.col("as_origin"))
    if not lines.select(other.any()).item():
        return pl.DataFrame(schema=EFFECT)
    lines = lines.with_columns(renamed=pl.when(other).then(set_code).otherwise("sku"))
    made = lines.filter(other).select("sku", "renamed", "as_hs", "as_origin").unique("renamed")
    rows = made.join(world["skus"], on="sku").with_columns(sku="renamed", hs_code="as_hs", origin="as_origin")
    together = world.replace(skus=pl.concat([world["skus"], rows.select(world["skus"].columns)]))
    sets = replace(batch, lines=lines.with_columns(sku="renamed").select(batch.lines.columns))
    return _by_sku(frozen(sets, booked, together, by_line=True), batch, world, skus, "bundle")


def _other_ways(
    batch: Batch, booked: pl.DataFrame, was: Frozen, world: World, skus: Sequence[str]
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The way of each order that earns most: from the same warehouse, and from one inside the buyer's customs area."""
    moved = pl.DataFrame(schema=MOVED)
    stocked = replace(batch, stock=plenty(batch, world))
    priced = price_ways(stocked, world, trace=True)[0]
    if priced.ways.is_empty():
        return [], moved
    places = dict(world["territories"].sort("valid_from").select("country", "territory").iter_rows())
    area = {name: pl.col(name).replace_strict(places, default="") for name in ("ship_from", "dest_country")}
    own = booked.select("order_id", own="warehouse")
    ways = priced.ways.join(own, on="order_id", maintain_order="left")
    near = (area["ship_from"] == area["dest_country"]) & (pl.col("warehouse") != pl.col("own"))
    found = []
    for kind, meant in (("route", pl.col("warehouse") == pl.col("own")), ("stock", near)):
        best = ways.filter(meant).sort("order_id", -pl.col("profit_base_minor"), "warehouse", "service")
        best = best.unique("order_id", keep="first", maintain_order=True)
        if best.height:
            shares = line_shares(replace(priced, ways=best), batch, world)
            found.append(_by_sku(_with_rest(best, shares, was), batch, world, skus, kind))
            moved = _moved(best, batch, world, skus)  # of the last kind, stock
    return found, moved


def _moved(best: pl.DataFrame, batch: Batch, world: World, skus: Sequence[str]) -> pl.DataFrame:
    """Pieces of the articles that leave from another warehouse than they did."""
    countries = world["warehouses"].select(own="warehouse", own_country="country").unique("own", keep="last")
    ways = best.select("order_id", "warehouse", "own", "placed_on").filter(
        pl.col("warehouse") != pl.col("own")
    )
    lines = batch.lines.filter(pl.col("sku").is_in(list(skus))).join(ways, on="order_id")
    lines = lines.join(countries, on="own", how="left").rename({"own_country": "ship_from"})
    sums = lines.group_by("sku", "ship_from", "warehouse").agg(
        pieces=pl.col("quantity").sum(), first=pl.col("placed_on").min(), last=pl.col("placed_on").max()
    )
    return sums.sort("sku", "ship_from", "warehouse").select(list(MOVED))


def _with_rest(best: pl.DataFrame, shares: pl.DataFrame, was: Frozen) -> Frozen:
    """Other ways of some orders, and those of the rest as they were."""
    names = ["order_id", *(f"{name}_base_minor" for name in FIGURES)]
    ways = best.select(names)
    if was.ways.height:
        ways = pl.concat([ways, was.ways.select(names).join(best, on="order_id", how="anti")])
    if was.shares is not None:
        shares = pl.concat([shares, was.shares.join(best, on="order_id", how="anti")])
    return replace(was, ways=ways.sort("order_id"), shares=shares)
