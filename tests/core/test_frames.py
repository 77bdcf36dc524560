"""The bulk road keeps every value: nulls, empty texts, Chinese, quotes, flags, days."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction

from entrepot.core import frames
from entrepot.domains.ledger.models import Account

pytestmark = pytest.mark.django_db

SCHEMA = {
    "n": pl.Int64(),
    "text": pl.String(),
    "day": pl.Date(),
    "flag": pl.Boolean(),
    "at": pl.Datetime("us", "UTC"),
}
ROWS = pl.DataFrame(
    [
        (1, "", date(2024, 2, 29), True, datetime(2024, 2, 29, 23, 59, 59, 123456, UTC)),
        (-(2**62), None, None, False, None),
        (None, 'a "quoted", line\nof 中文 \\N', date(1, 1, 1), None, datetime(1999, 1, 1, tzinfo=UTC)),
    ],
    schema=SCHEMA,
    orient="row",
)


def test_what_is_staged_comes_back_the_same():
    table = frames.stage("test", ROWS)

    plain = {name: dtype for name, dtype in SCHEMA.items() if name != "at"}
    assert frames.read(f"SELECT n, text, day, flag FROM {table}", plain).equals(ROWS.drop("at"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT at FROM {table} ORDER BY n NULLS FIRST")
        assert {row[0] for row in cursor.fetchall()} == set(ROWS["at"])


def test_staging_again_replaces_and_commit_empties():
    frames.stage("again", ROWS)
    table = frames.stage("again", ROWS.head(1))

    assert frames.read(f"SELECT n FROM {table}", {"n": pl.Int64()})["n"].to_list() == [1]


def test_query_without_rows_gives_an_empty_frame_of_its_shape():
    empty = frames.read("SELECT n FROM (VALUES (1)) AS t (n) WHERE n > %s", {"n": pl.Int64()}, [5])
    assert (empty.height, empty.schema) == (0, {"n": pl.Int64()})


def test_refusals_of_the_database_are_djangos_errors():
    row = pl.DataFrame(
        {"code": ["1"], "name_en": ["x"], "name_zh": [""], "kind": ["asset"], "is_edited": [False]}
    )
    frames.write("ledger_account", row)
    with pytest.raises(IntegrityError), transaction.atomic():
        frames.write("ledger_account", row)
    assert Account.objects.count() == 1


def test_ids_are_taken_once_and_in_order():
    first, second = frames.take_ids("ledger_entry", 3), frames.take_ids("ledger_entry", 2)
    assert first.to_list() == list(range(first[0], first[0] + 3))
    assert second[0] > first[-1]


def test_packed_frame_is_small_and_whole():
    many = pl.DataFrame({"n": range(10_000), "text": ["same"] * 10_000})
    packed = frames.pack(many)

    assert frames.unpack(packed).equals(many)
    assert len(packed) < many.estimated_size() / 2


def test_query_that_fails_halfway_is_an_error_and_the_connection_lives_on():
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        frames.read("SELECT 1 / (50000 - n) FROM generate_series(1, 60000) AS n", {"n": pl.Int64()})
    with pytest.raises(ProgrammingError, match="nowhere"), transaction.atomic():
        frames.read("SELECT 1 FROM nowhere", {"n": pl.Int64()})

    many = frames.read("SELECT n FROM generate_series(1, 200000) AS n", {"n": pl.Int64()})
    assert many["n"].sum() == 200_000 * 200_001 // 2
