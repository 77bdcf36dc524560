"""`entrepot marts`: facts as Parquet files by month, for the pages of insight, own queries and other tools."""

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.option("--check", is_flag=True, help="Write nothing: hold the files against manifest and ledger.")
def command(check: bool) -> None:
    """Export what changed since the last time; --check proves what stands, and exits 1 where it does not hold."""
    start_django()
    from entrepot.domains.insight import queries, services

    if check:
        proofs = queries.mart_proofs()
        for proof in proofs:
            click.echo(
                f"{'ok ' if proof.holds else 'OUT'}  {proof.name:<44} {proof.left:>22,} {proof.right:>22,}"
            )
        raise SystemExit(0 if proofs and all(proof.holds for proof in proofs) else 1)
    run = services.start_export()
    with click.progressbar(length=1, label="months", show_pos=True) as bar:

        def tell(done: int, total: int, _what: str) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        try:
            services.export_marts(run, tell)
        except services.ExportBusy:
            raise click.ClickException("another process is exporting the marts at this moment") from None
    click.echo(f"marts: {run.total:,} months of facts, {run.written:,} files written, {run.rows:,} rows")
