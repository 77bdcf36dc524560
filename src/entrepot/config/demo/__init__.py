"""The demo company: a seeded generator of catalogue, stock, buyers and orders."""
