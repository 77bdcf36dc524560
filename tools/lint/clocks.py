"""A decision that comes out differently tomorrow: clocks, randomness and files inside the engine."""

import ast
from collections.abc import Iterator

from tools.lint.base import Finding, Module, dotted

CLOCKS = {"now", "today", "utcnow", "localdate", "monotonic", "perf_counter"}
CLOCK_OWNERS = {"datetime", "date", "time", "timezone"}
FORBIDDEN_IMPORTS = {
    "random",
    "secrets",
    "uuid",
    "os",
    "socket",
    "time",
    "django",
    "psycopg",
    "httpx",
    "requests",
}
FILE_READERS = (
    "read_csv",
    "read_parquet",
    "read_excel",
    "read_json",
    "scan_csv",
    "scan_parquet",
    "read_database",
)


def check(module: Module) -> Iterator[Finding]:
    """Nothing of the kind in `engine` and `kernel`, imported or called."""
    if module.parts[:2] != ("src", "entrepot") or module.parts[2] not in {"engine", "kernel"}:
        return
    for node in ast.walk(module.tree):
        for name in _imports(node):
            if name.split(".")[0] in FORBIDDEN_IMPORTS:
                yield Finding("pure-engine", module.path, getattr(node, "lineno", 1), f"imports {name}")
        if isinstance(node, ast.Call):
            owner, _, last = dotted(node).rpartition(".")
            if last in CLOCKS and owner.rsplit(".", 1)[-1] in CLOCK_OWNERS:
                yield Finding("pure-engine", module.path, node.lineno, f"asks a clock: {owner}.{last}")
            if last in FILE_READERS or dotted(node) == "open":
                yield Finding("pure-engine", module.path, node.lineno, f"reads a file: {dotted(node)}")


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
