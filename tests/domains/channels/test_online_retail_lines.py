"""Every line of an Online Retail file ends as exactly one thing."""

import gzip

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entrepot.domains.channels.adapters.online_retail import (
    OUTCOMES,
    HeaderError,
    build_records,
    classify,
    parse_lines,
)
from entrepot.domains.channels.adapters.online_retail.ties import main_tie, tie_returns

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def file_of(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows) + "\n").encode()


def outcome_of(*rows: str) -> list[tuple[str, str]]:
    lines = classify(parse_lines(file_of(*rows)))
    return list(zip(lines["outcome"], lines["reason"], strict=True))


def test_each_kind_of_line_gets_its_outcome() -> None:
    found = outcome_of(
        "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.0,17850.0,United Kingdom",
        "536365,22423,FREE CAKESTAND,1,2010-12-01 08:26:00,0.0,17850.0,United Kingdom",
        "C536379,85123A,WHITE HANGING HEART,-1,2010-12-01 09:41:00,2.55,17850.0,United Kingdom",
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom",
        "536589,21777,damages,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
        "536590,21778,,-10,2010-12-01 16:50:00,0.0,,United Kingdom",
        "536591,21778,found,5,2010-12-01 16:51:00,0.0,,United Kingdom",
        "A563185,B,Adjust bad debt,1,2011-08-12 14:50:00,11062.06,,United Kingdom",
        "C540117,AMAZONFEE,AMAZON FEE,-1,2011-01-05 09:55:00,16888.02,,United Kingdom",
        "C536822,BANK CHARGES,Bank Charges,-1,2010-12-02 16:27:00,18.95,,United Kingdom",
        "C564763,CRUK,CRUK Commission,-1,2011-08-30 10:49:00,1.6,14096.0,United Kingdom",
        "536592,M,Manual,1,2010-12-01 17:06:00,3.36,,United Kingdom",
        "C537581,S,SAMPLES,-1,2010-12-07 12:03:00,12.95,,United Kingdom",
        "540238,gift_0001_30,Dotcomgiftshop Gift Voucher,1,2011-01-05 14:44:00,21.23,,United Kingdom",
        "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "536366,85123A,WHITE HANGING HEART,six,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
        "536367,85123A,WHITE HANGING HEART,0,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    )
    assert found == [
        ("order_line", "sale"),
        ("fee", "postage"),
        ("order_line", "free_goods"),
        ("return", "cancellation"),
        ("adjustment", "discount"),
        ("write_off", "damaged"),
        ("write_off", "unexplained"),
        ("adjustment", "stock_found"),
        ("adjustment", "bad_debt"),
        ("fee", "marketplace_fee"),
        ("fee", "bank_charges"),
        ("fee", "charity_commission"),
        ("adjustment", "manual"),
        ("adjustment", "samples"),
        ("adjustment", "voucher"),
        ("duplicate", "line.repeated"),
        ("rejected", "value.unreadable"),
        ("rejected", "quantity.zero"),
    ]


def test_columns_are_found_by_name_in_any_order_and_in_gzip() -> None:
    content = gzip.compress(
        b"Country,CustomerID,UnitPrice,InvoiceDate,Quantity,Description,StockCode,InvoiceNo\n"
        b"EIRE,14911.0,0.001,12/1/2010 8:26,3,PADS,85123a,536365\n"
    )
    line = parse_lines(content).row(0, named=True)
    assert (line["country"], line["customer"], line["code"]) == ("IE", "14911", "85123A")
    assert (line["price_e4"], line["amount_e4"], line["amount_minor"]) == (10, 30, 0)
    assert line["placed_local"].isoformat() == "2010-12-01T08:26:00"


def test_a_file_of_another_kind_is_refused_by_its_header() -> None:
    with pytest.raises(HeaderError, match="StockCode"):
        parse_lines(b"InvoiceNo,Quantity\n1,2\n")


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("Channel Islands", "JE"),
        ("European Community", ""),
        ("Unspecified", ""),
    ],
)
def test_country_names_as_sellers_write_them(written: str, country: str) -> None:
    lines = parse_lines(file_of(f"1,2,X,1,2010-12-01 08:26:00,1.0,1.0,{written}"))
    assert lines["country"][0] == country


def test_postage_belongs_to_the_order_it_was_charged_with_and_stands_alone_elsewhere() -> None:
    records = build_records(
        classify(
            parse_lines(
                file_of(
                    "1,10002,GLOBE,2,2010-12-01 08:26:00,0.85,1.0,France",
                    "1,POST,POSTAGE,1,2010-12-01 08:26:00,18.0,1.0,France",
                    "2,POST,POSTAGE,1,2010-12-01 09:00:00,5.0,1.0,France",
                    "C3,POST,POSTAGE,-1,2010-12-01 10:00:00,18.0,1.0,France",
                )
            )
        )
    )
    order = records.orders.row(0, named=True)
    assert (records.orders.height, order["goods_minor"], order["shipping_minor"], order["total_minor"]) == (
        1,
        170,
        1800,
        1970,
    )
    entries = records.entries.select("key", "leg", "amount_minor").rows()
    assert entries == [("2:1", "sale_shipping", 500), ("C3:1", "sale_shipping", -1800)]


def test_a_return_is_tied_to_the_earlier_purchases_first_bought_first_returned() -> None:
    records = build_records(
        classify(
            parse_lines(
                file_of(
                    "C0,10002,GLOBE,-1,2010-12-01 08:00:00,0.85,1.0,France",
                    "1,10002,GLOBE,5,2010-12-01 09:00:00,0.85,1.0,France",
                    "2,10002,GLOBE,5,2010-12-02 09:00:00,0.85,1.0,France",
                    "C3,10002,GLOBE,-4,2010-12-03 09:00:00,0.85,1.0,France",
                    "C4,10002,GLOBE,-4,2010-12-04 09:00:00,0.85,1.0,France",
                    "C5,10002,GLOBE,-4,2010-12-05 09:00:00,0.85,1.0,France",
                    "C6,10002,GLOBE,-1,2010-12-05 09:00:00,0.85,2.0,France",
                )
            )
        )
    )
    ties = records.returns.select("invoice", "sale_invoice", "tied_pieces").rows()
    assert ties == [
        ("C0", None, 0),  # before any purchase
        ("C3", "1", 4),
        ("C4", "2", 4),  # one piece of order 1, three of order 2
        ("C5", "2", 2),  # two pieces are left of four
        ("C6", None, 0),  # another customer
    ]


def test_opening_stock_is_the_least_that_never_runs_out() -> None:
    records = build_records(
        classify(
            parse_lines(
                file_of(
                    "1,10002,GLOBE,5,2010-12-01 09:00:00,0.85,1.0,France",
                    "C2,10002,GLOBE,-5,2010-12-02 09:00:00,0.85,1.0,France",
                    "3,10002,GLOBE,7,2010-12-03 09:00:00,0.85,1.0,France",
                    "4,10002,damages,-1,2010-12-04 09:00:00,0.0,,France",
                    "5,10080,found,3,2010-12-04 09:00:00,0.0,,France",
                    "6,10080,CACTUS,3,2010-12-05 09:00:00,0.39,1.0,France",
                )
            )
        )
    )
    opening = records.moves.filter(kind="opening")
    assert opening.select("sku", "quantity").rows() == [("10002", 8)]
    stock = records.moves["quantity"].sum() - records.order_lines["quantity"].sum()
    assert stock == 0


prices = st.integers(-99_999, 99_999).map(
    lambda n: f"{'-' if n < 0 else ''}{abs(n) // 1000}.{abs(n) % 1000:03d}"
)
rows = st.tuples(
    st.sampled_from(["5", "6", "C7", "C8", "A9"]),
    st.sampled_from(["10002", "85123a", "POST", "M", "AMAZONFEE", "zzz"]),
    st.integers(-20, 20),
    prices,
    st.sampled_from(["", "1.0", "2.0"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=40))
def test_every_line_has_one_outcome_and_no_money_is_lost(lines: list[tuple[str, str, int, str, str]]) -> None:
    content = file_of(
        *(
            f"{i},{c},X,{q},2011-01-0{1 + n % 9} 10:00:00,{p},{k},France"
            for n, (i, c, q, p, k) in enumerate(lines)
        )
    )
    parsed = parse_lines(content)
    records = build_records(classify(parsed))
    assert records.lines.height == len(lines)
    assert records.lines["outcome"].is_in(list(OUTCOMES)).all()
    assert records.lines["amount_e4"].sum() == parsed["amount_e4"].sum()
    booked = records.lines.filter(~pl.col("outcome").is_in(["duplicate", "rejected"]))["amount_minor"].sum()
    signs = {"channel_fee": -1, "payment_fee": -1, "bad_debt": -1}
    entries = sum(
        amount * signs.get(leg, 1) for leg, amount in records.entries.select("leg", "amount_minor").rows()
    )
    assert booked == records.orders["total_minor"].sum() - records.returns["amount_minor"].sum() + entries
    level = records.moves.group_by("sku").agg(pl.col("quantity").sum())
    sold = records.order_lines.group_by("sku").agg(pl.col("quantity").sum().neg())
    assert (pl.concat([level, sold]).group_by("sku").agg(pl.col("quantity").sum())["quantity"] >= 0).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.integers(1, 9)), min_size=1, max_size=30))
def test_ties_equal_a_plain_queue(events: list[tuple[bool, str, int]]) -> None:
    day = pl.datetime_range(pl.datetime(2011, 1, 1), pl.datetime(2011, 3, 1), interval="1d", eager=True)
    frame = pl.DataFrame(
        {
            "row_no": range(len(events)),
            "customer": ["1"] * len(events),
            "code": [code for _back, code, _q in events],
            "placed_local": day[: len(events)],
            "quantity": [quantity for *_rest, quantity in events],
            "back": [back for back, *_rest in events],
        }
    )
    ties = tie_returns(frame.filter(~pl.col("back")), frame.filter("back"))
    queue: dict[str, list[list[int]]] = {"a": [], "b": []}
    expected = []
    for row, (back, code, quantity) in enumerate(events):
        if not back:
            queue[code].append([row, quantity])
            continue
        while quantity and queue[code]:
            sale = queue[code][0]
            taken = min(quantity, sale[1])
            expected.append((row, sale[0], taken))
            quantity, sale[1] = quantity - taken, sale[1] - taken
            if not sale[1]:
                queue[code].pop(0)
    assert sorted(ties.rows()) == sorted(expected)
    assert main_tie(ties).height == len({row for row, *_rest in expected})
