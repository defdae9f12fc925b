"""Benchmarks: each module here measures one thing and prints its figures as one JSON object on its last line."""
