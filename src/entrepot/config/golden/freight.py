"""Cases of freight: volumetric and chargeable weight by carrier and day, size limits, revenue tons, batteries."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from entrepot.config.golden.case import Case, Unsupported, number
from entrepot.config.golden.fx import last_day
from entrepot.config.golden.methods import Method
from entrepot.config.golden.words import meant
from entrepot.engine.price.parcel import billable, is_over, measured, size_tests, weighing_rules
from entrepot.engine.world import World

Figures = dict[str, Any]
FINE = 10**6  # nanometres and micrograms: inches and pounds are whole numbers of them
MM = {"cm": Decimal(10), "mm": Decimal(1), "m": Decimal(1000), "inch": Decimal("25.4")}
GRAMS = {"kg": Decimal(1000), "g": Decimal(1), "lb": Decimal("453.59237"), "t": Decimal(10**6)}
SIDES = r"cm|mm|inch|inches|in|dims?_(cm|in|mm)"
WEIGHT = r"(actual_)?(kg|g|lbs?)|weight_(kg|lb|g)"
PIECES = "pieces|parcels|boxes|cartons|packages"
DIVISOR, STEP = r"div|divisor", r"step|step_kg|step_lb"
VOLUME = r"cbm|m3|volume_m3"
CARRIER = "carrier|service"


def _unit(name: str) -> str:
    """The unit a name ends with: cm, mm, inch, kg, g, lb."""
    word = name.lower().rsplit("_", 1)[-1]
    return {"in": "inch", "inches": "inch", "lbs": "lb"}.get(word, word)


def _boxes(case: Case) -> tuple[list[list[Decimal]], str]:
    """Sides of each parcel, and their unit."""
    name = case.find(SIDES)
    value = case.inputs[name]
    if not isinstance(value, list) or not value:
        raise Unsupported(f"{name} is no list of three sides")
    boxes = value if isinstance(value[0], list) else [value]
    sides = [[number(side) for side in box] for box in boxes]
    if any(len(box) != 3 or min(box) <= 0 for box in sides):
        raise Unsupported(f"{name} is no list of three sides")
    return sides, _unit(name)


def _unpacked(case: Case) -> Case:
    """A case of pieces, each with its three sides and its weight, as lists of sides and of weights."""
    pieces = case.value(PIECES)
    if isinstance(pieces, int) and case.find(SIDES):
        return _alike(case, case.count(PIECES))
    if not isinstance(pieces, list) or not pieces:
        raise Unsupported("no list of pieces")
    length, mass = ("inch", "lb") if case.has("inch", "lb", "ups", "fedex", "usps") else ("cm", "kg")
    if isinstance(pieces[0], dict):
        each = [Case(case.case_id, case.area, case.rule, "", piece, {}) for piece in pieces]
        length = each[0].find(SIDES) or length
        mass = each[0].find(WEIGHT) or mass
        boxes, weights = [one.value(SIDES) for one in each], [one.value(WEIGHT, 0) for one in each]
    else:
        boxes, weights = (
            [piece[:3] for piece in pieces],
            [piece[3] if len(piece) > 3 else 0 for piece in pieces],
        )
    inputs = {
        name: value for name, value in case.inputs.items() if not re.fullmatch(PIECES, name, re.IGNORECASE)
    }
    return replace(case, inputs={**inputs, length: boxes, mass: weights})


def _alike(case: Case, pieces: int) -> Case:
    """So many alike pieces: sides of one, weight of all together."""
    name, mass = case.find(SIDES), case.find(WEIGHT)
    inputs = {
        one: value for one, value in case.inputs.items() if not re.fullmatch(PIECES, one, re.IGNORECASE)
    }
    inputs[name] = [case.inputs[name]] * pieces
    if mass:
        inputs[mass] = [number(case.inputs[mass]), *[Decimal(0)] * (pieces - 1)]
    return replace(case, inputs=inputs)


def _weights(case: Case, count: int) -> tuple[list[Decimal], str]:
    name = case.find(WEIGHT)
    if not name:
        return [Decimal(0)] * count, ""
    weights = case.numbers(WEIGHT)
    if len(weights) not in (1, count):
        raise Unsupported("not one weight for each parcel")
    return weights, _unit(name)


def _weighing(case: Case) -> str:
    """The weighing rule a case names, by its own inputs or the words of its rule."""
    return meant(case, "weighing", text=str(case.value(CARRIER, ""))) or meant(case, "weighing")


def _parcels(case: Case, world: World, on: date) -> tuple[pl.DataFrame, str]:
    """Parcels with how they are weighed; sides in nm, weights in µg, and the unit of weight."""
    boxes, length = _boxes(case)
    weights, mass = _weights(case, len(boxes))
    pounds = length == "inch"
    mass = mass or ("lb" if pounds else "kg")
    weighing = _weighing(case) or ("ups-us-daily" if pounds else "courier-500g")
    abroad = f"{weighing.split('-')[0]}-international"
    if not pounds and abroad in set(world["weighings"]["weighing"]):
        weighing = abroad
    rows = [
        {**{name: _whole(side * MM[length]) for name, side in zip(("long", "mid", "short"), box, strict=True)},
         "weight": _whole(weight * GRAMS[mass])}
        for box, weight in zip(boxes, weights * len(boxes) if len(weights) == 1 else weights, strict=True)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("long", "mid", "short", "weight"), pl.Int64))
    frame = frame.with_columns(weighing=pl.lit(weighing), divisor=0, round_g=1, placed_on=pl.lit(on))
    frame = weighing_rules(frame, world)
    if frame["unit"].null_count():
        raise Unsupported(f"no weighing rule {weighing} on {on}")
    if case.find(DIVISOR):
        divisor = case.number(DIVISOR)
        frame = frame.with_columns(
            divisor=pl.lit(int(divisor)), unit=pl.lit("in3/lb" if pounds else "cm3/kg")
        )
    return _stepped(frame, case), "lb" if pounds else "kg"


def _stepped(frame: pl.DataFrame, case: Case) -> pl.DataFrame:
    """The weight step a case states, in its inputs or its rule's text."""
    said = re.search(r"(\d+(?:\.\d+)?) ?(kg|g|lb) step", case.text)
    step = case.number(STEP) if case.find(STEP) else Decimal(said.group(1)) if said else None
    if step is None:
        return frame
    scale = 1 if said and said.group(2) == "g" and not case.find(STEP) else 1000
    change = pl.when(pl.col("step_e3") == int(step * scale)).then("change_e3").otherwise(0)
    return frame.with_columns(change_e3=change, step_e3=pl.lit(int(step * scale)))


def _whole(value: Decimal) -> int:
    fine = value * FINE
    if fine != int(fine):
        raise Unsupported(f"{value} is too fine a measure")
    return int(fine)


def _weighed(case: Case, world: World) -> Figures:
    """Sides and weight as the carrier takes them; figures of before and from a day where the rule names one."""
    if case.find(PIECES):
        case = _unpacked(case)
    found = _on_day(case, world, case.day(last_day(world)))
    change = re.search(r"before and from (\d{4}-\d{2}-\d{2})", case.text)
    if change:
        begins = date.fromisoformat(change.group(1))
        for word, on in (("before", begins - timedelta(days=1)), ("from", begins)):
            for names, value in _on_day(case, world, on).items():
                plain = "|".join(
                    name for part in names.split("|") for name in (part, part.replace("chargeable_", ""))
                )
                found |= {f"{word}_{name}": value for name in plain.split("|")}
    return found


def _on_day(case: Case, world: World, on: date) -> Figures:
    frame, unit = _parcels(case, world, on)
    frame = _least(frame, world, on, unit)
    weighed = billable(frame, per_mm=FINE, per_g=FINE)
    rows = weighed.to_dicts()
    several = isinstance(case.value(SIDES)[0], list)
    cubic = [Fraction(int(row["volume_num"]), int(row["volume_den"])) for row in rows]
    counted = [Fraction(0) if row["volumetric_e3"] == 0 else volume / row["divisor"]
               for row, volume in zip(rows, cubic, strict=True)]  # fmt: skip
    billed = [_billed(row, volume) for row, volume in zip(rows, counted, strict=True)]
    length = "in" if unit == "lb" else "cm"
    total = _together(weighed, counted) if several else billed[0]
    found: Figures = {
        f"volumetric_{unit}|dim_{unit}|dimensional_{unit}|volume_weight_{unit}": counted
        if several
        else counted[0],
        f"chargeable_{unit}|billable_{unit}|billed_{unit}|{unit}": total,
        f"each_{unit}|chargeable_each_{unit}|pieces_{unit}": billed,
        f"{length}3|volume_{length}3": cubic if several else cubic[0],
        f"total_volumetric_{unit}|sum_volumetric_{unit}": sum(counted, Fraction(0)),
    }
    return found | (
        _sizes(weighed, case, world, on) if unit == "lb" and not several else _girth(weighed, length)
    )


def _billed(row: dict[str, Any], volumetric: Fraction) -> Fraction:
    """What is billed; without a step the greater weight as it is."""
    if row["step_e3"] or row["change_e3"] or row["min_e3"]:
        return Fraction(row["billed_e3"], 1000)
    unit = Fraction(GRAMS["lb"]) if row["unit"] == "in3/lb" else Fraction(1000)
    return max(Fraction(int(row["weight"]), FINE) / unit, volumetric)


def _together(weighed: pl.DataFrame, counted: list[Fraction]) -> Fraction:
    """Several pieces of one shipment: weights are summed, then raised to the step."""
    row = weighed.row(0, named=True)
    grams = Fraction(int(weighed["weight"].sum()), FINE)
    actual = grams / (Fraction(GRAMS["lb"]) if row["unit"] == "in3/lb" else 1000)
    heavier = max(actual, sum(counted, Fraction(0))) * 1000
    if not row["step_e3"]:
        return heavier / 1000
    step = row["then_e3"] if row["change_e3"] and heavier > row["change_e3"] else row["step_e3"]
    return Fraction(-(-heavier // step) * step, 1000)


def _least(frame: pl.DataFrame, world: World, on: date, unit: str) -> pl.DataFrame:
    """Parcels with the weight a large one is billed at least."""
    if unit != "lb" or frame.height != 1:
        return frame
    limits = _limits(frame, world, on, "large")
    if limits.is_empty():
        return frame
    large = measured(frame, per_mm=FINE).hstack(size_tests(limits).drop("min_billed_e3"))
    if not large.select(is_over(per_mm=FINE, per_g=FINE)).item():
        return frame
    return frame.with_columns(least_e3=pl.lit(int(limits["min_billed_e3"][0])))


LIMITS = [
    "unit",
    "over_side_e3",
    "over_second_e3",
    "over_girth_e3",
    "over_volume",
    "over_weight_e3",
    "min_billed_e3",
]


def _limits(frame: pl.DataFrame, world: World, on: date, surcharge: str) -> pl.DataFrame:
    """The limits of a surcharge of the carrier whose weighing rule the parcel has; none for other carriers."""
    carrier = str(frame["weighing"][0]).split("-")[0]
    rows = world["surcharges"].filter(
        pl.col("service") == f"carrier:{carrier}", pl.col("surcharge") == surcharge, pl.col("valid_from") <= on,
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= on),
    )  # fmt: skip
    return rows[:1].select(LIMITS)


def _sizes(weighed: pl.DataFrame, case: Case, world: World, on: date) -> Figures:
    """Length and girth of a parcel as measured, and which surcharges for its size it meets."""
    found = _girth(weighed, "in")
    for words, surcharge in (
        ("large|large_package|oversize", "large"),
        ("ahs|additional_handling", "additional-handling"),
    ):
        limits = _limits(weighed, world, on, surcharge)
        if limits.height:
            tested = weighed.hstack(size_tests(limits).drop("min_billed_e3"))
            found[words] = bool(tested.select(is_over(per_mm=FINE, per_g=FINE)).item())
    return found


def _girth(weighed: pl.DataFrame, length: str) -> Figures:
    tenths = Fraction(254 if length == "in" else 100) * FINE
    long, mid, short = (Fraction(int(weighed[name][0])) / tenths for name in ("long", "mid", "short"))
    girth = 2 * (mid + short)
    return {
        f"length_plus_girth|length_girth|lpg|length_plus_girth_{length}": long + girth,
        "girth": girth,
        "longest|length|longest_side": long,
    }


def _tons(case: Case, world: World) -> Figures:
    """Weight or measure: tons or cubic metres, whichever is more; by other rules the chargeable kg of a volume."""
    volume, name = case.number(VOLUME), case.find(WEIGHT + "|tonnes|t")
    mass = {"tonnes": "t"}.get(name.lower(), _unit(name)) if name else "kg"
    weight = case.number(WEIGHT + "|tonnes|t") if name else Decimal(0)
    rule = _weighing(case) or "sea-lcl"
    nothing = dict.fromkeys(("long", "mid", "short"), pl.Series([None], dtype=pl.Int64))
    frame = pl.DataFrame(
        {**nothing, "volume_mm3": [int(volume * 10**9)], "weight": [int(weight * GRAMS[mass])]}
    ).with_columns(weighing=pl.lit(rule), divisor=0, round_g=1, placed_on=pl.lit(case.day(last_day(world))))
    frame = weighing_rules(frame, world)
    if case.find(DIVISOR):
        frame = frame.with_columns(divisor=pl.lit(int(case.number(DIVISOR))))
    if frame["unit"].null_count():
        raise Unsupported(f"no weighing rule {rule}")
    row = billable(frame).with_columns(weight=pl.col("weight") * FINE).row(0, named=True)
    counted = Fraction(volume) * 10**6 / row["divisor"] if row["divisor"] else Fraction(0)
    billed = _billed(row, counted)
    found: Figures = {"chargeable_kg|billable_kg": billed, "volumetric_kg": counted}
    if rule == "sea-lcl":
        found["revenue_tons|rt|revenue_ton|w_m|chargeable_rt"] = billed / 1000
    return found


METHODS = [
    Method(
        "weight of several pieces", (PIECES,), _weighed, (SIDES, WEIGHT, DIVISOR, STEP, CARRIER),
        ("freight", "piece"),
    ),
    Method("weight a carrier bills", (SIDES,), _weighed, (WEIGHT, DIVISOR, STEP, CARRIER), ("freight",)),
    Method(
        "weight or measure", (VOLUME,), _tons, (WEIGHT, "tonnes|t", DIVISOR, CARRIER), ("w/m", "sea", "freight"),
    ),
]  # fmt: skip
