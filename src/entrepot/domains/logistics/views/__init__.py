"""Pages of the ways."""
