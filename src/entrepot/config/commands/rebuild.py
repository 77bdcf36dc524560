"""`entrepot rebuild`: compute stock levels and balances again from their journals."""

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.argument("what", type=click.Choice(["stock", "ledger", "all"]), default="all")
def command(what: str) -> None:
    """Compute WHAT again from the moves and postings, and say whether the stored figures were right."""
    start_django()
    from entrepot.domains.ledger import queries as books
    from entrepot.domains.ledger import services as ledger
    from entrepot.domains.warehouse import queries as stock
    from entrepot.domains.warehouse import services as warehouse

    if what in {"stock", "all"}:
        wrong = stock.count_levels_out()
        click.echo(f"stock: {wrong} levels were wrong, {warehouse.rebuild_levels():,} computed again")
    if what in {"ledger", "all"}:
        proof = books.journal_proof()
        click.echo(
            f"ledger: {proof.postings:,} postings {'balance' if proof.is_balanced else 'DO NOT BALANCE'}, "
            f"{proof.balances_out} balances were wrong, {ledger.rebuild_balances():,} computed again"
        )
