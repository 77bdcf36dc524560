"""The vocabulary of frames that reads the same for a million rows and for one.

Modules of the engine that import this as `pl` write expressions as they would in Polars. On a Polars frame they are
Polars expressions; on a frame of `Few` rows they are worked out in plain Python. What is missing here is Polars' own.
"""

from polars import (
    DataFrame,
    DataType,
    Date,
    Enum,
    Expr,
    Int64,
    Int128,
    Series,
    String,
    UInt32,
    date_range,
    duration,
    exceptions,
)

from entrepot.engine.few.column import Column
from entrepot.engine.few.frame import Few
from entrepot.engine.few.names import (
    any_horizontal,
    coalesce,
    col,
    concat,
    int_range,
    lit,
    max_horizontal,
    min_horizontal,
    remembered,
    struct,
    sum_horizontal,
    when,
)
from entrepot.engine.few.names import every as all  # noqa: A004
from entrepot.engine.few.names import height as len  # noqa: A004

__all__ = [
    "Column", "DataFrame", "DataType", "Date", "Enum", "Expr", "Few", "Int64", "Int128", "Series", "String", "UInt32",
    "all", "any_horizontal", "coalesce", "col", "concat", "date_range", "duration", "exceptions", "int_range", "len",
    "lit", "max_horizontal", "min_horizontal", "remembered", "struct", "sum_horizontal", "when",
]  # fmt: skip
