"""The project's own lints. Each is named after the accident it prevents; `python -m tools.lint` runs them all."""
