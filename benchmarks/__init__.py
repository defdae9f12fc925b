"""Benchmarks: each module measures one thing and prints its figures, on its last line, as one JSON object."""
