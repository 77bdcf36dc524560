# ruff: noqa: E501  (rows stand as the platforms write them)
"""Orders whose articles stand in one cell as words or as PHP keeps them; files of sums alone are refused with a remedy."""

import csv
import io
from typing import Any

import pytest

from entrepot.domains.channels.adapters.marketplace.packed import items_of
from entrepot.domains.channels.adapters.tables import FileRefused, country_named
from entrepot.domains.channels.forms import FILE_PROBLEMS
from tests.domains.channels.test_marketplace_files import read

ALI = [
    "订单号",
    "订单状态",
    "买家名称",
    "下单时间",
    "产品总金额",
    "物流费用",
    "订单金额",
    "满立减",
    "产品信息",
    "收货国家",
]
BLOCKS = (
    "【1】Cat bed (big) soft\n(产品属性:Color:Red Size:L)\n(商家编码:CB-1)\n(产品数量:2 piece)\n(物流等级&买家选择物流:Standard)\n"
    "【2】Ball\n(产品属性: )\n(商家编码:BALL(2)x)\n(产品数量:1 piece)\n(物流等级&买家选择物流:Standard)"
)


def sheet(*rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def php(value: Any) -> str:
    """A value as PHP's serialize writes it: texts by their bytes."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        return f"a:{len(value)}:{{{''.join(php(k) + php(v) for k, v in value.items())}}}"
    if isinstance(value, int):
        return f"i:{value};"
    return (
        f"d:{value};"
        if isinstance(value, float)
        else "N;"
        if value is None
        else f's:{len(value.encode())}:"{value}";'
    )


def lines(parsed: Any) -> list[list[tuple[str, int, int]]]:
    return [[(each.sku, each.quantity, each.amount_minor) for each in order.lines] for order in parsed.orders]


def test_numbered_blocks_are_items_and_one_sum_is_shared_by_pieces() -> None:
    first = [
        "81",
        "等待您发货",
        "Ivan",
        "2026-03-05 10:11",
        "US $25.01",
        "US $3.00",
        "US $27.01",
        "US $1.00",
        BLOCKS,
        "Russian Federation",
    ]
    second = [
        "82",
        "已完成",
        "Eva",
        "2026-03-06 10:11",
        "US $10.00",
        "US $0.00",
        "US $10.00",
        "",
        "【1】Ball\n(商家编码:B)\n(产品数量:1 piece)",
        "Spain",
    ]
    parsed = read(sheet(ALI, first, second))
    assert lines(parsed) == [[("CB-1", 2, 1_667), ("BALL(2)x", 1, 834)], [("B", 1, 1_000)]]
    assert parsed.orders[0].country == "RU"
    assert sorted((line.row_no, line.reason) for line in parsed.lines) == [
        (2, "sum_shared"),
        (3, "sale"),
        (4, "sum_shared"),
    ]
    assert parsed.file_sums["USD", "goods"] == 350_100
    assert not any(amount for (_c, _m, place), amount in parsed.sums.items() if place == "apart")


def test_a_block_without_its_count_is_refused_with_its_order() -> None:
    row = [
        "81",
        "已完成",
        "Ivan",
        "2026-03-05 10:11",
        "US $5.00",
        "US $0.00",
        "US $5.00",
        "",
        "【1】Ball\n(商家编码:B)",
        "Spain",
    ]
    good = [*row[:8], "【1】Ball\n(产品数量:1 piece)", "Spain"]
    parsed = read(sheet(ALI, row, ["82", *good[1:]]))
    assert [order.external_id for order in parsed.orders] == ["82"]
    assert [(problem.row_no, problem.field) for problem in parsed.problems] == [(2, "quantity")]


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("Cup, red * 2; Pot x 1", [("Cup, red", "2"), ("Pot", "1")]),
        ("2× Cup, 1× Pot", [("Cup", "2"), ("Pot", "1")]),
        ("Tent 3 x 4 m * 2", [("Tent 3 x 4 m", "2")]),
        ("Cup (SKU: C-1) x2\nPot (SKU: P) x1", [("Cup", "2"), ("Pot", "1")]),
        ("Cup; Pot x 1", []),
        ("A cup", []),
    ],
)
def test_counts_beside_names(cell: str, items: list[tuple[str, str]]) -> None:
    assert [(each["Item Name"], each["Quantity"]) for each in items_of(cell, words=True)] == items
    assert items_of(cell, words=False) == []


def test_a_count_within_a_name_stays_there_where_a_column_tells_the_pieces() -> None:
    head = [
        "Order No.",
        "Order Status",
        "Order Date",
        "Product Name",
        "Quantity",
        "Product Unit Price",
        "Product Amount",
        "Order Amount",
    ]
    row = ["81", "Finish", "2026-03-05 10:11", "Cable * 2", "3", "US $2.00", "US $6.00", "US $6.00"]
    assert [(each.description, each.quantity) for each in read(sheet(head, row)).orders[0].lines] == [
        ("Cable * 2", 3)
    ]


def test_items_as_php_keeps_them() -> None:
    head = [
        "order_id",
        "order_date",
        "status",
        "currency",
        "shipping_total",
        "order_total",
        "discount_total",
        "shipping_country",
        "line_items",
    ]
    told = [
        {
            "name": 'Tässe "groß"',
            "sku": "C",
            "qty": 2,
            "subtotal": "50.00",
            "total": "45.00",
            "meta": {"a": 1},
        },
        {"name": "Pot", "sku": "P", "qty": 1, "subtotal": 10.5, "total": 10.5, "note": None},
    ]
    parsed = read(
        sheet(
            head, ["7", "2026-03-05 10:11:00", "processing", "EUR", "5.90", "61.40", "5.00", "DE", php(told)]
        )
    )
    assert lines(parsed) == [[("C", 2, 5_000), ("P", 1, 1_050)]]
    assert parsed.orders[0].discount_minor == 500
    for broken in (
        'a:1:{i:0;s:9:"x";}',
        "a:9:{",
        'a:1:{i:0;O:3:"Abc":0:{}}',
        "a:99999999:{i:0;",
        "a:1:{" * 4_000,
    ):
        assert items_of(broken, words=True) == []


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (
            "Sale Date,Order ID,Buyer User ID,Full Name,Number of Items,Currency,Order Value,Shipping,Sales Tax,Order Total,Order Net",
            "file.etsy_orders",
        ),
        (
            'Date,"Order #",N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue',
            "file.woo_analytics",
        ),
        (
            "Date,Orders,Gross sales,Returns,Coupons,Net sales,Taxes,Shipping,Total sales",
            "file.woo_analytics",
        ),
    ],
)
def test_files_of_sums_alone_say_what_to_take_instead(head: str, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(f"{head}\n{','.join('1' for _ in head.split(','))}\n")
    assert refused.value.code == reason
    assert reason in FILE_PROBLEMS


def test_countries_are_known_in_the_languages_of_the_files() -> None:
    names = {
        "Polska": "PL",
        "Suomi": "FI",
        "Россия": "RU",
        "대한민국": "KR",
        "ドイツ": "DE",
        "Korea, Republic of": "KR",
        "The Netherlands": "NL",
    }
    assert {name: country_named(name) for name in names} == names
