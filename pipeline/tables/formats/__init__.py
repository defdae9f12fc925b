"""The formats of `export`: each a small module that turns one table into bytes, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import BinaryIO

from pipeline.tables.extras import ExtraMissingError
from pipeline.tables.table import Table

FORMATS = {
    "csv": "formats.text.write_csv",
    "csv-bom": "formats.text.write_csv_with_bom",
    "json": "formats.text.write_json",
    "jsonl": "formats.text.write_jsonl",
    "xlsx": "formats.xlsx.write_xlsx",
    "parquet": "formats.parquet.write_parquet",
    "sav": "formats.statistical.write_sav",
    "dta": "formats.statistical.write_dta",
    "datapackage": "formats.datapackage.write_datapackage",
    "ddi": "formats.ddi.write_ddi",
    "codebook": "codebook.write_codebook_html",
    "codebook-csv": "codebook.write_codebook_csv",
}
"""What `export --format` offers, and the module and function in `pipeline.tables` behind each."""


def write(table: Table, name: str, out: BinaryIO) -> None:
    """Write a table in one of `FORMATS`. Raises ExtraMissingError where its libraries are not installed."""
    module, _, function = FORMATS[name].rpartition(".")
    try:
        writer: Callable[[Table, BinaryIO], None] = getattr(import_module(f"pipeline.tables.{module}"), function)
    except ModuleNotFoundError as error:
        raise ExtraMissingError(
            f"To write {name} files, {error.name} is needed, which is not installed. "
            'Add it with: pip install "pillarbox[analysis]"'
        ) from error
    writer(table, out)
