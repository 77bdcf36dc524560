"""A company with the shipped rules, plain exchange rates, and a place for its files."""

from pathlib import Path
from typing import Any

import pytest

RATES = {"GBP": 850_000, "CNY": 8_900_000, "BRL": 3_900_000, "USD": 1_350_000}


@pytest.fixture
def company(shipped_rules: None, db: None, settings: Any, tmp_path: Path) -> None:
    """Shipped reference data; one exchange rate a month from 2010 on; files go to a folder of the test."""
    from django.db import connection

    settings.MEDIA_ROOT = tmp_path
    with connection.cursor() as cursor:
        # held by nobody else first: autovacuum writes these rows of pg_class too, and waits with a table in its hand
        cursor.execute(
            "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
        # tests before this one left pages of rolled-back rows; counted as "pages without rows" they would make the
        # planner take every table of this long transaction for empty
        cursor.execute(
            "UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE relkind IN ('r', 'i')"
            " AND relnamespace = 'public'::regnamespace"
        )
        cursor.executemany(
            "INSERT INTO ledger_fxrate (currency, \"on\", rate_e6, source) SELECT %s, day::date, %s, 'test' "
            "FROM generate_series('2010-01-01'::date, '2026-12-01', '1 month') AS day",
            list(RATES.items()),
        )


def article(code: str) -> tuple[Any, Any]:
    """Frames of a category and one article in it, as the catalogue takes them."""
    from datetime import date

    import polars as pl

    size = {"weight_g": [200], "length_mm": [200], "width_mm": [150], "height_mm": [50]}
    category = pl.DataFrame(
        {
            "category": ["test"], "name_en": ["Test"], "name_zh": ["测试"], **size, "hs_code": ["610910"],
            "origin": ["CN"], "tax_category": ["standard"], "cost_ppm": [300_000], "valid_from": [date(2010, 1, 1)],
            "source": ["test"], "status": ["U"],
        }
    )  # fmt: skip
    sku = pl.DataFrame(
        {"sku": [code], "category": ["test"], "name_en": [code], **size, "cost_minor": [500],
         "cost_currency": ["GBP"], "list_price_minor": [1250], "list_currency": ["GBP"]}
    )  # fmt: skip
    return category, sku
