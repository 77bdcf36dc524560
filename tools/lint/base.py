"""What every lint shares: a parsed module, a finding, and names as they are written."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One break of a rule; `key` names it in the list of exceptions."""

    rule: str
    path: str
    line: int
    text: str
    name: str = ""

    @property
    def key(self) -> str:
        return f"{self.rule} {self.path}{f'::{self.name}' if self.name else ''}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Module:
    """One Python file, its path written from the project's root."""

    path: str
    source: str

    @classmethod
    def read(cls, root: Path, path: Path) -> "Module":
        return cls(path.relative_to(root).as_posix(), path.read_text("utf-8"))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.removesuffix(".py").split("/"))


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its dotted name inside the module."""
    yield from _functions_in(module.tree.body, "")


def _functions_in(
    body: list[ast.stmt], prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name, node
            yield from _functions_in(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from _functions_in(node.body, f"{prefix}{node.name}.")


def dotted(node: ast.expr) -> str:
    """`transaction.atomic` for the expression `transaction.atomic`; calls are looked through."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
