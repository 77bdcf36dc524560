"""The bridge between adapters' records and the rooms' bulk commands, and the figures of the reports."""
