"""The bulk road between PostgreSQL and frames: COPY out, COPY in, staging tables, ids, kept frames.

Both sides write CSV the same way (an empty field is null, `""` an empty text), so nothing is converted row by row.
Everything runs on Django's own connection, hence inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from selectors import EVENT_READ, DefaultSelector

import polars as pl
from django.db import connection
from psycopg import Copy, errors, pq

from entrepot.engine.frames import Contract

Frame = pl.DataFrame

_SQL_TYPES: dict[type[pl.DataType], str] = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.String: "text",
    pl.Date: "date",
    pl.Boolean: "boolean",
    pl.Datetime: "timestamptz",
}


def read(query: str, schema: Mapping[str, pl.DataType], params: Sequence[object] = ()) -> Frame:
    """The rows of a query as a frame: the columns of `schema` by position.

    Errors: a text that does not fit the column's type raises polars' ComputeError.
    """
    flags = [name for name, dtype in schema.items() if dtype == pl.Boolean]
    wire = {name: pl.String() if name in flags else dtype for name, dtype in schema.items()}
    with _copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", params) as copy:
        data = b"".join(_rows(copy))
    if not data:
        return pl.DataFrame(schema=dict(schema))
    frame = pl.read_csv(data, has_header=False, schema=wire)
    return frame.with_columns([pl.col(name) == "t" for name in flags]) if flags else frame


def write(table: str, frame: Frame) -> None:
    """Add the frame's rows to a table by COPY; its columns are the table's columns of the same names."""
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    with _copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(frame.write_csv(include_header=False).encode())


def stage(name: str, frame: Frame) -> str:
    """Put a frame into a temporary table that empties itself at the end of the transaction; gives its name.

    The table is made once per connection and shape, so that batches do not swell the system catalogue.
    """
    columns = ", ".join(f'"{column}" {_sql_type(dtype)}' for column, dtype in frame.schema.items())
    shape = f"{hash(columns) & 0xFFFFFFFF:08x}"
    table = f"stage_{name}_{shape}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"pg_temp.{table}"])
        if cursor.fetchone()[0]:
            cursor.execute(f"TRUNCATE {table}")
        else:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DELETE ROWS")
    write(table, frame)
    return table


def take_ids(table: str, count: int) -> pl.Series:
    """Ids for rows about to be written, ascending."""
    schema = {"id": pl.Int64()}
    query = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s) ORDER BY 1"
    return read(query, schema, [table, count])["id"]


def text_array(expression: pl.Expr) -> pl.Expr:
    """A column of lists of codes as the text of a PostgreSQL array; codes are plain words."""
    return pl.concat_str(pl.lit("{"), expression.list.join(","), pl.lit("}"))


def pack(frame: Frame) -> bytes:
    """A frame as compressed Arrow, for keeping."""
    buffer = BytesIO()
    frame.write_ipc(buffer, compression="zstd")
    return buffer.getvalue()


def unpack(data: bytes | memoryview) -> Frame:
    """A kept frame."""
    return pl.read_ipc(BytesIO(bytes(data)))


def contract_columns(contract: Contract, sources: Mapping[str, str]) -> str:
    """The select list that yields a contract's columns; `sources` gives the SQL of those named otherwise."""
    return ", ".join(
        f"{sources.get(column.name, chr(34) + column.name + chr(34))}" for column in contract.columns
    )


@contextmanager
def _copy(statement: str, params: Sequence[object] = ()) -> Iterator[Copy]:
    """A COPY on Django's connection; what the database refuses is raised as Django's own error."""
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(statement, params) as copy,
    ):
        yield copy


def _rows(copy: Copy) -> list[memoryview]:
    """Every row of a COPY, taken straight from libpq: five times less work than `Copy.read` row by row.

    Ends as `Copy` itself would: the final result is fetched, and what the server refused is raised.
    """
    server, rows = copy.connection.pgconn, []
    with DefaultSelector() as readable:
        readable.register(server.socket, EVENT_READ)
        while (taken := server.get_copy_data(1))[0] >= 0:
            if taken[0]:
                rows.append(taken[1])
            else:
                readable.select()
                server.consume_input()
    result = server.get_result()
    while server.get_result():
        pass
    copy._finished = True
    if result is None or result.status != pq.ExecStatus.COMMAND_OK:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) if result else None
        message = (
            result.error_message.decode("utf-8", "replace") if result else "the server closed the connection"
        )
        raise (errors.lookup(state.decode()) if state else errors.OperationalError)(message)
    return rows


def _sql_type(dtype: pl.DataType) -> str:
    return _SQL_TYPES[dtype.base_type()]
