"""The reader that is installed here, found out from what there is: modules, networks, other programs.

The numbers that its judging turns on are the named constants of the steps that look at paper, taken from the modules
themselves: a threshold that is added or changed changes the reader, and no list can be forgotten.
"""

from __future__ import annotations

import hashlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, is_dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import ModuleType

import numpy as np

import pipeline
from pipeline import page, reading, review
from pipeline.reading.letters import installed_network, line_reader
from pipeline.reading.tesseract import tesseract_languages, tesseract_version
from pipeline.review.reader import Number, Reader, describe_reader

_STEPS = (page, reading, review)
"""The steps from a picture to an answer."""


_LARGEST_TABLE = 1000
"""Numbers in an array that is still told in full; a larger one would be a network, and those are told by hash."""


@cache
def this_reader() -> Reader:
    """Return the reader installed here. Once a process: reads the networks, imports what reads, asks Tesseract."""
    thresholds = {module.__name__: found for module in _modules() if (found := named_numbers(module))}
    return describe_reader(pipeline.__version__, _models(), _tools(), thresholds)


def named_numbers(module: ModuleType) -> dict[str, Number]:
    """Return the constants of a module that are numbers, or tuples, mappings or dataclasses of numbers, by name."""
    constants = {name: value for name, value in vars(module).items() if name.isupper()}
    return {name: number for name, value in sorted(constants.items()) if (number := _number(value)) is not None}


def _modules() -> Iterator[ModuleType]:
    for step in _STEPS:
        for found in pkgutil.walk_packages(step.__path__, f"{step.__name__}."):
            if found.name != __name__:
                yield import_module(found.name)


def _models() -> dict[str, str]:
    """The SHA-256 of every network shipped, and of the one for handwriting where it is installed."""
    shipped = (model for model in files(reading).joinpath("models").iterdir() if model.name.endswith(".onnx"))
    networks = {model.name: model.read_bytes() for model in shipped}
    if network := installed_network():
        networks[str(line_reader())] = network
    return {name: hashlib.sha256(network).hexdigest() for name, network in networks.items()}


def _tools() -> dict[str, str]:
    """What reads print, with its languages, if it is installed."""
    languages = "+".join(sorted(tesseract_languages()))
    return {"tesseract": f"{tesseract_version()} {languages}"} if languages else {}


def _number(value: object) -> Number | None:
    """The value as JSON, or None where any part of it is no number."""
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case tuple() | list():
            listed = [_number(part) for part in value]
            return [part for part in listed if part is not None] if None not in listed else None
        case Mapping():
            named = {str(name): _number(part) for name, part in value.items()}
            return (
                {name: part for name, part in named.items() if part is not None} if None not in named.values() else None
            )
        case np.ndarray():
            return _number(value.tolist()) if value.size <= _LARGEST_TABLE else None
        case _:
            return _number(asdict(value)) if is_dataclass(value) and not isinstance(value, type) else None
