"""`entrepot serve`: the web product."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

from entrepot.config.commands._setup import start_django

PORTS_TRIED = 20
SECONDS_TO_STOP = 10


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
    click.echo(f"Entrepôt: http://{host}:{port}/")
    run_server(host, port, workers=workers, threads=threads, jobs=jobs)


def prepare() -> None:
    """Start the database and make the compressed, hashed copies of the browser files."""
    os.environ["ENTREPOT_STATIC"] = "built"
    start_django()
    collect_static()


def run_server(host: str, port: int, *, workers: int = 2, threads: int = 4, jobs: bool = True) -> None:
    """Run the web server, and a worker for jobs beside it, until either ends or somebody says stop."""
    sys.stdout.flush()
    arguments = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
    arguments += ["--blocking-threads", str(threads), "--backlog", "512", "--log-level", "warning"]
    arguments += ["--respawn-failed-workers", "entrepot.config.wsgi:application"]
    children = [_start("granian", *arguments, ENTREPOT_POOL="1")]
    if jobs:
        children.append(_start("entrepot.config.cli", "worker"))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        click.echo("\nstopping")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in children:
            child.terminate()
        for child in children:
            _wait(child)


def _start(module: str, *arguments: str, **env: str) -> "subprocess.Popen[bytes]":
    """In a session of its own: Ctrl-C reaches us alone, and we stop the children in order."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], env=os.environ | env, start_new_session=True
    )


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
