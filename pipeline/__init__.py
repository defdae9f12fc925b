"""Pillarbox: feedback on paper and online, read into one record."""

__version__ = "0.1.0"
