"""Entrepôt (转口港): the operating system of a cross-border seller."""

__version__ = "0.1.0"
