"""`entrepot serve`: the web product."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from entrepot.config.commands._setup import start_django

PORTS_TRIED = 20
SECONDS_TO_STOP = 10


@dataclass(frozen=True)
class Options:
    """How much of a machine the server may use."""

    workers: int = 2
    threads: int = 4
    jobs: bool = True

    def arguments(self, host: str, port: int) -> list[str]:
        """For granian."""
        return [
            *("--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(self.workers)),
            *("--blocking-threads", str(self.threads), "--backlog", "512", "--log-level", "warning"),
            *("--respawn-failed-workers", "entrepot.config.wsgi:application"),
        ]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, help="The next free port is taken when it is in use."
)
@click.option("--workers", default=2, show_default=True, help="Server processes.")
@click.option("--threads", default=4, show_default=True, help="Threads of each process.")
@click.option(
    "--jobs/--no-jobs", default=True, show_default=True, help="Run one worker for jobs beside the server."
)
def command(host: str, port: int, workers: int, threads: int, jobs: bool) -> None:
    """Serve the web product until Ctrl-C."""
    prepare()
    port = free_port(host, port)
    run_server(host, port, lambda: click.echo(address(host, port)), options=Options(workers, threads, jobs))


def address(host: str, port: int) -> str:
    """The line that tells a person where to go."""
    return f"Entrepôt: http://{host}:{port}/"


def prepare() -> None:
    """Start the database and make the compressed, hashed copies of the browser files."""
    os.environ["ENTREPOT_STATIC"] = "built"
    start_django()
    collect_static()


def run_server(host: str, port: int, announce: Callable[[], None], *, options: Options | None = None) -> None:
    """Run the web server, and a worker for jobs beside it, until the server ends or somebody says stop.

    `announce` is called once the server answers. A worker that dies is started anew.
    """
    options = options or Options()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    server = _start("granian", *options.arguments(host, port), ENTREPOT_POOL="1")
    worker = _start("entrepot.config.cli", "worker") if options.jobs else None
    try:
        while server.poll() is None and not _answers(host, port):
            time.sleep(0.1)
        announce()
        sys.stdout.flush()
        while server.poll() is None:
            time.sleep(0.5)
            if worker and worker.poll() is not None:
                worker = _start("entrepot.config.cli", "worker")
    except KeyboardInterrupt:
        click.echo("\nstopping")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        children = [child for child in (server, worker) if child]
        for child in children:
            child.terminate()
        for child in children:
            _wait(child)


def _start(module: str, *arguments: str, **env: str) -> "subprocess.Popen[bytes]":
    """In a session of its own: Ctrl-C reaches us alone, and we stop the children in order."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=os.environ | env, start_new_session=True
    )


def _answers(host: str, port: int) -> bool:
    """Whether a page can be had already: the port opens before the rooms are loaded."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _wait(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(timeout=SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or the next one nobody listens on."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise click.ClickException(f"No free port between {wanted} and {wanted + PORTS_TRIED - 1}.")


def collect_static() -> None:
    """`collectstatic`, skipped while no browser file changed; a process of its own, with the hashing storage set."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders

    root = Path(settings.STATIC_ROOT)
    found = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    state = "\n".join(f"{path} {Path(path).stat().st_mtime_ns}" for path in sorted(found))
    stamp = root / ".stamp"
    if stamp.exists() and stamp.read_text("utf-8") == state:
        return
    arguments = ["collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    subprocess.run([sys.executable, "-m", "entrepot.config.cli", "manage", *arguments], check=True)
    stamp.write_text(state, "utf-8")
