"""Forms of the border."""
