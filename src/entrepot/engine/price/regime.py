"""Regime: which import, intra-union or domestic rule governs a consignment on its day."""

from __future__ import annotations

import polars as pl

from entrepot.engine.arithmetic import at_ppm
from entrepot.engine.fx import Rates, convert
from entrepot.engine.validity import in_force, latest
from entrepot.engine.world import World

VALUES = ["goods_net", "item_net", "freight_minor", "insurance_minor", "w_order", "w_freight"]
KIND = ["dest_country", "dest_region", "ship_from", "mode", "buyer_kind", "buyer_vat_valid", "channel"]


def territories(frame: pl.DataFrame, world: World, country: str, name: str) -> pl.DataFrame:
    """The frame with the customs territory its country belonged to on `placed_on` as column `name`.

    Shapes: n rows in, n rows out, same order; null where the country is unknown.
    """
    rows = world["territories"].rename({"country": country, "territory": name})
    return latest(frame, rows, [country], "placed_on")


def regime(consignments: pl.DataFrame, world: World, rates: Rates) -> pl.DataFrame:
    """Each consignment with the rule of lowest priority number whose conditions hold.

    Shapes: n rows in, n rows out, same order; needs the columns of KIND, VALUES and origin_bits. Adds the rule's
    columns (decl_currency is the currency of the declaration); null where no rule is known.
    Units: goods_net, item_net, insurance_minor in the order's currency, freight_minor in the service's; they are
    compared in the currency of the rule's limits, converted at the rate of the day.
    Source: docs/methods/regime.md.
    """
    days = _epochs(consignments["placed_on"], world)
    dated = consignments.join(days, on="placed_on", how="left", maintain_order="left")
    kinds = dated.select(*KIND, "epoch").unique(maintain_order=True).with_row_index("kind")
    ranked = _rules_of_kinds(kinds.rename({"epoch": "placed_on"}), world)
    keyed = dated.join(kinds, on=[*KIND, "epoch"], how="left", maintain_order="left").drop("epoch")
    chosen = _first_that_holds(keyed.with_row_index("row"), ranked, rates)
    rules = _numbered(world).drop("ship_from", "mode", "buyer_kind", "priority", "requires", strict=False)
    out = keyed.hstack([chosen]).join(
        rules.rename({"currency": "decl_currency", "source": "rule_source", "status": "rule_status"}),
        on="rule_no", how="left", maintain_order="left",
    )  # fmt: skip
    return out.drop("kind", "rule_no")


def _epochs(days: pl.Series, world: World) -> pl.DataFrame:
    """Each day with the first day of its epoch: between two changes of the rules all days are alike."""
    changes = [days.sort().head(1)]
    for name in ("import_rules", "territories", "registrations"):
        changes += [world[name]["valid_from"], world[name]["valid_to"].drop_nulls().dt.offset_by("1d")]
    starts = pl.DataFrame({"epoch": pl.concat(changes, rechunk=True).unique().sort()})
    wanted = pl.DataFrame({"placed_on": days.unique().sort()})
    return wanted.join_asof(starts, left_on="placed_on", right_on="epoch")


def origin_bits(lines: pl.DataFrame, world: World) -> pl.DataFrame:
    """Origins of each order's goods as bits: order_id, origin_bits.

    Countries that no rule names share bit 0; see `_bits`.
    """
    bits = _bits(world)
    schema = {"origin": pl.String, "bit": pl.Int64}
    frame = pl.DataFrame({"origin": list(bits), "bit": [1 << n for n in bits.values()]}, schema=schema)
    marked = lines.select("order_id", "origin").join(frame, on="origin", how="left")
    return marked.group_by("order_id").agg(origin_bits=pl.col("bit").fill_null(1).bitwise_or())


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
    bits = _bits(world)
    rules = world["import_rules"].with_row_index("rule_no")
    only, never = _mask("origins", bits), _mask("origins_except", bits)
    limit = (
        pl.when(pl.col("limit_currency") == "").then(pl.col("currency")).otherwise(pl.col("limit_currency"))
    )
    return rules.with_columns(only_bits=only, never_bits=never, limit_currency=limit)


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
    rules = _numbered(world).rename(
        {"mode": "rule_mode", "buyer_kind": "rule_buyer", "ship_from": "rule_from", "region": "rule_region"}
    )
    general, regional = rules.filter(pl.col("rule_region") == ""), rules.filter(pl.col("rule_region") != "")
    general = general.drop("rule_region")
    inner = kinds.filter(pl.col("dest_country") != pl.col("dest_territory"))
    by_place = [
        kinds.join(general, left_on=["dest_territory", "flow"], right_on=["dest", "flow"]),
        inner.join(general, left_on=["dest_country", "flow"], right_on=["dest", "flow"]),
    ]
    keys = ["dest_country", "flow", "dest_region"]
    by_region = kinds.join(regional, left_on=keys, right_on=["dest", "flow", "rule_region"])
    by_place.append(by_region.select(by_place[0].columns))
    anywhere = general.filter(pl.col("dest") == "*").drop("dest")
    by_place.append(kinds.join(anywhere, on="flow").select(by_place[0].columns))
    pairs = pl.concat(by_place).filter(in_force("placed_on"), _fits())
    pairs = _has_scheme(pairs, world)
    wanted = ["kind", "rule_no", "priority", "only_bits", "never_bits", "measured", "min_minor", "max_minor"]
    pairs = pairs.select(*wanted, "max_excluded", "limit_currency").sort("kind", "priority", "rule_no")
    return pairs.with_columns(rank=pl.int_range(pl.len()).over("kind"))


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
    asked = bound.select("placed_on", "channel", "requires").unique()
    seller = asked.join(world["registrations"], left_on="requires", right_on="scheme").filter(
        in_force("placed_on")
    )
    brought = (
        world["channels"].select("channel", requires=pl.col("schemes").str.split(" ")).explode("requires")
    )
    keys = ["placed_on", "channel", "requires"]
    held = pl.concat(
        [seller.select(keys), asked.join(brought, on=["channel", "requires"], how="semi").select(keys)]
    )
    return pl.concat([free, bound.join(held.unique(), on=keys, how="semi")])


def _first_that_holds(keyed: pl.DataFrame, ranked: pl.DataFrame, rates: Rates) -> pl.Series:
    """Rank by rank: rows whose value and origin conditions hold take the rule, the rest try the next."""
    open_rows = keyed.select("row", "kind", *VALUES, "origin_bits", "placed_on")
    taken = []
    last = ranked["rank"].max() if ranked.height else None
    for rank in range(int(last) + 1 if isinstance(last, int) else 0):
        tried = open_rows.join(ranked.filter(pl.col("rank") == rank), on="kind", how="inner")
        if tried.is_empty():
            break
        held = _holding(tried, rates)
        taken.append(held)
        open_rows = open_rows.join(held, on="row", how="anti")
    found = pl.concat(taken) if taken else pl.DataFrame(schema={"row": pl.UInt32, "rule_no": pl.UInt32})
    return keyed.select("row").join(found, on="row", how="left", maintain_order="left")["rule_no"]


def _holding(tried: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """Rows whose origins and value lie inside the rule's: over the minimum, up to (or under) the maximum."""
    origins = (pl.col("origin_bits") & pl.col("never_bits")) == 0
    origins &= (pl.col("only_bits") == 0) | (
        (pl.col("origin_bits") | pl.col("only_bits")) == pl.col("only_bits")
    )
    tried = tried.filter(origins)
    limited = pl.col("min_minor").is_not_null() | pl.col("max_minor").is_not_null()
    free = tried.filter(~limited).select("row", "rule_no")
    bound = rates.attach(tried.filter(limited), "limit_currency", "placed_on", "w_limit")
    goods, item = (
        convert(pl.col("goods_net"), "w_order", "w_limit"),
        convert(pl.col("item_net"), "w_order", "w_limit"),
    )
    carriage = convert(pl.col("freight_minor"), "w_freight", "w_limit")
    insurance = convert(pl.col("insurance_minor"), "w_order", "w_limit")
    value = (
        pl.when(pl.col("measured") == "item")
        .then(item)
        .when(pl.col("measured") == "cif")
        .then(goods + carriage + insurance)
        .when(pl.col("measured").str.starts_with("retail"))
        .then(at_ppm(goods, retail_ppm("measured"), "truncate"))
        .otherwise(goods)
    )
    bound = bound.with_columns(value=value)
    below = pl.when(pl.col("max_excluded")).then(pl.col("value") < pl.col("max_minor"))
    under = below.otherwise(pl.col("value") <= pl.col("max_minor")).fill_null(True)
    over = (pl.col("value") > pl.col("min_minor")).fill_null(True)
    known = pl.col("value").is_not_null()
    return pl.concat([free, bound.filter(known & under & over).select("row", "rule_no")])


def retail_ppm(column: str) -> pl.Expr:
    """The share of the retail price a rule such as RETAIL60 takes as value, in ppm."""
    return pl.col(column).str.extract(r"(\d+)$").cast(pl.Int64) * 10_000
