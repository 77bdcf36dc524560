"""`entrepot explain`: why an order was decided as it was."""

import dataclasses
import json
from typing import Any

import click

from entrepot.config.commands._setup import start_django


@click.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def command(number: str, as_json: bool) -> None:
    """Decide the order NUMBER again with the world it saw, and print every step from price to profit."""
    start_django()
    from entrepot.domains.fulfilment import services
    from entrepot.domains.orders import queries

    ids = queries.ids_of_number(number)
    if len(ids) != 1:
        raise click.ClickException(f"{len(ids) or 'No'} orders have the number {number}.")
    try:
        explanation = services.explain_order(ids[0])
    except services.NotDecided:
        raise click.ClickException(f"Order {number} has not been decided yet.") from None
    differences = services.check_explanation(explanation)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(explanation), default=str, ensure_ascii=False, indent=1))
    else:
        _print(dataclasses.asdict(explanation), identical=not differences)
    raise SystemExit(1 if differences else 0)


def _print(told: dict[str, Any], *, identical: bool) -> None:
    from entrepot.web.formats import money

    decision = told["decision"]
    click.secho(f"order {told['order_id']}: {decision['status']}", bold=True)
    for issue in told["issues"]:
        click.echo(f"  {issue['code']}")
    for step in told["waterfall"]:
        minor, currency = step["amount_minor"], step["currency"]
        if minor is None:
            minor, currency = step["original_minor"], step["original_currency"]
        click.echo(f"  {step['key']:<24}{money(minor, currency):>24}")
    for way in told["ways"]:
        mark = "chosen" if way["chosen"] else ""
        click.echo(f"  {way['warehouse']:<8}{way['service']:<24}{mark}")
    for line in dict.fromkeys(_rule_line(rule) for rule in told["rules"]):
        click.echo(line)
    click.echo(f"  world {told['world_hash'][:12]}, engine {told['engine_version']}")
    click.echo(
        "  decided again: identical to what is booked"
        if identical
        else "  decided again: DIFFERS from what is booked"
    )


def _rule_line(rule: dict[str, Any]) -> str:
    since = rule.get("valid_from") or rule.get("on") or "always"
    return f"  rule {rule['table']} {rule['key']} from {since} ({rule.get('status', '')}) {rule.get('source', '')}"
