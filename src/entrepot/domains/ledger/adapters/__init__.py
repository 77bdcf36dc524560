"""Outside sources of the ledger."""
