"""Cartonisation: everything is in one parcel, nothing overlaps, the smallest carton is taken, always the same one."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.engine.boxes import in_a_row, in_order, place
from entrepot.engine.cartons import Kit, cartonise
from entrepot.engine.stacks import capacity, stacked

KIT = Kit.of(
    pl.DataFrame(
        [
            ("S", 200, 150, 100, 3, 50, 5000, 40),
            ("M", 300, 200, 150, 4, 120, 10_000, 80),
            ("L", 600, 400, 400, 5, 700, 30_000, 190),
        ],
        schema=["carton", "length_mm", "width_mm", "height_mm", "wall_mm", "tare_g", "max_g", "cost_minor"],
        orient="row",
    )
)  # fmt: skip


def goods(*lines, pack=1):
    rows = [
        {"pack": pack, "sku": sku, "quantity": quantity, "weight_g": weight, "length_mm": a, "width_mm": b,
         "height_mm": c, "upright": upright}
        for sku, quantity, weight, (a, b, c), upright in lines
    ]  # fmt: skip
    return pl.DataFrame(rows)


def boxes(found):
    return [(row["carton"], row["alike"], row["weight"]) for row in found.to_dicts()]


def test_one_piece_goes_into_the_smallest_carton_that_holds_it_turned_as_it_must():
    found = cartonise(goods(("A", 1, 400, (90, 140, 190), False)), KIT)
    assert boxes(found) == [("S", 1, 450)]
    assert found.select("long", "mid", "short").row(0) == (206, 156, 106)


def test_this_side_up_needs_the_height():
    assert boxes(cartonise(goods(("A", 1, 400, (90, 140, 190), True)), KIT)) == [("L", 1, 1100)]


def test_a_second_piece_beside_the_first_then_a_larger_carton():
    assert boxes(cartonise(goods(("A", 2, 400, (100, 150, 100), False)), KIT)) == [("S", 1, 850)]
    assert boxes(cartonise(goods(("A", 3, 400, (100, 150, 100), False)), KIT)) == [("M", 1, 1320)]


def test_too_heavy_for_one_carton_becomes_two_and_too_long_for_any_goes_as_it_is():
    assert boxes(cartonise(goods(("A", 2, 20_000, (100, 100, 100), False)), KIT)) == [("L", 2, 20_700)]
    found = cartonise(goods(("ROD", 1, 900, (1200, 40, 40), False), ("A", 1, 100, (50, 50, 50), False)), KIT)
    assert sorted(boxes(found)) == [("", 1, 900), ("S", 1, 150)]


def test_hundreds_fill_whole_cartons_and_a_smaller_one_takes_the_rest():
    found = cartonise(goods(("A", 198, 100, (100, 100, 100), False)), KIT)
    assert boxes(found) == [("L", 2, 10_300), ("M", 1, 720)]


def test_goods_without_any_carton_travel_in_their_own_packaging():
    found = cartonise(goods(("A", 3, 400, (100, 150, 100), False)), KIT.within(0, 0, 0, 0))
    assert boxes(found) == [("", 3, 400)]


def test_a_service_s_limits_leave_the_cartons_it_takes():
    small = KIT.within(2000, 310, 0, 0)
    assert small.names == ("S", "M")
    assert small.bears.tolist() == [1950, 1880]


SIDES = st.tuples(*[st.integers(5, 700)] * 3)
LINE = st.tuples(st.integers(1, 30), st.integers(1, 3000), SIDES, st.booleans())


@settings(max_examples=60)
@given(st.lists(st.lists(LINE, min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_gram_travels_once_and_a_package_is_packed_alike_alone_and_among_others(packs):
    frames = [
        goods(*[(f"P{nth}-{n}", q, w, size, up) for n, (q, w, size, up) in enumerate(lines)], pack=nth)
        for nth, lines in enumerate(packs)
    ]
    together = cartonise(pl.concat(frames), KIT)
    for nth, frame in enumerate(frames):
        alone = cartonise(frame, KIT)
        assert alone.equals(together.filter(pl.col("pack") == nth))
        assert (alone["net_g"] * alone["alike"]).sum() == (frame["weight_g"] * frame["quantity"]).sum()
        boxed = alone.filter(pl.col("carton") != "").join(
            pl.DataFrame({"carton": KIT.names, "room": KIT.rooms.prod(axis=1), "bear": KIT.bears}),
            on="carton",
        )
        assert (boxed["net_g"] <= boxed["bear"]).all()


ROOM = np.array([600, 400, 400])


def pieces(sizes):
    array = np.array(sizes, dtype=np.int64)
    return array, np.ones(len(array), dtype=np.int64), np.zeros(len(array), dtype=bool)


@given(st.lists(SIDES, min_size=1, max_size=6))
def test_what_is_said_to_fit_has_the_volume(sizes):
    array, weights, upright = pieces(sizes)
    placed = place(array, weights, upright, ROOM, 100)
    volume = (array.prod(axis=1) * placed).sum()
    assert volume <= 600 * 400 * 400
    if in_a_row(in_order(array), weights, ROOM):
        assert array.prod(axis=1).sum() <= 600 * 400 * 400


@given(st.lists(SIDES, min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_piece_that_is_not_there_leaves_no_trace(sizes, there):
    array, weights, upright = pieces(sizes)
    kept = np.array(there[: len(sizes)])
    placed = place(array, weights * kept, upright, ROOM, 100)
    assert not placed[~kept].any()
    alone = place(array[kept], weights[kept], upright[kept], ROOM, 100)
    assert placed[kept].tolist() == alone.tolist()


@settings(max_examples=30)
@given(st.lists(SIDES, min_size=1, max_size=5), st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_compiled_loop_answers_as_its_python_does(sizes, tall):
    array, weights, _ = pieces(sizes)
    question = (array, weights, np.array(tall[: len(sizes)]), ROOM, 4)
    assert place(*question).tolist() == place.py_func(*question).tolist()


@given(SIDES, st.integers(2, 400))
def test_a_stack_holds_all_pieces_and_goes_in_where_the_room_takes_them(size, count):
    sizes, counts = np.array([size], dtype=np.int64), np.array([count])
    rooms, upright = np.array([[600, 400, 400]]), np.array([False])
    takes = capacity(sizes, np.array([1]), upright, rooms, np.array([10**9]))[0, 0]
    stack = stacked(sizes, counts, upright, rooms)[0]
    assert stack.prod() >= count * np.prod(size)
    if 0 < count <= takes:
        assert (np.sort(stack) <= [400, 400, 600]).all()
