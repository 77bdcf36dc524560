"""The pure engine: review, propose, price, choose, post over Polars frames."""
