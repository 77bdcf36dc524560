"""A price of 0.1 + 0.2: money and weight as binary floats."""

import ast
from collections.abc import Iterator

from tools.lint.base import Finding, Module, dotted

FLOAT_FIELDS = {"FloatField", "Float32", "Float64"}
EXACT_SUFFIXES = ("_minor", "_ppm", "_g", "_mm", "_e2", "_e3", "_e4", "_e6", "_wh")


def check(module: Module) -> Iterator[Finding]:
    """No FloatField in any model; no exact column declared, cast or annotated as a float."""
    is_model = "models" in module.parts or "migrations" in module.parts
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and is_model and dotted(node).endswith("FloatField"):
            yield Finding(
                "money-float", module.path, node.lineno, "a float column; use BigIntegerField in minor units"
            )
        if name := _exact_name_as_float(node):
            yield Finding("money-float", module.path, getattr(node, "lineno", 1), f"{name} is a float", name)


def _exact_name_as_float(node: ast.AST) -> str:
    if isinstance(node, ast.AnnAssign | ast.arg):
        name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
        annotation = ast.unparse(node.annotation) if node.annotation else ""
        return name if name.endswith(EXACT_SUFFIXES) and annotation in {"float", "float | None"} else ""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        name = dotted(node.targets[0])
        return name if name.endswith(EXACT_SUFFIXES) and dotted(node.value) == "float" else ""
    if isinstance(node, ast.Call) and dotted(node).endswith("Column") and node.args:
        first = node.args[0]
        name = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        kinds = {dotted(argument).rsplit(".", 1)[-1] for argument in node.args[1:]}
        return name if name.endswith(EXACT_SUFFIXES) and kinds & FLOAT_FIELDS else ""
    return ""
