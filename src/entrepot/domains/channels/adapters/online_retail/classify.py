"""What a line is: the first rule of `data/online_retail_outcomes.csv` that fits says it."""

from __future__ import annotations

import polars as pl

from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.rules.outcomes import OUTCOMES as EVERY_OUTCOME

OWN = ("order_line", "return", "write_off", "fee", "adjustment", "duplicate", "rejected")
OUTCOMES = {name: EVERY_OUTCOME[name] for name in OWN}
_ANSWERS = ("outcome", "reason", "booking", "leg", "sign")


def classify(lines: pl.DataFrame) -> pl.DataFrame:
    """Each line with its one outcome, the reason, how it is booked, and the posting leg and sign.

    Shapes: n lines in, n out, same order; adds outcome, reason, booking, leg (text) and sign (Int64).
    Holds: every line has exactly one outcome. A line equal in every column to an earlier one is a duplicate.
    Source: data/online_retail_outcomes.csv, docs/methods/online_retail_reconciliation.md.
    """
    rules = table("online_retail_outcomes").with_columns(pl.col("priority").cast(pl.Int64)).sort("priority")
    sold = (
        (pl.col("quantity") > 0)
        & (pl.col("price_e4") > 0)
        & ~pl.col("code").str.contains(_pseudo_codes(rules))
    )
    lines = lines.with_columns(
        _sale=sold.any().over("invoice").fill_null(False),
        _text=pl.col("description").fill_null("").str.to_uppercase(),
    )
    found = pl.coalesce(
        pl.when(pl.col("problem") != "").then(pl.lit(-1)),
        pl.when(pl.col("duplicate")).then(pl.lit(-2)),
        *(
            pl.when(_fits(rule)).then(pl.lit(number))
            for number, rule in enumerate(rules.iter_rows(named=True))
        ),
        pl.lit(-3),
    ).cast(pl.Int64)
    special = pl.DataFrame(
        {
            "_rule": [-1, -2, -3],
            "outcome": ["rejected", "duplicate", "rejected"],
            "reason": ["value.unreadable", "line.repeated", "line.unknown"],
            "booking": ["", "", ""],
            "leg": ["", "", ""],
            "sign": [0, 0, 0],
        }
    )
    answers = rules.with_row_index("_rule").select(
        pl.col("_rule").cast(pl.Int64),
        *_ANSWERS[:-1],
        pl.col("sign").cast(pl.Int64, strict=False).fill_null(0),
    )
    return (
        lines.with_columns(_rule=found)
        .join(pl.concat([answers, special]), on="_rule", how="left", maintain_order="left")
        .drop("_rule", "_sale", "_text")
    )


def _pseudo_codes(rules: pl.DataFrame) -> str:
    """One pattern for the codes that are no goods: those the rules book as fees or adjustments."""
    codes = rules.filter((pl.col("code") != "") & pl.col("outcome").is_in(["fee", "adjustment", "rejected"]))[
        "code"
    ]
    return "|".join(f"(?:{code})" for code in codes)


def _fits(rule: dict[str, str]) -> pl.Expr:
    number = {"neg": lambda c: c < 0, "pos": lambda c: c > 0, "zero": lambda c: c == 0}
    tests = [pl.lit(True)]
    tests += [number[rule[side]](pl.col(column)) for side, column in _NUMBERS if rule[side]]
    tests += [pl.col(column).str.contains(rule[side]) for side, column in _TEXTS if rule[side]]
    if rule["sale"]:
        tests.append(pl.col("_sale") == (rule["sale"] == "yes"))
    return pl.all_horizontal(tests)


_NUMBERS = (("quantity", "quantity"), ("price", "price_e4"))
_TEXTS = (("invoice", "invoice"), ("code", "code"), ("description", "_text"))
