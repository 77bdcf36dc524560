"""Run every lint over the tree. Exceptions stand in exceptions.txt, one key a line; that list may only shrink."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.lint import clocks, docstrings, money, sizes, transactions
from tools.lint.base import Finding, Module

ROOT = Path(__file__).resolve().parents[2]
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")
FOLDERS = ("src", "tests", "tools", "benchmarks")
RULES = (sizes.check, money.check, transactions.check, docstrings.check, clocks.check)


def modules(root: Path) -> Iterator[Module]:
    """Every Python file of ours, migrations apart."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield Module.read(root, path)


def findings(root: Path) -> list[Finding]:
    """All breaks of all rules."""
    return [finding for module in modules(root) for rule in RULES for finding in rule(module)]


def judge(found: list[Finding], exceptions: set[str]) -> list[str]:
    """What to print: breaks that are no known exception, and exceptions that are none any more."""
    keys = {finding.key for finding in found}
    new = [str(finding) for finding in found if finding.key not in exceptions]
    return new + [
        f"exceptions.txt: no longer needed, take it out: {key}" for key in sorted(exceptions - keys)
    ]


def main() -> int:
    """1 when something is wrong."""
    lines = EXCEPTIONS.read_text("utf-8").splitlines()
    exceptions = {line for line in lines if line and not line.startswith("#")}
    wrong = judge(findings(ROOT), exceptions)
    print("\n".join(wrong) if wrong else f"own lints passed ({len(exceptions)} exceptions)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
