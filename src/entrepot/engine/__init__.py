"""The pure engine: review, propose, price, choose, post over Polars frames."""

from entrepot.engine.batch import Batch
from entrepot.engine.decide import ENGINE_VERSION, Decided, decide
from entrepot.engine.explain import Explanation, explain
from entrepot.engine.quote import Quoted, quote, quote_rows
from entrepot.engine.world import World

__all__ = [
    "ENGINE_VERSION",
    "Batch",
    "Decided",
    "Explanation",
    "Quoted",
    "World",
    "decide",
    "explain",
    "quote",
    "quote_rows",
]
