"""Which cartons goods go into: the smallest that takes all, else the largest filled and the rest in the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from entrepot.engine.boxes import Flags, Ints, in_a_row, place, takes_all
from entrepot.engine.stacks import capacity, stacked

LOOSE = 6  # up to so many pieces are placed one by one; more travel in stacks of equal pieces
AT_ONCE = 12  # boxes or stacks placed together
SIZES = (1, 2, 3, 4, 6, 8, 12)
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
        rooms = rows.select(inside).to_numpy().astype(np.int64).reshape(-1, 3)
        walls = rows["wall_mm"].to_numpy()
        return cls(
            rooms=rooms,
            bears=rows["max_g"].to_numpy(),
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
    for blocks in _groups(pl.concat([_blocks(loose, kit), _blocks(bulk, kit)])):
        found.fill(blocks)
    return found.frame()


def _sizes(goods: pl.DataFrame) -> Ints:
    return goods.select("length_mm", "width_mm", "height_mm").to_numpy().astype(np.int64).reshape(-1, 3)


def _best(goods: pl.DataFrame, kit: Kit) -> tuple[Ints, Ints]:
    """Of each row's SKU the carton that takes the most pieces, the smallest of several, and how many that are."""
    if not kit.names:
        return np.zeros(goods.height, dtype=np.int64), np.zeros(goods.height, dtype=np.int64)
    kinds = goods.unique("sku", maintain_order=True).with_row_index("kind")
    upright = kinds["upright"].to_numpy()
    takes = capacity(_sizes(kinds), kinds["weight_g"].to_numpy(), upright, kit.rooms, kit.bears)
    carton = takes.argmax(axis=1)
    kind = (
        goods.select("sku")
        .join(kinds.select("sku", "kind"), on="sku", maintain_order="left")["kind"]
        .to_numpy()
    )
    return carton[kind], takes.max(axis=1)[kind]


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


@dataclass(frozen=True)
class _Group:
    packs: Ints
    sizes: Ints
    weights: Ints
    upright: Flags


def _groups(blocks: pl.DataFrame) -> list[_Group]:
    """Packages with about as many blocks side by side in one array."""
    if blocks.is_empty():
        return []
    blocks = blocks.with_columns(volume=pl.col("x") * pl.col("y") * pl.col("z"))
    blocks = blocks.sort("pack", "volume", descending=[False, True], maintain_order=True)
    nth = pl.int_range(pl.len()).over("pack")
    blocks = blocks.with_columns(nth=nth).with_columns(
        part=pl.col("nth") // AT_ONCE, nth=pl.col("nth") % AT_ONCE
    )
    blocks = blocks.with_columns(
        count=pl.len().over("pack", "part"), group=pl.struct("pack", "part").rle_id()
    )
    found = []
    for low, high in zip((0, *SIZES), SIZES, strict=False):
        some = blocks.filter((pl.col("count") > low) & (pl.col("count") <= high))
        if some.is_empty():
            continue
        row = some["group"].rle_id().to_numpy()
        at = (row, some["nth"].to_numpy())
        shape = (int(row[-1]) + 1, high)
        sizes = np.zeros((*shape, 3), dtype=np.int64)
        weights, upright = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
        sizes[at] = some.select("x", "y", "z").to_numpy()
        weights[at], upright[at] = np.maximum(some["weight"].to_numpy(), 1), some["upright"].to_numpy()
        packs = np.zeros(shape[0], dtype=np.int64)
        packs[row] = some["pack"].to_numpy()
        found.append(_Group(packs, sizes, weights, upright))
    return found


class _Found:
    """Parcels as they are found."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.parts: list[Ints] = []

    def add(
        self, packs: Ints, carton: int, net: Ints, alike: Ints | int = 1, sizes: Ints | None = None
    ) -> None:
        """So many parcels, all in one carton, or in their own packaging."""
        if not len(packs):
            return
        part = np.empty((len(packs), 7), dtype=np.int64)
        part[:, 0], part[:, 1], part[:, 2], part[:, 3] = packs, carton, net, alike
        part[:, 4:] = self.kit.outer[carton] if sizes is None else -np.sort(-sizes, axis=1)
        self.parts.append(part)

    def fill_whole(self, goods: pl.DataFrame) -> pl.DataFrame:
        """Cartons filled with one SKU alone, as long as there are pieces enough; gives what is left."""
        carton, takes = _best(goods, self.kit)
        counts, most = goods["quantity"].to_numpy(), np.maximum(takes, 1)
        packs, net, whole = goods["pack"].to_numpy(), goods["weight_g"].to_numpy() * most, counts // most
        carton = np.where(takes > 0, carton, OWN)
        for number in np.unique(carton):
            here = (carton == number) & (whole > 0)
            if here.any():
                sizes = _sizes(goods)[here] if number == OWN else None
                self.add(packs[here], int(number), net[here], whole[here], sizes)
        left = pl.Series("quantity", counts - whole * most)
        return goods.with_columns(left).filter(pl.col("quantity") > 0)

    def fill(self, group: _Group) -> None:
        """Parcels of packages until no block is left."""
        packs, sizes, weights, upright = group.packs, group.sizes, group.weights.copy(), group.upright
        row, nth = np.nonzero((weights > 0) & ~self._has_carton(sizes, weights, upright))
        self.add(packs[row], OWN, weights[row, nth], sizes=sizes[row, nth])
        weights[row, nth] = 0
        while (left := np.asarray((weights > 0).any(axis=1))).any():
            packs, sizes, weights, upright = packs[left], sizes[left], weights[left], upright[left]
            whole = self._in_one(packs, sizes, weights, upright)
            packs, sizes, weights, upright = packs[~whole], sizes[~whole], weights[~whole], upright[~whole]
            self._fill_largest(packs, sizes, weights, upright)

    def _has_carton(self, sizes: Ints, weights: Ints, upright: Flags) -> Flags:
        """Which blocks go into some carton by themselves."""
        found = np.zeros(weights.shape, dtype=bool)
        ranked, floor = np.sort(sizes, axis=2), np.sort(sizes[..., :2], axis=2)
        for room, bear in zip(self.kit.rooms, self.kit.bears, strict=True):
            turned = (ranked <= np.sort(room)).all(axis=2)
            standing = (floor <= np.sort(room[:2])).all(axis=2) & (sizes[..., 2] <= room[2])
            found |= np.where(upright, standing, turned) & (weights <= bear)
        return found

    def _in_one(self, packs: Ints, sizes: Ints, weights: Ints, upright: Flags) -> Flags:
        """Packages that go into one carton, put into the smallest that takes them.

        Volume, weight and longest sides are asked before a package is placed.
        """
        ranked = np.sort(np.where((weights > 0)[..., None], sizes, 0), axis=2)
        volume, sides, net = ranked.prod(axis=2).sum(axis=1), ranked.max(axis=1), weights.sum(axis=1)
        whole = np.zeros(len(packs), dtype=bool)
        many = (weights > 0).sum(axis=1) > 2  # two pieces side by side are in a row, or not in the box at all
        for carton in range(len(self.kit.names)):
            room, bear = self.kit.rooms[carton], int(self.kit.bears[carton])
            may = ~whole & (volume <= room.prod()) & (net <= bear) & (sides <= np.sort(room)).all(axis=1)
            some = np.flatnonzero(may)
            if not len(some):
                continue
            inner = tuple(room.tolist())
            fits = in_a_row(ranked[some], upright[some], inner)
            open_ = ~fits & (many[some] | upright[some].any(axis=1))
            rest = some[open_]
            if len(rest):
                fits[open_] = takes_all(sizes[rest], weights[rest], upright[rest], inner, bear)
            found = some[fits]
            self.add(packs[found], carton, net[found])
            whole[found] = True
        return whole

    def _fill_largest(self, packs: Ints, sizes: Ints, weights: Ints, upright: Flags) -> None:
        """One parcel of each package that needs several: what the largest carton takes, in the smallest that takes it.

        Weights become 0 as blocks are placed.
        """
        placed = np.zeros_like(upright)
        for carton in range(len(self.kit.names) - 1, -1, -1):
            todo = np.flatnonzero(~placed.any(axis=1))
            if not len(todo):
                break
            room = tuple(self.kit.rooms[carton].tolist())
            placed[todo] = place(sizes[todo], weights[todo], upright[todo], room, int(self.kit.bears[carton]))
            some = todo[placed[todo].any(axis=1)]
            if len(some):
                load = weights[some] * placed[some]
                rest = some[~self._in_one(packs[some], sizes[some], load, upright[some])]
                self.add(packs[rest], carton, (weights[rest] * placed[rest]).sum(axis=1))
        weights[placed] = 0

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


OTHER = {
    "alike": pl.Int64, "weight": pl.Int64, "long": pl.Int64, "mid": pl.Int64, "short": pl.Int64, "carton": pl.String,
}  # fmt: skip
