"""God files and god functions: they begin as one more line."""

import ast
from collections.abc import Iterator

from tools.lint.base import Finding, Module, functions

FILE_LINES = 400
TEST_FILE_LINES = 500
FUNCTION_LINES = 60
PARAMETERS = 6


def check(module: Module) -> Iterator[Finding]:
    """Lines of the file, lines and parameters of each function."""
    lines = module.source.count("\n")
    limit = TEST_FILE_LINES if module.parts[0] == "tests" else FILE_LINES
    if lines > limit:
        yield Finding("file-size", module.path, 1, f"{lines} lines, more than {limit}")
    for name, node in functions(module):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            yield Finding("function-size", module.path, node.lineno, f"{name}: {length} lines", name)
        count = len(_parameters(node))
        if count > PARAMETERS and not _is_command(node):
            yield Finding("parameters", module.path, node.lineno, f"{name}: {count} parameters", name)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A command line's options are its parameters; nobody passes them by position."""
    return any("command" in ast.unparse(decorator) for decorator in node.decorator_list)
