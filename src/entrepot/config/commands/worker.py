"""`entrepot worker`: carries out jobs."""

import os

import click

from entrepot.config.commands._setup import start_django

# a batch is worked off by one thread alone
ENGINE_THREADS = {"POLARS_MAX_THREADS": "1"}


@click.command()
@click.option(
    "--concurrency",
    default=1,
    show_default=True,
    help="Jobs at a time; start more workers to use more cores.",
)
@click.option("--once", is_flag=True, help="Stop when no job is left.")
@click.option("--queue", "queues", multiple=True, help="Only these queues (may be repeated).")
def command(concurrency: int, once: bool, queues: tuple[str, ...]) -> None:
    """Carry out jobs: imports, runs, deliveries of events. Start as many as wanted, on any machine."""
    for name, value in ENGINE_THREADS.items():
        os.environ.setdefault(name, value)
    start_django()
    from procrastinate.contrib.django import app

    from entrepot.core.jobboard import keep_job_logs
    from entrepot.domains.fulfilment.services import warm

    if not once:
        warm()
    worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    listener = keep_job_logs()
    try:
        with worker_app.open():
            worker_app.run_worker(
                queues=list(queues) or None,
                concurrency=concurrency,
                wait=not once,
                install_signal_handlers=True,
            )
    finally:
        listener.stop()
