"""Libraries that only some formats need, and that may not be installed."""

from __future__ import annotations


class ExtraMissingError(Exception):
    """A format needs libraries that are not installed; the message says how to add them."""
