"""Pages of the border."""
