"""`entrepot decide`: let the engine decide the orders that wait."""

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.argument("numbers", nargs=-1)
def command(numbers: tuple[str, ...]) -> None:
    """Decide all waiting orders, or those with the given NUMBERS, and book what was decided."""
    start_django()
    from entrepot.domains.fulfilment import services
    from entrepot.domains.orders import queries

    ids = [order_id for number in numbers for order_id in queries.ids_of_number(number)]
    if numbers and not ids:
        raise click.ClickException("No order has such a number.")
    run = services.start_run(ids or None)
    with click.progressbar(length=max(run.total, 1), label="decided", show_pos=True) as bar:
        services.run_inline(run, lambda done, total: bar.update(done - bar.pos))
    click.echo(f"run {run.pk}: {run.total:,} orders, {run.state}")
