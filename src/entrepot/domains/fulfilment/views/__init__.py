"""Pages of the spine: runs, why an order was decided so, and the world's tables."""
