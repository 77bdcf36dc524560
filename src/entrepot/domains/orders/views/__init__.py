"""Pages of the orders room: list, order, review queue, files to take away."""
