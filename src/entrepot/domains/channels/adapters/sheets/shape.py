"""What the tables of goods and of stock have in common: columns by our names, units, words, problems row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from entrepot.domains.channels.adapters.tables import table
from entrepot.domains.channels.adapters.tabular import FORMULA_STARTS, ROW

PLACES = 6  # decimals a number in a table may have
FINE = 10**9  # factors between units are kept to nine decimals
Check = tuple[str, str, pl.Expr]


@dataclass(frozen=True)
class Known:
    """What the records already have: SKUs, and the code of each category, warehouse and country by any of its names."""

    skus: frozenset[str] = frozenset()
    categories: Mapping[str, str] = field(default_factory=dict)
    warehouses: Mapping[str, str] = field(default_factory=dict)
    countries: frozenset[str] = frozenset()
    minor_units: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How a file is read: column of each field, and what is said for the whole file."""

    mapping: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)
    known: Known = field(default_factory=Known)

    def option(self, name: str) -> str:
        """What was said, or ''."""
        return self.options.get(name, "").strip()


@dataclass(frozen=True)
class Rows:
    """What a file amounts to: good rows in the shape their room takes them, an outcome for each, every problem.

    `good` has `row_no` besides; `bad` (row_no, outcome, reason); `problems` (row_no, field, value, reason).
    """

    good: pl.DataFrame
    bad: pl.DataFrame
    problems: pl.DataFrame
    decimal: str = ""


@dataclass(frozen=True)
class Sheet:
    """A kind of table. `needed`: fields without which there is no row, with the option that may stand for each."""

    kind: str
    needed: Mapping[str, str]
    wanted: tuple[str, ...]
    options: tuple[str, ...]
    build: Callable[[pl.DataFrame, Reading], Rows]

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields, needed ones first."""
        return (*self.needed, *self.wanted)

    def missing(self, reading: Reading) -> list[str]:
        """Needed fields that have neither a column nor an option."""
        return [
            name
            for name, option in self.needed.items()
            if not reading.mapping.get(name) and not (option and reading.option(option))
        ]


def suggest_mapping(kind: str, headers: list[str]) -> dict[str, str]:
    """Field to column by the words sellers use (data/sheet_synonyms.csv), last by our own; the first that fits wins."""
    heads = [name for name in reversed(headers) if name != ROW]
    plain = {_unitless(name): name for name in heads} | {_plain(name): name for name in heads}
    chosen: dict[str, str] = {}
    rows = table("sheet_synonyms").filter(pl.col("kind").is_in([kind, "*"])).select("field", "word")
    own = ((name, name) for name in rows["field"].unique(maintain_order=True))
    for name, word in (*rows.iter_rows(), *own):
        column = plain.get(_plain(word))
        if column and name not in chosen and column not in chosen.values():
            chosen[name] = column
    return chosen


def _plain(name: str) -> str:
    """A head without marks and without its unit: `Weight (g)` is `weight`."""
    bare = re.sub(r"[(\uff08\[][^)\uff09\]]*[)\uff09\]]", "", name) or name
    return re.sub(r"[\s_\-#./:*]+", "", bare.strip().lower())


def is_any_currency(head: str) -> bool:
    """Whether a column is that of a currency and does not say of which price."""
    return _plain(head) in (
        "currency",
        "currencycode",
        "币种",
        "货币",
        "währung",
        "devise",
        "moneda",
        "valuta",
    )


def _unitless(name: str) -> str:
    """A head without the unit it ends with: `Length cm` and `length_cm` are `length`."""
    words = re.split(r"[\s_\-/]+", name.strip())
    units = set(table("sheet_units")["word"])
    return _plain(" ".join(words[:-1] if len(words) > 1 and words[-1].lower().strip(".") in units else words))


def by_field(rows: pl.DataFrame, reading: Reading, fields: Iterable[str]) -> pl.DataFrame:
    """Columns by our names as plain texts: blank where there is none, without the apostrophe of a safe export."""
    guarded = "^'([" + re.escape("".join(FORMULA_STARTS)) + "])"
    return rows.select(
        ROW,
        *(
            pl.col(column).str.replace(guarded, "${1}").str.strip_chars().alias(name)
            if (column := reading.mapping.get(name)) in rows.columns
            else pl.lit("").alias(name)
            for name in fields
        ),
    )


def factor_of(measure: str, headers: Iterable[str], said: str) -> int:
    """How many of our units (g, mm) one of the file's is, times 10^9: as said, as the first head that names one says.

    Where nothing says it, the file's unit is ours.
    """
    units = {row["word"]: row for row in table("sheet_units").iter_rows(named=True)}
    inside = [word for head in headers for word in reversed(re.findall(r"[^\W\d_]+", head.lower()))]
    for word in (said.lower(), *inside):
        if word in units and units[word]["measure"] == measure:
            return int(Decimal(units[word]["factor"]) * FINE)
    return FINE


def measured(column: str, factor: int) -> pl.Expr:
    """A number in millionths of the file's unit as whole units of ours, half-up."""
    scale = FINE * 10**PLACES
    return ((pl.col(column).cast(pl.Int128) * factor * 2 + scale) // (scale * 2)).cast(pl.Int64, strict=False)


def meant(column: str, meanings: Mapping[str, str]) -> pl.Expr:
    """What a word stands for; null where nobody knows it."""
    return (
        pl.col(column).str.to_lowercase().replace_strict(dict(meanings), default=None, return_dtype=pl.String)
    )


def words_of(name: str) -> dict[str, str]:
    """The words of a field and the value each stands for (data/sheet_words.csv)."""
    rows = table("sheet_words").filter(field=name).select("word", "value")
    return dict(rows.iter_rows())


def problems_of(frame: pl.DataFrame, checks: Iterable[Check]) -> pl.DataFrame:
    """Each problem of each row, the first of a field only. A check names field, reason and when it is wrong."""
    found = [
        frame.filter(wrong.fill_null(False) & ~pl.col("repeated")).select(
            ROW, field=pl.lit(name), value=pl.col(name), reason=pl.lit(reason)
        )
        for name, reason, wrong in checks
    ]
    return pl.concat(found).unique([ROW, "field"], keep="first", maintain_order=True).sort(ROW)


def split(frame: pl.DataFrame, problems: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows without a problem, and the others with outcome and reason."""
    first = problems.unique(ROW, keep="first", maintain_order=True).select(ROW, bad="reason")
    judged = frame.join(first, on=ROW, how="left", maintain_order="left")
    is_good = pl.col("bad").is_null() & ~pl.col("repeated")
    bad = judged.filter(~is_good).select(
        ROW,
        outcome=pl.when(pl.col("repeated")).then(pl.lit("duplicate")).otherwise(pl.lit("rejected")),
        reason=pl.when(pl.col("repeated")).then(pl.lit("line.repeated")).otherwise(pl.col("bad")),
    )
    return judged.filter(is_good), bad


def with_repeats(text: pl.DataFrame, fields: Iterable[str], key: list[str]) -> pl.DataFrame:
    """Mark rows that say again what an earlier one said (`repeated`), or else of the same key (`clashing`)."""
    repeated = ~pl.struct(list(fields)).is_first_distinct()
    marked = text.with_columns(repeated=repeated)
    known = pl.col("repeated") | (pl.col(key[0]) == "")
    firsts = marked.filter(~known).select(ROW, clashing=~pl.struct(key).is_first_distinct())
    return marked.join(firsts, on=ROW, how="left", maintain_order="left").with_columns(
        pl.col("clashing").fill_null(False)
    )
