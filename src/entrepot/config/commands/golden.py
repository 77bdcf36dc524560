"""`entrepot golden`: compute worked cases from a file and compare them figure by figure."""

from pathlib import Path

import click

from entrepot.config.demo.world import demo_world
from entrepot.config.golden import evaluate


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--notes/--no-notes", default=False, help="Also say where the world's own rule differs from the case."
)
def command(file: Path, notes: bool) -> None:
    """Evaluate the cases of FILE by the engine and the shipped rules; exit 1 unless all pass."""
    outcomes = evaluate(file, demo_world())
    for outcome in outcomes:
        click.echo(
            f"{outcome.case_id}: {outcome.verdict}"
            + (f" ({'; '.join(outcome.differences)})" if outcome.differences else "")
        )
        for note in outcome.notes if notes else ():
            click.echo(f"    {note}")
    counts = {
        verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("pass", "fail", "unsupported")
    }
    click.echo(f"{counts['pass']} passed, {counts['fail']} failed, {counts['unsupported']} unsupported")
    raise SystemExit(0 if counts["pass"] == len(outcomes) else 1)
