"""A Spark standalone cluster on this machine: one master, two workers, free ports, gone at the end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from entrepot.domains.fulfilment.adapters.java import has_java, java_home

HOST, WORKERS, PATIENCE = "127.0.0.1", 2, 120
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"  # short programs: compile little


def missing() -> str:
    """What this machine lacks for a cluster, in words; empty when it has all."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed: uv sync --extra dev --extra spark"
    if not has_java():
        return "no Java: install a runtime of version 17 or 21, or the extra `spark`"
    return ""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a master that has all its workers."""
    port = _free_port()
    address, started = f"spark://{HOST}:{port}", []
    log = folder / "master.log"
    words = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir")
    try:
        started.append(
            _start(folder, "master", "master.Master", "--port", str(port), "--webui-port", str(_free_port()))
        )
        started += [
            _start(folder, f"worker{n}", "worker.Worker", *words, str(folder / f"work{n}"), address)
            for n in range(WORKERS)
        ]
        _wait(log, started)
        yield address
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            process.wait(20)


def environment(folder: Path) -> dict[str, str]:
    """What programs of Spark read of their surroundings."""
    import pyspark

    home = java_home(folder)
    return {
        **os.environ,
        "JAVA_HOME": str(home),
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LAUNCHER_OPTS": QUICK,
    }


def _start(folder: Path, name: str, program: str, *words: str) -> "subprocess.Popen[bytes]":
    env = environment(folder)
    command = [
        f"{env['SPARK_HOME']}/bin/spark-class",
        f"org.apache.spark.deploy.{program}",
        "--host",
        HOST,
        *words,
    ]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)


def _wait(log: Path, started: "list[subprocess.Popen[bytes]]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if log.read_text("utf-8", "replace").count("Registering worker") >= WORKERS:
            return
        if any(process.poll() is not None for process in started):
            break
        time.sleep(0.2)
    raise RuntimeError(f"the cluster did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
