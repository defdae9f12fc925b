"""The command line: a thin shell over the package, one module a stage of the journey."""

from pipeline.cli.main import main

__all__ = ["main"]
