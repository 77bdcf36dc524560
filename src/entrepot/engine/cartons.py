"""Which cartons goods go into: the smallest that takes all, else the largest filled and the rest in the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from entrepot.engine.boxes import Flags, Ints, in_a_row, in_order, place
from entrepot.engine.compiled import compiled
from entrepot.engine.stacks import capacity, stacked

LOOSE = 6  # up to so many pieces are placed one by one; more travel in stacks of equal pieces
AT_ONCE = 12  # boxes or stacks placed together
OWN = -1  # a piece that fits no carton travels in its own packaging


@dataclass(frozen=True)
class Kit:
    """The cartons of a warehouse that a service takes, the smallest first.

    rooms: m × 3 inside, mm; bears: heaviest contents, g; outer: m × 3, mm; tares: g; names: codes; costs: minor units.
    """

    rooms: Ints
    bears: Ints
    outer: Ints
    tares: Ints
    costs: Ints
    names: tuple[str, ...]

    @classmethod
    def of(cls, cartons: pl.DataFrame) -> Kit:
        """From rows of the cartons table."""
        inside = ["length_mm", "width_mm", "height_mm"]
        size = pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm")
        rows = cartons.with_columns(size=size).sort("size", "cost_minor", "carton")
        rooms = rows.select(inside).to_numpy(order="c").astype(np.int64).reshape(-1, 3)
        walls = rows["wall_mm"].to_numpy()
        return cls(
            rooms=rooms,
            bears=rows["max_g"].to_numpy(writable=True),
            outer=-np.sort(-(rooms + 2 * walls[:, None]), axis=1),
            tares=rows["tare_g"].to_numpy(),
            costs=rows["cost_minor"].to_numpy(),
            names=tuple(rows["carton"].to_list()),
        )

    def within(self, max_g: int, max_side: int, max_girth: int, max_sum: int) -> Kit:
        """The cartons a service takes, filled no heavier than it takes; 0 asks nothing."""
        long, girth = self.outer[:, 0], self.outer[:, 0] + 2 * (self.outer[:, 1] + self.outer[:, 2])
        taken = (max_side == 0) | (long <= max_side)
        taken &= ((max_girth == 0) | (girth <= max_girth)) & (
            (max_sum == 0) | (self.outer.sum(axis=1) <= max_sum)
        )
        bears = np.minimum(self.bears, max_g - self.tares)
        keep = np.flatnonzero(taken & (bears > 0))
        return Kit(
            self.rooms[keep], bears[keep], self.outer[keep], self.tares[keep], self.costs[keep],
            tuple(self.names[nth] for nth in keep),
        )  # fmt: skip


def cartonise(goods: pl.DataFrame, kit: Kit) -> pl.DataFrame:
    """The parcels of packages of goods, the carton of each and its weight and outer size.

    Shapes: goods one row per package and SKU (pack, sku, quantity, weight_g, length_mm, width_mm, height_mm, upright);
    result one row per package and kind of parcel: pack, alike, carton ('' = the piece's own packaging), net_g, weight
    (gross), long, mid, short (mm, outside, longest first), cost_minor (of one). Units: g, mm.
    Holds: every piece is in exactly one parcel; same goods, same parcels, whatever else is packed in the same call.
    Source: docs/methods/freight.md.
    """
    goods = goods.with_columns(volume=pl.col("length_mm") * pl.col("width_mm") * pl.col("height_mm"))
    many = pl.col("quantity").sum().over("pack") > LOOSE
    goods = goods.with_columns(many=many).sort(["pack", "volume", "sku"], descending=[False, True, False])
    loose = goods.filter(~pl.col("many"))
    loose = loose.select(pl.all().repeat_by("quantity")).explode(goods.columns).with_columns(quantity=1)
    found = _Found(kit)
    bulk = goods.filter("many")
    if bulk.height:
        bulk = found.fill_whole(bulk)
    found.fill(pl.concat([_blocks(loose, kit), _blocks(bulk, kit)]))
    return found.frame()


def load() -> None:
    """Load the compiled loops, so that no order waits for them: once per process, a second or two."""
    sides = dict.fromkeys(("length_mm", "width_mm", "height_mm"), 2)
    piece = {"pack": 0, "sku": "", "quantity": LOOSE + 1, "weight_g": 1, "upright": False}
    carton = {"carton": "", "wall_mm": 0, "tare_g": 0, "max_g": 2 * LOOSE + 2, "cost_minor": 0}
    room = pl.DataFrame([carton | {side: (LOOSE + 1) * length for side, length in sides.items()}])
    cartonise(pl.DataFrame([piece | sides]), Kit.of(room))


def _sizes(goods: pl.DataFrame) -> Ints:
    sides = goods.select("length_mm", "width_mm", "height_mm")
    return sides.to_numpy(order="c").astype(np.int64).reshape(-1, 3)


def _best(goods: pl.DataFrame, kit: Kit) -> tuple[Ints, Ints]:
    """Of each row's SKU the carton that takes the most pieces, the smallest of several, and how many that are."""
    if not kit.names:
        return np.zeros(goods.height, dtype=np.int64), np.zeros(goods.height, dtype=np.int64)
    kinds = goods.unique("sku", maintain_order=True).with_row_index("kind")
    upright = kinds["upright"].to_numpy()
    takes = capacity(_sizes(kinds), kinds["weight_g"].to_numpy(), upright, kit.rooms, kit.bears)
    carton = takes.argmax(axis=1)
    kind = goods.select("sku").join(kinds.select("sku", "kind"), on="sku", maintain_order="left")["kind"]
    return carton[kind.to_numpy()], takes.max(axis=1)[kind.to_numpy()]


def _blocks(goods: pl.DataFrame, kit: Kit) -> pl.DataFrame:
    """Each row as one block: a piece, or a stack of equal pieces that goes into the carton that takes the most."""
    sizes, counts = _sizes(goods), goods["quantity"].to_numpy()
    several = counts > 1
    if several.any():
        rooms = kit.rooms[_best(goods, kit)[0][several]]
        sizes[several] = stacked(sizes[several], counts[several], goods["upright"].to_numpy()[several], rooms)
    return (
        goods.select("pack", "upright", weight=pl.col("weight_g") * pl.col("quantity"))
        .hstack(pl.DataFrame(sizes, schema=["x", "y", "z"], orient="row"))
        .select("pack", "weight", "upright", "x", "y", "z")
    )


def _starts(packs: Ints) -> Ints:
    """Where each part of a package begins, and the end of all; packages stand together, a part is AT_ONCE blocks."""
    at = np.arange(len(packs))
    fresh = np.append(True, packs[1:] != packs[:-1])[: len(packs)]
    nth = at - np.maximum.accumulate(np.where(fresh, at, 0))
    return np.append(np.flatnonzero(nth % AT_ONCE == 0), len(packs))


class _Pieces(NamedTuple):
    """Pieces of one part: sides as they stand and shortest first (n × 3, mm), g (0: gone), kept upright."""

    sizes: Ints
    ranked: Ints
    weights: Ints
    upright: Flags


class _Boxes(NamedTuple):
    """Cartons, the smallest first: inside as they stand and shortest first (m × 3, mm), heaviest contents in g."""

    rooms: Ints
    ranked: Ints
    bears: Ints


@compiled
def _fill(starts: Ints, sizes: Ints, weights: Ints, upright: Flags, rooms: Ints, bears: Ints) -> Ints:
    """Parcels of each part until no block is left.

    Shapes: starts p + 1, sizes b × 3, weights and upright b, rooms m × 3, bears m; result one row per parcel: its first
    block, carton (OWN: none), contents in g.
    """
    found, number = np.empty((len(weights), 3), dtype=np.int64), 0
    ranked, boxes = in_order(sizes), _Boxes(rooms, in_order(rooms), bears)
    left = weights.copy()
    for part in range(len(starts) - 1):
        start, stop = starts[part], starts[part + 1]
        for nth in range(start, stop):
            one = slice(nth, nth + 1)
            if _smallest(_Pieces(sizes[one], ranked[one], left[one], upright[one]), boxes) < 0:
                found[number] = nth, OWN, left[nth]
                number, left[nth] = number + 1, 0
        rest = left[start:stop]
        while rest.any():
            pieces = _Pieces(sizes[start:stop], ranked[start:stop], rest, upright[start:stop])
            load, carton = rest, _smallest(pieces, boxes)
            if carton < 0:
                load, carton = _largest(pieces, boxes)
            found[number] = start + load.argmax(), carton, load.sum()
            number, rest = number + 1, rest - load
    return found[:number]


@compiled
def _smallest(pieces: _Pieces, boxes: _Boxes) -> int:
    """The smallest carton that takes all pieces, −1 where none does.

    Volume, weight and longest sides are asked before anything is placed.
    """
    sizes, ranked, weights, upright = pieces
    net, volume, several, tall = 0, 0, 0, False
    short, mid, long = 0, 0, 0
    for nth in range(len(weights)):
        if weights[nth] > 0:
            short, mid, long = max(short, ranked[nth, 0]), max(mid, ranked[nth, 1]), max(long, ranked[nth, 2])
            volume += sizes[nth, 0] * sizes[nth, 1] * sizes[nth, 2]
            net, several, tall = net + weights[nth], several + 1, tall or upright[nth]
    for carton in range(len(boxes.bears)):
        room, rank, bear = boxes.rooms[carton], boxes.ranked[carton], boxes.bears[carton]
        if net > bear or volume > room[0] * room[1] * room[2]:
            continue
        if short > rank[0] or mid > rank[1] or long > rank[2]:
            continue
        if not tall and in_a_row(ranked, weights, room):
            return carton
        # two pieces side by side are in a row, or not in the box at all
        if (several > 2 or tall) and place(sizes, weights, upright, room, bear).sum() == several:
            return carton
    return -1


@compiled
def _largest(pieces: _Pieces, boxes: _Boxes) -> tuple[Ints, int]:
    """What the largest carton takes of more than goes into one, and the smallest carton that takes this."""
    sizes, ranked, weights, upright = pieces
    for carton in range(len(boxes.bears) - 1, -1, -1):
        load = weights * place(sizes, weights, upright, boxes.rooms[carton], boxes.bears[carton])
        if load.any():
            smaller = _smallest(_Pieces(sizes, ranked, load, upright), boxes)
            return load, smaller if smaller >= 0 else carton
    return weights, OWN


class _Found:
    """Parcels as they are found."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.parts: list[Ints] = []

    def add(self, packs: Ints, cartons: Ints, net: Ints, alike: Ints | int, sizes: Ints) -> None:
        """So many parcels, each in its carton or, as OWN, in the packaging of its piece, whose size is given."""
        part = np.empty((len(packs), 7), dtype=np.int64)
        part[:, 0], part[:, 1], part[:, 2], part[:, 3] = packs, cartons, net, alike
        outer = np.append(self.kit.outer, np.zeros((1, 3), dtype=np.int64), axis=0)
        part[:, 4:] = np.where((cartons == OWN)[:, None], -np.sort(-sizes, axis=1), outer[cartons])
        self.parts.append(part)

    def fill_whole(self, goods: pl.DataFrame) -> pl.DataFrame:
        """Cartons filled with one SKU alone, as long as there are pieces enough; gives what is left."""
        carton, takes = _best(goods, self.kit)
        counts, most = goods["quantity"].to_numpy(), np.maximum(takes, 1)
        packs, net, whole = goods["pack"].to_numpy(), goods["weight_g"].to_numpy() * most, counts // most
        carton, here = np.where(takes > 0, carton, OWN), whole > 0
        self.add(packs[here], carton[here], net[here], whole[here], _sizes(goods)[here])
        left = pl.Series("quantity", counts - whole * most)
        return goods.with_columns(left).filter(pl.col("quantity") > 0)

    def fill(self, blocks: pl.DataFrame) -> None:
        """Parcels of packages until no block is left, the largest of each placed first."""
        volume = pl.col("x") * pl.col("y") * pl.col("z")
        blocks = blocks.sort("pack", volume, descending=[False, True], maintain_order=True)
        sizes, packs = (
            blocks.select("x", "y", "z").to_numpy(order="c", writable=True),
            blocks["pack"].to_numpy(),
        )
        weights, upright = (
            np.maximum(blocks["weight"].to_numpy(), 1),
            blocks["upright"].to_numpy(writable=True),
        )
        rows = _fill(_starts(packs), sizes, weights, upright, self.kit.rooms, self.kit.bears)
        first, carton, net = rows.T
        self.add(packs[first], carton, net, 1, sizes[first])

    def frame(self) -> pl.DataFrame:
        """One row per package and kind of parcel, the heaviest first."""
        rows = np.concatenate(self.parts) if self.parts else np.empty((0, 7), dtype=np.int64)
        own = np.array([0])  # the last place stands for a piece's own packaging
        tares, costs = np.append(self.kit.tares, own), np.append(self.kit.costs, own)
        names = pl.Series("carton", [*self.kit.names, ""])
        key = ["pack", "number", "net_g", "long", "mid", "short"]
        frame = pl.DataFrame(
            rows, schema=["pack", "number", "net_g", "alike", "long", "mid", "short"], orient="row"
        )
        kinds = frame.group_by(key).agg(pl.col("alike").sum())
        number = kinds["number"].to_numpy()
        kinds = kinds.with_columns(
            weight=pl.col("net_g") + pl.Series(tares[number]),
            cost_minor=pl.Series(costs[number]),
            carton=names.gather(np.where(number < 0, len(self.kit.names), number)),
        )
        kinds = kinds.sort(
            ["pack", "weight", "long", "mid", "short", "carton"], descending=[False, *[True] * 5]
        )
        return kinds.select(
            "pack", "alike", "carton", "net_g", "weight", "long", "mid", "short", "cost_minor"
        )
