"""A carrier that hangs while we hold row locks; a job that starts before its row is committed."""

import ast
from collections.abc import Iterator

from tools.lint.base import Finding, Module, dotted

HTTP = {"httpx", "requests", "urlopen", "urllib"}
HTTP_CLIENT_CALLS = {
    "client.get",
    "client.post",
    "client.put",
    "client.delete",
    "client.request",
    "client.send",
}
DEFERRALS = {"defer", "defer_async", "batch_defer"}


def check(module: Module) -> Iterator[Finding]:
    """No HTTP call inside `atomic`; jobs are deferred inside `on_commit` only."""
    if module.parts[0] == "tests":
        return
    visitor = _Visitor(module)
    visitor.visit(module.tree)
    yield from visitor.findings


class _Visitor(ast.NodeVisitor):
    def __init__(self, module: Module) -> None:
        self.module, self.findings = module, list[Finding]()
        self.in_atomic = self.in_commit_hook = 0
        self.hooked = {
            dotted(call.args[-1]) for call in _calls(module.tree) if _is_commit_hook(call) and call.args
        }

    def visit_With(self, node: ast.With) -> None:
        depth = sum(_is_atomic(item.context_expr) for item in node.items)
        self.in_atomic += depth
        self.generic_visit(node)
        self.in_atomic -= depth

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        atomic = int(any(_is_atomic(decorator) for decorator in node.decorator_list))
        hook = int(node.name in self.hooked)
        self.in_atomic += atomic
        self.in_commit_hook += hook
        self.generic_visit(node)
        self.in_atomic -= atomic
        self.in_commit_hook -= hook

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        name = dotted(node)
        if self.in_atomic and (name.split(".")[0] in HTTP or name in HTTP_CLIENT_CALLS):
            self._report(
                node, "http-in-atomic", f"{name} inside a transaction; record the intent, commit, call"
            )
        # a job takes its arguments by name; a queryset's defer() takes columns by position
        if name.rsplit(".", 1)[-1] in DEFERRALS and "." in name and not node.args and not self.in_commit_hook:
            self._report(node, "job-before-commit", f"{name} outside transaction.on_commit")
        inside = int(_is_commit_hook(node))
        self.in_commit_hook += inside
        self.generic_visit(node)
        self.in_commit_hook -= inside

    def _report(self, node: ast.Call, rule: str, text: str) -> None:
        self.findings.append(Finding(rule, self.module.path, node.lineno, text))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_atomic(node: ast.expr) -> bool:
    return dotted(node).rsplit(".", 1)[-1] == "atomic"


def _is_commit_hook(node: ast.Call) -> bool:
    return dotted(node).rsplit(".", 1)[-1] == "on_commit"
