"""Regime: which import, intra-union or domestic rule governs a consignment on its day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from entrepot.engine import few as pl
from entrepot.engine.answers import answered, at, consult, first_that_holds, numbered
from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.fx import Rates, converted
from entrepot.engine.policy import adopted
from entrepot.engine.validity import in_force, latest
from entrepot.engine.world import World

VALUES = ["goods_net", "item_net", "freight_minor", "insurance_minor", "w_order", "w_freight"]
KIND = ["dest_country", "dest_region", "ship_from", "mode", "buyer_kind", "buyer_vat_valid", "channel"]


def territories(frame: pl.DataFrame, world: World, country: str, name: str) -> pl.DataFrame:
    """The frame with the customs territory its country belonged to in its `epoch` as column `name`.

    Shapes: n rows in, n rows out, same order; null where the country is unknown.
    """
    asked = frame.select(country=country, epoch="epoch")

    def work(kinds: pl.DataFrame) -> pl.DataFrame:
        return latest(kinds, world["territories"], ["country"], "epoch").drop("country", "epoch")

    return frame.hstack(
        answered(asked, ["country", "epoch"], world, "territories", work).rename({"territory": name})
    )


def regime(
    consignments: pl.DataFrame, world: World, rates: Rates, by: Sequence[str] = (*KIND, "epoch")
) -> pl.DataFrame:
    """Each consignment with the rule of lowest priority number whose conditions hold.

    Shapes: n rows in, n rows out, same order; needs the columns of KIND, VALUES, epoch and origin_bits; `by` are
    columns that tell kinds of consignments apart (fewer and shorter than KIND where the caller has such). Adds the
    rule's columns (decl_currency is the currency of the declaration); null where no rule is known.
    Units: goods_net, item_net, insurance_minor in the order's currency, freight_minor in the service's; they are
    compared in the currency of the rule's limits, converted at the rate of the day.
    Source: docs/methods/regime.md.
    """
    distinct = consignments.select(list(dict.fromkeys([*by, *KIND, "epoch"]))).unique(by)
    kinds = distinct.select(*KIND, "epoch").unique(maintain_order=True)
    book = consult(world, "rules of a kind", kinds, lambda new: _rules_of_kinds(new, world))
    distinct = numbered(distinct, book).select(*by, "kind")
    keyed = consignments.join(distinct, on=by, how="left", maintain_order="left", nulls_equal=True)
    places = first_that_holds(
        keyed.select(*VALUES, "origin_bits", "placed_on"),
        book,
        keyed["kind"],
        lambda tried: _holding(tried, rates),
    )
    chosen = at(book.answers.select("rule_no"), places)["rule_no"]
    return consignments.hstack(at(_numbered(world).select(RULE), chosen))


def passed_over(way: Mapping[str, Any], world: World) -> list[dict[str, Any]]:
    """Rules tried before the one that governs a consignment, which its value alone is too high for.

    Shapes: one row of a priced way or quote in; rows of import_rules out, the highest limit first. Rules of certain
    origins are left out: it may be the origin that does not fit.
    """
    kinds = pl.DataFrame({name: [way[name]] for name in (*KIND, "epoch")}).with_row_index("kind")
    tried = _rules_of_kinds(kinds, world).join(_numbered(world).select("rule_no", "rule"), on="rule_no")
    own = tried.filter(pl.col("rule") == way["rule"])["priority"].min()
    bits = pl.col("only_bits") + pl.col("never_bits")
    before = tried.filter(pl.col("priority") < own, pl.col("max_minor").is_not_null(), bits == 0)
    limits = before.select("rule_no", "priority").join(
        adopted(world, "import_rules").with_row_index("rule_no").drop("priority"), on="rule_no"
    )
    return limits.sort(["max_minor", "priority"], descending=[True, False]).to_dicts()


ROUNDINGS = ("half_up", "half_even", "truncate")
# What pricing reads of a rule and its rounding profile; words compared often are kept as numbered words.
WORDS = {
    "cv_basis": ("GOODS", "FOB", "CIF"),
    "tax_base": ("PRICE", "GOODS", "CV", "CV+D", "CV+D+T", "INSIDE"),
    "duty_mode": ("none", "tariff", "flat", "fixed"),
    "tax_mode": ("none", "vat", "fixed"),
    "tax_place": ("dest", "origin"),
    "collector": ("sale", "border", "none"),
    "duty_collector": ("sale", "border"),
    "value_rounding": ROUNDINGS,
    "duty_rounding": ROUNDINGS,
    "tax_rounding": ROUNDINGS,
    "tax_per": ("order", "line", "unit"),
}
PROFILE = [
    "value_step", "value_rounding", "duty_base_step", "duty_step", "duty_rounding", "tax_base_step", "tax_step",
    "tax_rounding", "local_num", "local_den", "tax_per",
]  # fmt: skip
RULE = [
    "rule", "decl_currency", "decl_code", "cv_basis", "retail_ppm", "tax_base", "duty_mode", "duty_ppm",
    "flat_duty_minor", "duty_less_minor", "tax_mode", "tax_ppm", "tax_waived_minor", "tax_place", "collector",
    "duty_collector", "fees", "rounding", *PROFILE,
]  # fmt: skip


ASKED = [
    "rule_no", "priority", "only_bits", "never_bits", "measured", "min_minor", "max_minor", "max_excluded",
    "limit_code",
]  # fmt: skip
MET = [
    "dest",
    "flow",
    "rule_region",
    "rule_mode",
    "rule_buyer",
    "rule_from",
    "requires",
    "valid_from",
    "valid_to",
]


def origin_bit(origins: pl.Series, world: World) -> pl.Series:
    """Each country of origin as one bit; countries that no rule names share the lowest."""
    bits = world.once("origins of rules", lambda: {name: 1 << n for name, n in _bits(world).items()})
    return origins.replace_strict(bits, default=1, return_dtype=pl.Int64)


def _bits(world: World) -> dict[str, int]:
    named: set[str] = set()
    for texts in world["import_rules"].select("origins", "origins_except").iter_columns():
        for text in texts:
            named.update(text.split())
    return {country: number + 1 for number, country in enumerate(sorted(named))}


def _mask(column: str, bits: dict[str, int]) -> pl.Expr:
    return pl.col(column).map_elements(
        lambda text: sum(1 << bits[word] for word in text.split()), return_dtype=pl.Int64, skip_nulls=True
    )


def _numbered(world: World) -> pl.DataFrame:
    """Import rules with their number and their lists of origins as bits."""
    return world.once("import rules", lambda: _with_bits(world))


def _with_bits(world: World) -> pl.DataFrame:
    bits = _bits(world)
    profiles = world["roundings"].select("rounding", *PROFILE)
    rules = adopted(world, "import_rules").join(profiles, on="rounding", how="left", maintain_order="left")
    rules = rules.with_row_index("rule_no")
    only, never = _mask("origins", bits), _mask("origins_except", bits)
    limit = pl.when(pl.col("limit_currency") == "").then("currency").otherwise("limit_currency")
    rules = rules.with_columns(only_bits=only, never_bits=never, limit_currency=limit)
    rates = Rates.of(world)
    return rules.rename({"currency": "decl_currency"}).with_columns(
        *(pl.col(name).cast(_words(rules[name], known)) for name, known in WORDS.items()),
        retail_ppm=retail_ppm("cv_basis"),
        decl_code=rates.code("decl_currency"),
        limit_code=rates.code("limit_currency"),
    )


def _words(found: pl.Series, known: tuple[str, ...]) -> pl.Enum:
    """A type for a column of few words: the known ones and whatever else a rule says."""
    return pl.Enum([*known, *sorted(set(found.drop_nulls().unique()) - set(known))])


def _rules_of_kinds(kinds: pl.DataFrame, world: World) -> pl.DataFrame:
    """Rules per kind of consignment whose value-free conditions hold, ranked by priority."""
    kinds = territories(kinds, world, "dest_country", "dest_territory")
    kinds = territories(kinds, world, "ship_from", "from_territory")
    same = pl.col("dest_territory") == pl.col("from_territory")
    flow = (
        pl.when(pl.col("dest_country") == pl.col("ship_from"))
        .then(pl.lit("domestic"))
        .when(same)
        .then(pl.lit("intra"))
        .otherwise(pl.lit("import"))
    )
    kinds = kinds.with_columns(flow=flow)
    general, regional, anywhere = world.once("import rules by place", lambda: _by_place(world))
    inner = kinds.filter(pl.col("dest_country") != pl.col("dest_territory"))
    by_place = [
        kinds.join(general, left_on=["dest_territory", "flow"], right_on=["dest", "flow"]),
        inner.join(general, left_on=["dest_country", "flow"], right_on=["dest", "flow"]),
    ]
    keys = ["dest_country", "flow", "dest_region"]
    by_region = kinds.join(regional, left_on=keys, right_on=["dest", "flow", "rule_region"])
    by_place.append(by_region.select(by_place[0].columns))
    by_place.append(kinds.join(anywhere, on="flow").select(by_place[0].columns))
    pairs = pl.concat(by_place).filter(in_force("epoch"), _fits())
    pairs = _has_scheme(pairs, world)
    return pairs.select("kind", *ASKED).sort("kind", "priority", "rule_no")


def _by_place(world: World) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What is asked of a consignment by the rules of a country or territory, of a region, and of any place."""
    names = {
        "mode": "rule_mode",
        "buyer_kind": "rule_buyer",
        "ship_from": "rule_from",
        "region": "rule_region",
    }
    rules = _numbered(world).rename(names).select(*ASKED, *MET)
    regional = rules.filter(pl.col("rule_region") != "")
    general = rules.filter(pl.col("rule_region") == "").drop("rule_region")
    return general, regional, general.filter(pl.col("dest") == "*").drop("dest")


@pl.remembered
def _fits() -> pl.Expr:
    """A condition left empty always holds; `vat` as buyer kind means a business with a checked VAT number."""
    business = (pl.col("rule_buyer") == "vat") & (pl.col("buyer_kind") == "b2b") & pl.col("buyer_vat_valid")
    return (
        ((pl.col("rule_mode") == "") | (pl.col("rule_mode") == pl.col("mode")))
        & ((pl.col("rule_buyer") == "") | (pl.col("rule_buyer") == pl.col("buyer_kind")) | business)
        & (
            (pl.col("rule_from") == "")
            | pl.col("rule_from").str.split(" ").list.contains(pl.col("ship_from"))
        )
    )


def _has_scheme(pairs: pl.DataFrame, world: World) -> pl.DataFrame:
    free, bound = pairs.filter(pl.col("requires") == ""), pairs.filter(pl.col("requires") != "")
    if bound.is_empty():
        return free
    asked = bound.select("epoch", "channel", "requires").unique()
    seller = asked.join(world["registrations"], left_on="requires", right_on="scheme").filter(
        in_force("epoch")
    )
    brought = (
        world["channels"].select("channel", requires=pl.col("schemes").str.split(" ")).explode("requires")
    )
    keys = ["epoch", "channel", "requires"]
    held = pl.concat(
        [seller.select(keys), asked.join(brought, on=["channel", "requires"], how="semi").select(keys)]
    )
    return pl.concat([free, bound.join(held.unique(), on=keys, how="semi")])


def _holding(tried: pl.DataFrame, rates: Rates) -> pl.Series:
    """True where origins and value lie inside the rule's: over the minimum, up to (or under) the maximum."""
    origins = (pl.col("origin_bits") & pl.col("never_bits")) == 0
    origins &= (pl.col("only_bits") == 0) | (
        (pl.col("origin_bits") | pl.col("only_bits")) == pl.col("only_bits")
    )
    limited = pl.col("min_minor").is_not_null() | pl.col("max_minor").is_not_null()
    kinds = tried.select(pl.col("measured").filter(limited).unique().sort()).to_series()
    if kinds.is_empty():
        return tried.select(held=origins).to_series()
    tried = rates.attach(tried, "limit_code", "placed_on", "w_limit")
    tried = converted(tried, **{column: MEASURED[column] for column in _measures(kinds)})
    value = pl.lit(None, dtype=pl.Int64)
    for kind in kinds:
        value = pl.when(pl.col("measured") == kind).then(_measure(kind)).otherwise(value)
    below = pl.when(pl.col("max_excluded")).then(value < pl.col("max_minor"))
    under = below.otherwise(value <= pl.col("max_minor")).fill_null(True)
    over = (value > pl.col("min_minor")).fill_null(True)
    return tried.select(held=origins & (~limited | (value.is_not_null() & under & over))).to_series()


MEASURED = {
    "goods_limit": (pl.col("goods_net"), "w_order", "w_limit"),
    "item_limit": (pl.col("item_net"), "w_order", "w_limit"),
    "carriage_limit": (pl.col("freight_minor"), "w_freight", "w_limit"),
    "insurance_limit": (pl.col("insurance_minor"), "w_order", "w_limit"),
}


def _measures(kinds: pl.Series) -> list[str]:
    """The converted amounts that these ways of measuring read."""
    read = {"item": ["item_limit"], "cif": ["goods_limit", "carriage_limit", "insurance_limit"]}
    return sorted({column for kind in kinds for column in read.get(kind, ["goods_limit"])})


@pl.remembered
def _measure(kind: str) -> pl.Expr:
    if kind == "item":
        return pl.col("item_limit")
    if kind == "cif":
        return pl.col("goods_limit") + pl.col("carriage_limit") + pl.col("insurance_limit")
    if kind.startswith("retail"):
        # what is over the limit by less than a unit is over it: 60 % of 16,667 yen is more than 10,000
        return at_ppm(pl.col("goods_limit"), retail_ppm("measured"), "up")
    return pl.col("goods_limit")


@pl.remembered
def retail_ppm(column: str) -> pl.Expr:
    """The share of the retail price a rule such as RETAIL60 takes as value, in ppm."""
    return pl.col(column).str.extract(r"(\d+)$").cast(pl.Int64) * 10_000
