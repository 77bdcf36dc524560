"""Measurements of speed: `make bench` runs them all and writes `benchmarks/out/latest.json`."""
