"""Any order table: how it is read, what is suggested, and what is said of bad rows."""

import io
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from entrepot.domains.channels.adapters.generic import Reading, build_orders, missing_fields, suggest_mapping
from entrepot.domains.channels.adapters.tables import FileRefused
from entrepot.domains.channels.adapters.tabular import (
    guess_date_format,
    guess_decimal,
    harmless,
    read_table,
)

UNITS = {"EUR": 2, "JPY": 0, "USD": 2, "KWD": 3}
CODES = frozenset({"DE", "FR", "JP", "KW", "US"})

CHINESE = """订单号;下单日期;SKU;数量;单价;币种;国家;运费
A1;03.04.2026;S-1;2;12,50;EUR;德国;4,90
A1;03.04.2026;S-2;1;1.234,00;EUR;德国;
A2;;S-2;x;5,00;EUR;France;
A3;31.04.2026;S-2;1;5,00;EUR;France;
A4;30.04.2026;S-2;1;5,00;XXQ;Mars;
A5;30.04.2026;S-2;1;500;JPY;Japan;
A5;30.04.2026;S-2;1;500;JPY;Japan;
A6;30.04.2026;S-9;-1;€ 500;EUR;DE;
A6;30.04.2026;S-9;1;500 EUR;EUR;DE;
"""


def reading(headers: list[str], **options: object) -> Reading:
    return Reading(suggest_mapping(headers), minor_units=UNITS, country_codes=CODES, **options)  # type: ignore[arg-type]


def test_a_chinese_file_with_semicolons_decimal_commas_and_german_dates_is_read_as_meant() -> None:
    table = read_table(CHINESE.encode("gb18030"))
    assert (table.encoding, table.delimiter) == ("gb18030", ";")
    records = build_orders(table.rows, reading(table.headers))
    assert (records.decimal, records.date_format) == (",", "%d.%m.%Y")
    money = records.orders.select("invoice", "country", "goods_minor", "shipping_minor", "total_minor").rows()
    assert money == [("A1", "DE", 125_900, 490, 126_390), ("A5", "JP", 500, 0, 500)]


def test_bad_rows_are_named_by_row_field_value_and_reason_and_spoil_their_order_only() -> None:
    table = read_table(CHINESE.encode())
    records = build_orders(table.rows, reading(table.headers))
    assert records.problems.rows() == [
        (4, "placed_at", "", "value.missing"),
        (4, "quantity", "x", "quantity.unreadable"),
        (5, "placed_at", "31.04.2026", "date.unreadable"),
        (6, "currency", "XXQ", "currency.unknown"),
        (9, "quantity", "-1", "quantity.not_positive"),
        (9, "unit_price", "€ 500", "amount.negative"),
        (10, "order_id", "A6", "order.has_bad_rows"),
    ]
    outcomes = dict(records.lines.group_by("outcome").len().rows())
    assert outcomes == {"order_line": 3, "rejected": 5, "duplicate": 1}


def test_an_excel_sheet_reads_like_the_same_csv() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    rows = [
        ["Order ID", "Order date", "SKU", "Qty", "Unit price", "Currency", "Country"],
        ["B1", "2026-03-01", "S-1", 3, 9.99, "USD", "United States"],
    ]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    table = read_table(buffer.getvalue())
    records = build_orders(table.rows, reading(table.headers))
    assert table.delimiter == "xlsx"
    assert records.orders.select("invoice", "country", "goods_minor").rows() == [("B1", "US", 2997)]


def test_what_a_file_lacks_may_be_fixed_for_the_whole_file() -> None:
    table = read_table(b"order,date,sku,qty,amount\nX1,2026-01-02,S,3,1.005\n")
    lacking = reading(table.headers)
    assert missing_fields(lacking) == ["currency", "country"]
    fixed = reading(table.headers, currency="KWD", country="Kuwait")
    assert missing_fields(fixed) == []
    assert build_orders(table.rows, fixed).orders.select("country", "currency", "goods_minor").rows() == [
        ("KW", "KWD", 1005)
    ]


def test_blank_cells_of_following_rows_carry_on_the_order_and_charges_count_once() -> None:
    table = read_table(
        b"Name,Created at,Lineitem sku,Lineitem quantity,Lineitem price,"
        b"Currency,Shipping Country,Shipping,Subtotal\n"
        b"#1,2026-01-02 10:00:00 +0800,S1,1,10.00,USD,US,5.00,30.00\n#1,,S2,2,10.00,,,,\n"
    )
    mapping = suggest_mapping(table.headers)
    assert "line_amount" not in mapping
    records = build_orders(table.rows, reading(table.headers))
    assert records.orders.select("goods_minor", "shipping_minor").rows() == [(3000, 500)]
    assert str(records.orders["placed_at"][0]) == "2026-01-02 02:00:00+00:00"


def test_an_order_in_two_currencies_is_refused() -> None:
    table = read_table(
        b"order,date,sku,qty,price,currency,country\nX,2026-01-02,S,1,1,USD,US\nX,2026-01-02,T,1,1,EUR,US\n"
    )
    records = build_orders(table.rows, reading(table.headers))
    assert records.orders.is_empty()
    assert records.problems["reason"].to_list() == ["order.mixed_currency", "order.mixed_currency"]


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1,234", "5.50"], "."),
        (["12,5", "3"], ","),
        (["1.234,50"], ","),
        (["1,234.50"], "."),
        (["7", "8"], "."),
    ],
)
def test_decimal_mark(values: list[str], mark: str) -> None:
    assert guess_decimal(values) == mark


@pytest.mark.parametrize(
    ("values", "fmt"),
    [
        (["2026-01-31"], "%Y-%m-%d"),
        (["01/31/2026"], "%m/%d/%Y"),
        (["31/01/2026"], "%d/%m/%Y"),
        (["2026年1月31日"], "%Y年%m月%d日"),
    ],
)
def test_date_format(values: list[str], fmt: str) -> None:
    assert guess_date_format(values) == fmt


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"one\ntwo\n", "file.no_header"),
        (b"PK\x03\x04nope", "file.workbook"),
        (b"\x1f\x8bnope", "file.packed"),
    ],
)
def test_a_file_that_is_no_table_says_so(content: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_table(content)
    assert caught.value.code == code


def test_exports_cannot_carry_formulas() -> None:
    cells = [harmless(cell) for cell in ("=1+1", "@SUM(A1)", "-5.20", "+49 30 1", "plain", None)]
    assert cells == ["'=1+1", "'@SUM(A1)", "-5.20", "'+49 30 1", "plain", ""]


@pytest.mark.parametrize(
    "name", ["shopify_orders_export_57_masked.csv", "amazon_all_orders_flat_file_scrubbed.tsv"]
)
def test_real_exports_map_themselves(name: str, shared_data: Path) -> None:
    table = read_table((shared_data / "marketplaces" / name).read_bytes())
    mapping = suggest_mapping(table.headers)
    assert {"order_id", "placed_at", "sku", "quantity", "currency", "country", "shipping"} <= set(mapping)
    assert len(set(mapping.values())) == len(mapping)


def test_row_numbers_are_those_of_the_file() -> None:
    table = read_table(b"order,date\n\nX,2026-01-02\n")
    assert table.rows.select(pl.col("row_no")).to_series().to_list() == [3]
