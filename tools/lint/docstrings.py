"""An engine function whose units only its author knew."""

import ast
from collections.abc import Iterator

from tools.lint.base import Finding, Module, dotted

FRAME_TYPES = ("Frame", "LazyFrame", "DataFrame", "Batch", "World", "Decisions")
HEADINGS = ("Shapes:", "Units:")
SHORT = 12  # lines; a function that fits a glance needs no more than its first line


def check(module: Module) -> Iterator[Finding]:
    """Public functions say what they are; those of the engine that take or give frames also say shapes and units."""
    if module.parts[:2] != ("src", "entrepot") or "migrations" in module.parts:
        return
    in_engine = module.parts[2] in {"engine", "kernel"}
    if in_engine and not ast.get_docstring(module.tree) and module.tree.body:
        yield Finding("docstring", module.path, 1, "the module says nothing of itself")
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        text = ast.get_docstring(node) or ""
        if not text:
            if in_engine:
                yield Finding(
                    "docstring", module.path, node.lineno, f"{node.name} has no docstring", node.name
                )
        elif (
            module.parts[2] == "engine" and _handles_frames(node) and not any(one in text for one in HEADINGS)
        ):
            yield Finding(
                "docstring", module.path, node.lineno, f"{node.name}: no 'Shapes:' or 'Units:'", node.name
            )


def _handles_frames(node: ast.FunctionDef) -> bool:
    if (node.end_lineno or node.lineno) - node.lineno < SHORT:
        return False
    annotations = [one.annotation for one in (*node.args.args, *node.args.kwonlyargs)] + [node.returns]
    names = [dotted(one) for one in annotations if one is not None]
    return any(name.endswith(FRAME_TYPES) for name in names)
