"""What goods on stock cost: first in, first out, and costs that become known later."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.kernel.money import MoneyError, share


def fifo_costs(receipts: Sequence[tuple[int, int]], issues: Sequence[int]) -> list[int]:
    """The cost of goods sold of each issue when the oldest receipt goes first.

    Units: receipts are (pieces, cost per piece in minor units) in order of arrival, issues pieces in order of sale.
    Errors: MoneyError for a negative quantity, or when more is issued than was received.
    """
    left = [[pieces, cost] for pieces, cost in receipts]
    if any(pieces < 0 for pieces, _ in receipts) or any(pieces < 0 for pieces in issues):
        raise MoneyError("a quantity is negative")
    costs = []
    for pieces in issues:
        cost, wanted = 0, pieces
        while wanted:
            if not left:
                raise MoneyError("more is issued than was received")
            taken = min(wanted, left[0][0])
            cost, wanted = cost + taken * left[0][1], wanted - taken
            left[0][0] -= taken
            if not left[0][0]:
                left.pop(0)
        costs.append(cost)
    return costs


def late_cost(amount: int, received: int, sold: int) -> tuple[int, int]:
    """A cost of a receipt that becomes known after part of it was sold: (to stock, to cost of goods sold).

    The part of the pieces sold goes to cost of goods sold, the rest onto the stock; never twice, never lost.
    Units: minor units; pieces. Errors: MoneyError when more was sold than received, or nothing was received.
    """
    if not 0 <= sold <= received or received == 0:
        raise MoneyError("pieces sold must be between none and those received")
    to_stock, to_sold = share(amount, [received - sold, sold])
    return to_stock, to_sold
